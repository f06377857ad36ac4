#pragma once

#include "tests/integration/live_node.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <set>

namespace plenary::test {

/// What every one of the nodes says about a room, when they agree.
struct agreed_room {
  std::string node;
  std::uint64_t epoch = 0;
  std::size_t participants = 0;
};

/// One `room_mixed` line of a node's log: a stretch of ticks on the clock that all processes share.
struct mixed_stretch {
  std::string node;
  std::string room;
  std::uint64_t epoch = 0;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
};

/// Where one node of a cluster lives.
struct node_site {
  std::string address = "127.0.0.1";
  int network_namespace = -1; ///< descriptor; -1: the test's own
  std::string cluster_lines;  ///< further TOML lines of its section `cluster`
};

/// Where the nodes, their callers and the customer's server live; as it stands, all of them on loopback.
struct cluster_site {
  std::string test_address = "127.0.0.1"; ///< of the callers and the customer's server
  std::array<node_site, 3> nodes;
};

/// Three linked nodes with one customer's server beside them; every test gets its own.
class LiveCluster : public ::testing::Test {
protected:
  LiveCluster()
      : LiveCluster(cluster_site{}) {}
  explicit LiveCluster(cluster_site site);

  static constexpr std::size_t node_count = 3;
  static constexpr const char* operator_key = "operator_key_of_the_tests";

  /// Starts the nodes and waits until each of them takes calls and lists three live members.
  void start(std::map<std::string, std::string> lines = {});
  /// Makes the nodes' configurations and starts none of them.
  void prepare(std::map<std::string, std::string> lines);
  /// Lets a kind of cluster set what one node has of its own; called for each node before it is made.
  virtual void configure(std::size_t /*index*/, plenaryd_settings& /*settings*/) {}
  /// Nodes that were started must end by SIGTERM with status 0 (the sanitizers found nothing).
  void TearDown() override;

  plenaryd_process& node(std::size_t index) { return *nodes_[index]; }
  /// Where this node takes links.
  std::string link_address(std::size_t index) const {
    return fmt::format("{}:{}", site_.nodes[index].address, link_ports_.first() + index);
  }
  std::size_t index_of(const std::string& name) const;
  /// The two nodes that are not this one.
  static std::array<std::size_t, 2> others(std::size_t index);

  /// A caller who arrives at this node and sends a tone of -20 dBFS; 0 Hz is silence.
  rtp_caller_options caller(std::size_t index, double tone_hertz, const std::string& from) const;
  /// Puts callers into rooms by their number; everybody else goes to `daily_support_room`.
  void answer_by_caller(std::map<std::string, nlohmann::json> documents);
  /// The call's id, from the first event that tells of this caller.
  std::string call_of(const std::string& from) const;
  /// Lets a silent caller open the room; gives the node that it lives on while somebody is in it.
  std::size_t open_room(rtp_caller& first, const std::string& room) const;

  /// What these nodes say about the room; nothing while they differ or one of them does not answer.
  std::optional<agreed_room> agreed_on(const std::string& room,
                                       const std::vector<std::size_t>& asked = {0, 1, 2}) const;
  /// Waits until these nodes agree on a room with so many participants.
  std::optional<agreed_room> wait_for_room(const std::string& room, std::size_t participants,
                                           const std::vector<std::size_t>& asked = {0, 1, 2}) const;
  /// Asks again and again until the condition holds; the statuses that these nodes gave meanwhile.
  std::set<int> statuses_until(const std::function<bool()>& condition, const std::string& target,
                               const std::vector<std::size_t>& asked) const;
  /// True when every one of these nodes lists so many members that own rooms (live or draining).
  bool sees_members(const std::vector<std::size_t>& asked, std::size_t live) const;
  /// The participant as the asked node shows it; null when it is not in the room.
  nlohmann::json participant(std::size_t asked, const std::string& room, const std::string& call) const;
  /// What the nodes' logs say about who mixed; needs `tick_log = true`.
  std::vector<mixed_stretch> mixed(const std::string& room) const;

  /// Asks again, with short breaks, until the condition holds or the time is over.
  static bool eventually(const std::function<bool()>& condition,
                         std::chrono::milliseconds timeout = std::chrono::seconds(20));

  customer_application application;

private:
  const cluster_site site_;
  port_range link_ports_;
  std::vector<std::unique_ptr<plenaryd_process>> nodes_;
};

/// True when the caller hears this tone in the next 200 ms.
bool hears(rtp_caller& listener, double hertz);

} // namespace plenary::test
