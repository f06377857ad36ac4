#pragma once

#include "tests/integration/live_cluster.hpp"
#include "tests/integration/partition/network_of_namespaces.hpp"
#include "tests/support/node_certificates.hpp"

#include <optional>

namespace plenary::test {

/// One caller of the room, who sends a tone of his own.
struct guest {
  std::string number;
  std::size_t home = 0; ///< node of his signalling
  double tone = 0;
  std::unique_ptr<rtp_caller> phone;
};

/// Three nodes that the network parts: each lives in a namespace of its own, and links are mutual TLS.
/// Callers and the customer's server reach every node all the time.
class PartedCluster : public LiveCluster {
protected:
  using group = network_of_namespaces::group;
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr const char* room = "daily_support_room";
  /// Halves of a room become one within this time when the network has healed.
  static constexpr std::chrono::milliseconds most_merge{3000};

  static void SetUpTestSuite();
  static void TearDownTestSuite();
  PartedCluster();
  void SetUp() override;
  void TearDown() override;

  /// Starts the nodes and brings five callers into one room: two whose signalling is on the room's node, two
  /// on the next node, one on the third; everybody hears everybody.
  void meet(const std::string& cluster_lines = {});
  /// True when every node lists every node as `live`.
  bool are_live();
  /// Brings one more caller; false when he was not answered or, being answered, was hung up at once.
  bool admits(std::size_t home);

  /// True when each guest of these nodes hears, in the next 200 ms, every other one of them and nobody else.
  bool hear_each_other(const group& homes);
  /// True when no guest of these nodes hears anything.
  bool hear_nothing(const group& homes);
  /// Waits until nodes and callers of this half know and hear just each other.
  bool is_on_its_own(const group& half);
  /// Starts measuring silence anew.
  void watch_silence();
  /// Prints each caller's longest silence; the longest of all.
  std::chrono::milliseconds print_silence(const char* what, const group& homes) const;
  /// Waits until all nodes tell one room and everybody hears everybody, and prints when that was, seen from
  /// the healing. False when it took longer than `most`.
  bool merges(const char* what, time_point healed, std::chrono::milliseconds most);
  /// Nobody was hung up.
  void expect_all_connected();
  /// So many log lines of this event that a node wrote.
  std::size_t told(std::size_t index, const std::string& event);
  /// Stretches of different nodes that share a moment.
  std::size_t overlaps() const;
  static std::vector<std::size_t> list(const group& homes) { return {homes.begin(), homes.end()}; }
  static std::chrono::milliseconds since(time_point start);

  network_of_namespaces& network() { return *network_; }

  std::size_t owner = node_count;
  std::size_t second = node_count; ///< the node with two guests that does not own the room
  std::size_t third = node_count;
  agreed_room before;
  std::vector<guest> guests;

private:
  void invite(std::size_t home);
  std::vector<std::vector<std::int16_t>> listen_all();

  static std::unique_ptr<network_of_namespaces> network_;
  static std::optional<error> no_network_;
  static std::unique_ptr<node_certificates> certificates_;
};

} // namespace plenary::test
