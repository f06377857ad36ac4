#pragma once

#include "node/link/kj_peer_network.hpp"
#include "tests/support/fake_edges.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>

namespace plenary::test {

using namespace std::chrono_literals;

/// Remembers what it is told, answers requests by a function, and lets a test wait for any of it.
class recording_listener final : public peer_listener {
public:
  struct up {
    peer_identity peer;
    member_status status;
  };
  struct status_told {
    node_name peer;
    member_status status;
    mono_time asked_at;
  };
  using answerer =
      std::function<void(const node_name& peer, peer_request what, peer_network::callback answer)>;

  void on_link_up(peer_identity peer, member_status status) override {
    change([&] {
      links_[peer.name] = peer;
      story_.push_back("up " + peer.name.value);
      ups_.push_back({std::move(peer), std::move(status)});
    });
  }
  void on_status(const node_name& peer, member_status status, mono_time asked_at) override {
    change([&] { statuses_.push_back({peer, std::move(status), asked_at}); });
  }
  void on_link_down(const node_name& peer, link_end reason) override {
    change([&] {
      links_.erase(peer);
      story_.push_back("down " + peer.value + " " + std::string{to_string(reason)});
    });
  }
  void on_request(const node_name& peer, peer_request what, peer_network::callback answer) override {
    answerer current;
    {
      std::lock_guard lock(mutex_);
      current = answer_;
    }
    current(peer, std::move(what), std::move(answer));
  }

  void answer_with(answerer answer) {
    std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  void note(std::string what) {
    change([&] { story_.push_back(std::move(what)); });
  }

  /// Waits until `holds` for this listener, asked under its lock; false when it does not in time.
  template <class Predicate>
  bool wait_until(Predicate holds, std::chrono::milliseconds timeout = 10s) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [&] { return holds(*this); });
  }
  bool wait_for_link(const std::string& peer, std::chrono::milliseconds timeout = 10s) {
    return wait_until([&](auto& self) { return self.links_.contains(node_name{peer}); }, timeout);
  }
  bool wait_for_story(const std::string& line, std::size_t times = 1,
                      std::chrono::milliseconds timeout = 10s) {
    return wait_until(
        [&](auto& self) {
          return static_cast<std::size_t>(std::count(self.story_.begin(), self.story_.end(), line)) >= times;
        },
        timeout);
  }

  std::vector<std::string> story() const {
    std::lock_guard lock(mutex_);
    return story_;
  }
  std::vector<up> ups() const {
    std::lock_guard lock(mutex_);
    return ups_;
  }
  std::vector<status_told> statuses() const {
    std::lock_guard lock(mutex_);
    return statuses_;
  }

  // For predicates of `wait_until` only.
  std::map<node_name, peer_identity> links_;
  std::vector<std::string> story_;
  std::vector<status_told> statuses_;

private:
  template <class Change>
  void change(Change make) {
    {
      std::lock_guard lock(mutex_);
      make();
    }
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<up> ups_;
  answerer answer_ = [](const node_name&, peer_request, peer_network::callback answer) {
    answer(peer::done{});
  };
};

/// Keeps the events that were logged.
class recording_logger final : public logger {
public:
  struct line {
    std::string event;
    std::map<std::string, std::string> fields;
  };

  void write(log_level, std::string_view event, std::initializer_list<log_field> fields) override {
    line made{std::string{event}, {}};
    for (const auto& field : fields)
      if (const auto* text = std::get_if<std::string_view>(&field.value))
        made.fields[std::string{field.name}] = std::string{*text};
    {
      std::lock_guard lock(mutex_);
      lines_.push_back(std::move(made));
    }
    changed_.notify_all();
  }

  /// The first line of this event; nothing when none comes in time.
  std::optional<line> wait_for(const std::string& event, std::chrono::milliseconds timeout = 10s) {
    std::unique_lock lock(mutex_);
    std::optional<line> found;
    changed_.wait_for(lock, timeout, [&] {
      for (const auto& each : lines_)
        if (each.event == event)
          found = each;
      return found.has_value();
    });
    return found;
  }
  std::size_t count(const std::string& event) const {
    std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(lines_.begin(), lines_.end(), [&](const auto& each) { return each.event == event; }));
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<line> lines_;
};

/// A node's links with everything around them; starts at once.
class linked_node {
public:
  explicit linked_node(link_settings settings)
      : settings_(std::move(settings)) {
    settings_.counters = &counters;
    settings_.log = &log;
    start();
  }

  void start() {
    auto made = kj_peer_network::start(settings_, listener);
    if (!made)
      throw std::runtime_error(made.error().message);
    network = std::move(*made);
  }

  std::string address() const { return fmt::format("127.0.0.1:{}", network->port()); }

  result<peer_reply> ask(const std::string& peer, peer_request what,
                         std::chrono::milliseconds deadline = 5s) {
    auto promise = std::make_shared<std::promise<result<peer_reply>>>();
    auto future = promise->get_future();
    network->ask({peer}, std::move(what), deadline,
                 [promise](result<peer_reply> answer) { promise->set_value(std::move(answer)); });
    return future.get();
  }

  recording_listener listener;
  counting_telemetry counters;
  recording_logger log;
  std::unique_ptr<kj_peer_network> network; ///< last: it is destroyed first

private:
  link_settings settings_;
};

/// A node that listens on a port of the kernel's choice and knows these seeds.
inline link_settings node_settings(const std::string& name, std::vector<std::string> seeds = {},
                                   std::uint64_t incarnation = 1) {
  link_settings settings;
  settings.identity.name.value = name;
  settings.identity.incarnation = incarnation;
  settings.identity.version = "1.0";
  settings.seeds = std::move(seeds);
  return settings;
}

} // namespace plenary::test
