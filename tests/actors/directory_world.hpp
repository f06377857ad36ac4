#pragma once

#include "actors/directory/directory_actor.hpp"
#include "tests/actors/actor_world.hpp"
#include "tests/directory/simulated_network.hpp"

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace plenary::test {

/// Counts, and keeps the latest observation of each histogram.
class keeping_telemetry final : public telemetry {
public:
  void count(counter which, std::uint64_t amount) noexcept override {
    counters[static_cast<std::size_t>(which)] += amount;
  }
  void set(gauge, double) noexcept override {}
  void add(gauge, double) noexcept override {}
  void observe(histogram which, double seconds) noexcept override {
    latest[static_cast<std::size_t>(which)] = seconds;
  }
  std::uint64_t operator[](counter which) const { return counters[static_cast<std::size_t>(which)]; }
  double operator[](histogram which) const { return latest[static_cast<std::size_t>(which)]; }

private:
  std::array<std::uint64_t, static_cast<std::size_t>(counter::count_)> counters{};
  std::array<double, static_cast<std::size_t>(histogram::count_)> latest{};
};

/// One node: a real directory with its rooms and links, on a simulated network.
class directory_node final : public peer_network, public link_user {
public:
  directory_node(actor_world& world, simulated_network& network, std::size_t index, bool hold)
      : network_(network)
      , index_(index) {
    edges = world.edges();
    edges.node = name_of(index);
    edges.meters = &meters;
    edges.ticks = &ticks;
    edges.peers = this;
    edges.permit = &permit;
    edges.mono_clock = [&network] { return network.time().now(); };
    edges.wall_clock = [&network] {
      return wall_time{std::chrono::seconds{1790000000}} +
             std::chrono::duration_cast<wall_time::duration>(network.time().now().time_since_epoch());
    };
    directory_settings settings;
    settings.cluster.self.name = edges.node;
    settings.cluster.self.address = edges.node.value;
    settings.cluster.expected_peers = network.size() - 1;
    settings.cluster.size = network.size();
    settings.cluster.hold = hold;
    directory = world.system().spawn(plenary::directory, settings, &edges, &permit);
    network.start(index, settings.cluster.self, *this);
  }

  /// The process ends without a word.
  void kill() {
    network_.kill(index_);
    caf::anon_send_exit(directory, caf::exit_reason::user_shutdown);
  }

  void ask(const node_name& peer, peer_request what, milliseconds, callback done) override {
    network_.ask(index_, peer, std::move(what), std::move(done));
  }
  void set_status(member_status status) override { network_.set_status(index_, std::move(status)); }
  void set_addresses(std::vector<std::string>) override {}
  void cut(const node_name& peer, milliseconds pause) override { network_.cut(index_, peer, pause); }

  void on_link_up(const peer_identity& peer, const member_status& status) override {
    caf::anon_send(directory, link_came_up{peer, status});
  }
  void on_status(const node_name& peer, const member_status& status, mono_time asked_at) override {
    caf::anon_send(directory, status_came{peer, status, asked_at});
  }
  void on_link_down(const node_name& peer) override {
    caf::anon_send(directory, link_went_down{peer, link_end::closed});
  }
  void on_request(const node_name& peer, const peer_request& what,
                  std::function<void(result<peer_reply>)> answer) override {
    caf::anon_send(directory, peer_request_came{peer, what, std::move(answer)});
  }

  node_edges edges;
  keeping_telemetry meters;
  manual_ticks ticks;
  mixing_permit permit;
  directory_actor directory;

private:
  simulated_network& network_;
  std::size_t index_;
};

/// What somebody was answered, once he was.
template <class Answer>
using pending = std::shared_ptr<std::optional<Answer>>;

/// Several nodes in one process and one simulated time.
class directory_world {
public:
  explicit directory_world(std::size_t size, unsigned seed = 1, bool hold = false)
      : network(size, seed, milliseconds{1500}) {
    for (std::size_t i = 0; i < size; ++i)
      nodes.push_back(std::make_unique<directory_node>(world, network, i, hold));
    pass(std::chrono::seconds{5});
  }

  ~directory_world() {
    for (auto& node : nodes)
      node->kill();
    world.settle();
    for (auto& node : nodes)
      node->directory = nullptr;
  }

  directory_world(const directory_world&) = delete;
  directory_world& operator=(const directory_world&) = delete;

  /// Lets time pass on the network and for the actors alike.
  void pass(milliseconds time) {
    for (milliseconds passed{0}; passed < time; passed += step) {
      network.time().run_until(network.time().now() + step);
      world.pass(step);
    }
  }

  template <class Answer, class Message>
  pending<Answer> ask(std::size_t node, Message message) {
    auto answer = std::make_shared<std::optional<Answer>>();
    world.system().spawn([target = nodes[node]->directory, message, answer](caf::event_based_actor* self) {
      self->request(target, caf::infinite, message)
          .then([answer](const Answer& got) { *answer = got; }, [](const caf::error&) {});
    });
    world.settle();
    return answer;
  }

  /// Asks one node as if a peer had.
  pending<result<peer_reply>> ask_as(std::size_t peer, std::size_t node, peer_request what) {
    auto answer = std::make_shared<std::optional<result<peer_reply>>>();
    nodes[node]->on_request(name_of(peer), what, [answer](auto got) { *answer = std::move(got); });
    world.settle();
    return answer;
  }

  pending<result<peer::room_place>> locate(std::size_t node, const std::string& name) {
    return ask<result<peer::room_place>>(node, locate_room{{{"cust"}, name}});
  }

  /// Where the room is, as the node knows after a while; fails the test when it knows nothing.
  peer::room_place place_of(std::size_t node, const std::string& name) {
    auto answer = locate(node, name);
    for (int i = 0; i < 60 && !*answer; ++i)
      pass(milliseconds{100});
    EXPECT_TRUE(*answer && **answer) << name << " has no place";
    return *answer && **answer ? ***answer : peer::room_place{};
  }

  std::uint64_t total(counter which) const {
    std::uint64_t sum = 0;
    for (const auto& node : nodes)
      sum += node->meters[which];
    return sum;
  }

  actor_world world;
  simulated_network network;
  std::vector<std::unique_ptr<directory_node>> nodes;

private:
  static constexpr milliseconds step{5};
};

/// The number of a node from its name.
inline std::size_t index_of(const node_name& name) {
  return static_cast<std::size_t>(name.value.back() - 'a');
}

} // namespace plenary::test
