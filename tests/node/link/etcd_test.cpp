#include "node/link/etcd_discovery.hpp"
#include "tests/node/link/link_world.hpp"
#include "tests/support/etcd_server.hpp"
#include "tests/support/ports.hpp"

namespace plenary::test {

namespace {

/// A node that announces itself, and the addresses that it was told last.
class announced_node {
public:
  announced_node(const std::string& name, std::vector<std::string> endpoints,
                 std::chrono::milliseconds keep_alive = 1000ms) {
    etcd_settings settings;
    settings.keep_alive = keep_alive;
    settings.endpoints = std::move(endpoints);
    settings.name.value = name;
    settings.address = name + ".example:7400";
    settings.log = &log;
    discovery_ = std::make_unique<etcd_discovery>(settings, [this](std::vector<std::string> addresses) {
      {
        std::lock_guard lock(mutex_);
        addresses_ = std::move(addresses);
      }
      changed_.notify_all();
    });
  }

  bool wait_for(const std::vector<std::string>& wanted, std::chrono::milliseconds timeout = 15s) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [&] { return addresses_ == wanted; });
  }
  std::vector<std::string> addresses() {
    std::lock_guard lock(mutex_);
    return addresses_;
  }
  void leave() { discovery_.reset(); }

  recording_logger log;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> addresses_;
  std::unique_ptr<etcd_discovery> discovery_;
};

const std::string address_a = "node-a.example:7400";
const std::string address_b = "node-b.example:7400";

} // namespace

TEST(EtcdDiscovery, NodesLearnEachOthersAddressesAndForgetTheOneThatLeaves) {
  etcd_server etcd;
  announced_node a{"node-a", {etcd.endpoint()}};
  ASSERT_TRUE(a.wait_for({address_a}));

  announced_node b{"node-b", {etcd.endpoint()}};

  ASSERT_TRUE(a.wait_for({address_a, address_b}));
  ASSERT_TRUE(b.wait_for({address_a, address_b}));
  b.leave();
  EXPECT_TRUE(a.wait_for({address_a})) << "a node that leaves takes its address with it";
}

TEST(EtcdDiscovery, EtcdMayStopAndComeBackWithoutAnythingBeingForgotten) {
  etcd_server etcd;
  announced_node a{"node-a", {etcd.endpoint()}};
  announced_node b{"node-b", {etcd.endpoint()}};
  ASSERT_TRUE(a.wait_for({address_a, address_b}));

  etcd.stop();

  ASSERT_TRUE(a.log.wait_for("etcd_lost"));
  EXPECT_EQ(a.addresses(), (std::vector<std::string>{address_a, address_b}));
  etcd.start();
  ASSERT_TRUE(a.log.wait_for("etcd_found"));
  EXPECT_EQ(a.log.count("etcd_lost"), 1u) << "said once, not with every try";
  announced_node c{"node-c", {etcd.endpoint()}};
  EXPECT_TRUE(a.wait_for({address_a, address_b, "node-c.example:7400"}));
}

TEST(EtcdDiscovery, TheNextEndpointServesWhenTheFirstDoesNotAnswer) {
  etcd_server etcd;

  announced_node a{"node-a", {fmt::format("http://127.0.0.1:{}", unused_tcp_port()), etcd.endpoint()}};

  EXPECT_TRUE(a.wait_for({address_a}));
  EXPECT_EQ(a.log.count("etcd_lost"), 0u);
}

TEST(EtcdDiscovery, EndsPromptlyWhileEtcdIsAway) {
  auto away = std::make_unique<announced_node>(
      "node-a", std::vector{fmt::format("http://127.0.0.1:{}", unused_tcp_port())}, 60s);
  ASSERT_TRUE(away->log.wait_for("etcd_lost"));
  auto start = std::chrono::steady_clock::now();

  away.reset();

  EXPECT_LT(std::chrono::steady_clock::now() - start, 30s) << "it does not wait for its next try";
}

} // namespace plenary::test
