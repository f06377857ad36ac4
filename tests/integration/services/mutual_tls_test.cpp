#include "tests/integration/services/services_cluster.hpp"
#include "tests/support/node_certificates.hpp"

#include <random>

namespace plenary::test::mutual_tls_test {

namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr const char* room = "daily_support_room";
constexpr const char* refused_strangers = "plenary_cluster_link_handshakes_refused_total";

class ClusterByTls : public ServicesCluster {
protected:
  void configure(std::size_t /*index*/, plenaryd_settings& settings) override {
    settings.lines["cluster"] += ca.cluster_lines(settings.node_name);
  }

  /// One who comes later and dials the first node.
  plenaryd_settings newcomer(const std::string& name, const node_certificates& its_ca) const {
    plenaryd_settings settings;
    settings.node_name = name;
    settings.lines["cluster"] = fmt::format("listen = \"127.0.0.1:{}\"\nseeds = [\"{}\"]\n{}",
                                            unused_tcp_port(), link_address(0), its_ca.cluster_lines(name));
    settings.lines["application"] = "events = [\"room.*\"]\n";
    return settings;
  }

  /// Connects to the first node's link, says this, and waits until the node hangs up.
  bool is_cut_off(std::string_view words) const {
    const auto connection = connect_to(*parse_endpoint(link_address(0)));
    send_all(connection.get(), words);
    std::string carry;
    const auto began = steady_clock::now();
    read_http_message(connection.get(), carry, seconds(10)); // an answer of another kind, then the end
    return since(began) < 10'000;
  }

  /// `openssl s_client` with these arguments more against the first node; it speaks after the handshake.
  void openssl_client(std::vector<std::string> more) const {
    child_process_options options;
    options.arguments = {"openssl", "s_client", "-connect", link_address(0), "-brief"};
    options.arguments.insert(options.arguments.end(), more.begin(), more.end());
    options.input = "hello\n";
    child_process client(options);
    EXPECT_TRUE(client.wait_for_exit(seconds(20)).has_value());
  }

  const node_certificates ca{{"node-a", "node-b", "node-c", "node-d"}};
};

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random{seed};
  std::string bytes(size, '\0');
  for (auto& byte : bytes)
    byte = static_cast<char>(random() & 0xff);
  return bytes;
}

TEST_F(ClusterByTls, LetsCallersMeetAndCutsOffEveryStranger) {
  const node_certificates foreign{{"node-d"}};
  ASSERT_NO_FATAL_FAILURE(start());
  rtp_caller alice(caller(0, 440, number_of(1)));
  rtp_caller bob(caller(1, 700, number_of(2)));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(meet(alice, 440, bob, 700));
  const auto before = metric(0, refused_strangers);
  alice.watch_silence();
  bob.watch_silence();

  constexpr int noisy = 20;
  EXPECT_TRUE(is_cut_off("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_TRUE(is_cut_off(std::string(8, '\0'))) << "the head of a plain message";
  for (int seed = 0; seed < noisy; ++seed)
    EXPECT_TRUE(is_cut_off(noise(2000, static_cast<unsigned>(seed)))) << "seed " << seed;
  openssl_client({});
  openssl_client({"-cert", foreign.file("node-d.pem"), "-key", foreign.file("node-d.key")});
  constexpr int strangers = 4 + noisy;
  EXPECT_TRUE(eventually([&] { return metric(0, refused_strangers) >= before + strangers; }));
  EXPECT_EQ(metric(0, refused_strangers), before + strangers) << "each is counted once";
  plenaryd_process impostor(application, newcomer("node-d", foreign));
  ASSERT_TRUE(impostor.launch()) << impostor.output();
  EXPECT_TRUE(eventually([&] { return metric(0, refused_strangers) > before + strangers; }));

  fmt::print("strangers: {} cut off and counted; silence of {} and {} ms meanwhile\n",
             metric(0, refused_strangers) - before, alice.longest_silence().count(),
             bob.longest_silence().count());
  EXPECT_LT(alice.longest_silence(), undisturbed);
  EXPECT_LT(bob.longest_silence(), undisturbed);
  EXPECT_EQ(lost_links(), 0);
  EXPECT_TRUE(sees_members({0, 1, 2}, node_count)) << "the impostor is no member";
  rtp_caller carol(caller(0, 1100, number_of(3)));
  ASSERT_TRUE(carol.call());
  EXPECT_TRUE(meet(bob, 700, carol, 1100));
  EXPECT_TRUE(wait_for_room(room, 3));
  EXPECT_EQ(impostor.terminate(seconds(20)), 0);
}

TEST_F(ClusterByTls, RefusesASecondNodeOfOneNameAndAClashingConfiguration) {
  ASSERT_NO_FATAL_FAILURE(start());
  plenaryd_process twin(application, newcomer(node(0).name(), ca));
  auto other_limits = newcomer("node-d", ca);
  other_limits.lines["room"] = "max_participants = 7";
  plenaryd_process clashing(application, other_limits);

  ASSERT_TRUE(twin.launch()) << twin.output();
  ASSERT_TRUE(clashing.launch()) << clashing.output();

  const auto began = steady_clock::now();
  for (auto* each : {&twin, &node(0)})
    EXPECT_TRUE(
        has_logged(*each, {"link_refused", "two nodes have the name", "give every node its own node.name"}));
  for (auto* each : {&clashing, &node(0)})
    EXPECT_TRUE(has_logged(*each, {"link_refused", "are configured differently", "equal on all nodes"}));
  fmt::print("refusals: told on both sides within {} ms of the start\n", since(began));
  EXPECT_GE(metric(0, "plenary_cluster_links_ended_total{reason=\"refused\"}"), 2);
  EXPECT_TRUE(sees_members({0, 1, 2}, node_count));
  rtp_caller alice(caller(0, 440, number_of(1)));
  rtp_caller bob(caller(1, 700, number_of(2)));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  EXPECT_TRUE(meet(alice, 440, bob, 700));
  EXPECT_EQ(twin.terminate(seconds(20)), 0);
  EXPECT_EQ(clashing.terminate(seconds(20)), 0);
}

} // namespace

} // namespace plenary::test::mutual_tls_test
