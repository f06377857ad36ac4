#include "tests/integration/services/services_cluster.hpp"
#include "tests/support/etcd_server.hpp"

namespace plenary::test::etcd_discovery_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr const char* room = "daily_support_room";

/// Nodes without seeds: each knows of the others by etcd alone.
class ClusterByEtcd : public ServicesCluster {
protected:
  void configure(std::size_t index, plenaryd_settings& settings) override {
    settings.lines["cluster"] = section(link_address(index));
  }

  std::string section(const std::string& listen) const {
    return fmt::format("listen = \"{}\"\ndiscovery = \"etcd\"\nsize = 3\nendpoints = [\"{}\"]\n", listen,
                       etcd.endpoint());
  }

  /// A node more than those of the fixture.
  plenaryd_settings fourth() const {
    plenaryd_settings settings;
    settings.node_name = "node-d";
    settings.lines["cluster"] = section(fmt::format("127.0.0.1:{}", unused_tcp_port()));
    settings.lines["application"] = "events = [\"room.*\"]\n";
    return settings;
  }

  bool all_logged(const std::string& event) {
    bool all = true;
    for (std::size_t index = 0; index < node_count; ++index)
      all = has_logged(node(index), {"\"" + event + "\""}) && all;
    return all;
  }

  /// A new call enters the room of alice, who sends 440 Hz; two others open a room at two nodes.
  void expect_new_calls_meet(rtp_caller& alice) {
    rtp_caller carol(caller(2, 1100, number_of(3)));
    ASSERT_TRUE(carol.call());
    EXPECT_TRUE(meet(alice, 440, carol, 1100));
    rtp_caller dave(caller(0, 440, number_of(4)));
    rtp_caller erin(caller(2, 700, number_of(5)));
    ASSERT_TRUE(dave.call());
    ASSERT_TRUE(erin.call());
    EXPECT_TRUE(meet(dave, 440, erin, 700));
    EXPECT_TRUE(wait_for_room("fresh", 2));
  }

  /// A call at the new node enters the room of alice and leaves again.
  void expect_call_at(const plenaryd_process& new_node, rtp_caller& alice) {
    auto options = caller(0, 1500, number_of(6));
    options.server = new_node.sip_udp();
    rtp_caller frank(options);
    ASSERT_TRUE(frank.call());
    EXPECT_TRUE(meet(alice, 440, frank, 1500));
    EXPECT_EQ(frank.hang_up(), 200);
  }

  void expect_nothing_moved_since(const agreed_room& before) {
    const auto after = wait_for_room(room, before.participants);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->node, before.node);
    EXPECT_EQ(after->epoch, before.epoch);
    EXPECT_EQ(lost_links(), 0);
  }

  etcd_server etcd;
};

TEST_F(ClusterByEtcd, GoesOnWhileEtcdIsAwayAndFindsANewNodeWhenItIsBack) {
  const auto began = steady_clock::now();
  answer_by_caller({{number_of(4), conference("fresh")}, {number_of(5), conference("fresh")}});
  ASSERT_NO_FATAL_FAILURE(start());
  fmt::print("etcd: three nodes, started one after the other, have found each other after {} ms\n",
             since(began));
  rtp_caller alice(caller(0, 440, number_of(1)));
  rtp_caller bob(caller(1, 700, number_of(2)));
  ASSERT_TRUE(alice.call() && bob.call());
  ASSERT_TRUE(meet(alice, 440, bob, 700));
  const auto before = wait_for_room(room, 2);
  ASSERT_TRUE(before);
  alice.watch_silence();
  bob.watch_silence();

  etcd.stop();
  const auto stopped = steady_clock::now();
  ASSERT_TRUE(all_logged("etcd_lost"));
  expect_new_calls_meet(alice);
  alice.listen(seconds(4)); // longer than the leases
  EXPECT_TRUE(sees_members({0, 1, 2}, node_count));
  etcd.start();
  ASSERT_TRUE(all_logged("etcd_found"));
  const auto found = steady_clock::now();
  EXPECT_TRUE(sees_members({0, 1, 2}, node_count));

  plenaryd_process new_node(application, fourth());
  ASSERT_TRUE(new_node.start()) << new_node.output();
  EXPECT_TRUE(eventually([&] { return sees_members({0, 1, 2}, node_count + 1); }, seconds(15)));
  const auto joined_ms = since(found);
  expect_call_at(new_node, alice);

  fmt::print("etcd: away for {} ms; silence of {} and {} ms meanwhile; a new node is a member {} ms after "
             "its return\n",
             std::chrono::duration_cast<milliseconds>(found - stopped).count(),
             alice.longest_silence().count(), bob.longest_silence().count(), joined_ms);
  EXPECT_LT(alice.longest_silence(), undisturbed);
  EXPECT_LT(bob.longest_silence(), undisturbed);
  expect_nothing_moved_since(*before);
  EXPECT_EQ(new_node.terminate(seconds(20)), 0);
}

} // namespace

} // namespace plenary::test::etcd_discovery_test
