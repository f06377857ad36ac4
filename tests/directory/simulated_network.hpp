#pragma once

#include "schema/peer.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

namespace plenary::test {

using std::chrono::milliseconds;

/// Simulated time and what happens in it; equal times keep their order.
class timeline {
public:
  mono_time now() const { return now_; }

  void at(mono_time when, std::function<void()> what);
  void after(milliseconds delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }

  /// Lets time pass.
  void run_until(mono_time end);

private:
  struct entry {
    mono_time when;
    std::uint64_t number;
    std::function<void()> what;
    bool operator>(const entry& other) const {
      return std::tie(when, number) > std::tie(other.when, other.number);
    }
  };

  mono_time now_{std::chrono::seconds{1000}};
  std::uint64_t next_ = 0;
  std::vector<entry> entries_; ///< a heap, the next one first
};

/// Who hears of a simulated link, in the words of peer_listener.
class link_user {
public:
  virtual ~link_user() = default;
  virtual void on_link_up(const peer_identity& peer, const member_status& status) = 0;
  virtual void on_status(const node_name& peer, const member_status& status, mono_time asked_at) = 0;
  virtual void on_link_down(const node_name& peer) = 0;
  virtual void on_request(const node_name& peer, const peer_request& what,
                          std::function<void(result<peer_reply>)> answer) = 0;
};

/// Machines and the ordered connections between them. A blocked direction holds its packets back, as TCP
/// does, until it is open again or the connection is given up. A frozen machine finds what came meanwhile
/// when it wakes.
class simulated_network {
public:
  enum class machine { dead, running, frozen };
  using callback = std::function<void(result<peer_reply>)>;

  simulated_network(std::size_t size, unsigned seed, milliseconds silence);

  timeline& time() { return time_; }
  const timeline& time() const { return time_; }
  std::mt19937& random() { return random_; }
  std::size_t size() const { return machines_.size(); }
  int pick(int least, int most) { return std::uniform_int_distribution<int>{least, most}(random_); }

  // Faults.
  void start(std::size_t node, peer_identity who, link_user& user);
  void kill(std::size_t node);
  void freeze(std::size_t node, bool frozen);
  void block(std::size_t from, std::size_t to, bool blocked) { blocked_[from][to] = blocked; }
  /// The connection of two machines breaks for no reason that lasts.
  void drop(std::size_t one, std::size_t other);
  machine state_of(std::size_t node) const { return machines_[node].state; }
  bool is_blocked(std::size_t from, std::size_t to) const { return blocked_[from][to]; }

  // For a node: the methods of peer_network.
  void ask(std::size_t from, const node_name& peer, peer_request what, callback done);
  void set_status(std::size_t node, member_status status);
  void cut(std::size_t node, const node_name& peer, milliseconds pause);

  std::uint64_t incarnation(std::size_t node) const { return machines_[node].incarnation; }

private:
  struct greeting {
    peer_identity identity;
    member_status status;
  };
  struct ping {
    mono_time asked_at{};
    member_status status;
  };
  struct pong {
    mono_time asked_at{};
    member_status status;
  };
  struct request {
    std::uint64_t number = 0;
    peer_request what;
  };
  struct reply {
    std::uint64_t number = 0;
    result<peer_reply> answer;
  };
  struct farewell {};
  using packet = std::variant<greeting, ping, pong, request, reply, farewell>;

  struct direction {
    std::deque<packet> packets;
    mono_time last_due{};
  };
  /// One end of a connection.
  struct link_end_state {
    std::size_t node = 0;
    bool open = false;
    mono_time last_answer{};
    mono_time next_ping{};
    std::map<std::uint64_t, callback> asked;
    direction out;
  };
  struct connection {
    link_end_state ends[2];
    bool greeted = false;
  };
  using connection_pointer = std::shared_ptr<connection>;

  struct machine_state {
    machine state = machine::dead;
    std::uint64_t incarnation = 0;
    peer_identity identity;
    member_status status;
    link_user* user = nullptr;
    std::map<std::size_t, connection_pointer> links;
    std::map<std::size_t, mono_time> paused;
  };

  milliseconds delay() { return milliseconds{pick(1, 40)}; }
  std::size_t index_of(const node_name& name) const;
  void beat(std::size_t node, std::uint64_t incarnation);
  void dial(std::size_t from, std::size_t to, milliseconds pause);
  bool may_connect(std::size_t from, std::size_t to) const;
  void accept(std::size_t from, std::size_t to, std::uint64_t dialler);
  void send(const connection_pointer& link, int side, packet what);
  void deliver(const connection_pointer& link, int side);
  void handle(const connection_pointer& link, int side, packet what);
  void close(const connection_pointer& link, int side, bool tell);
  void expire(const connection_pointer& link, int side, std::uint64_t number);
  void heartbeat(const connection_pointer& link, int side);

  timeline time_;
  std::mt19937 random_;
  milliseconds silence_;
  std::vector<machine_state> machines_;
  std::vector<std::vector<char>> blocked_;
  std::uint64_t next_request_ = 1;
};

/// The name of the node of that number.
node_name name_of(std::size_t node);

} // namespace plenary::test
