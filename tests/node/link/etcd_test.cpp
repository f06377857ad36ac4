#include "node/link/etcd_discovery.hpp"
#include "tests/node/link/link_world.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/ports.hpp"
#include "tests/support/temporary_directory.hpp"

#include <csignal>

namespace plenary::test {

namespace {

/// A real etcd on free loopback ports, with its data in a temporary folder; ended by its process id.
class etcd_server {
public:
  etcd_server() { start(); }

  void start() {
    auto client = fmt::format("http://127.0.0.1:{}", client_port_);
    auto peers = fmt::format("http://127.0.0.1:{}", peer_port_);
    child_process_options options;
    options.arguments = {"etcd",
                         "--name",
                         "test",
                         "--data-dir",
                         (folder_.path() / "etcd").string(),
                         "--listen-client-urls",
                         client,
                         "--advertise-client-urls",
                         client,
                         "--listen-peer-urls",
                         peers,
                         "--initial-advertise-peer-urls",
                         peers,
                         "--initial-cluster",
                         "test=" + peers,
                         "--unsafe-no-fsync"};
    process_ = std::make_unique<child_process>(options);
    if (!process_->wait_for_text("ready to serve client requests", 30s) &&
        !process_->wait_for_text("serving insecure client requests", 1s))
      throw std::runtime_error("etcd does not start:\n" + process_->output());
  }

  void stop() {
    process_->signal(SIGKILL);
    process_->wait_for_exit(10s);
  }

  std::string endpoint() const { return fmt::format("http://127.0.0.1:{}", client_port_); }

private:
  temporary_directory folder_;
  std::uint16_t client_port_ = unused_tcp_port();
  std::uint16_t peer_port_ = unused_tcp_port();
  std::unique_ptr<child_process> process_;
};

/// A node that announces itself, and the addresses that it was told last.
class announced_node {
public:
  announced_node(const std::string& name, std::vector<std::string> endpoints) {
    etcd_settings settings;
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
      "node-a", std::vector{fmt::format("http://127.0.0.1:{}", unused_tcp_port())});
  ASSERT_TRUE(away->log.wait_for("etcd_lost"));
  auto start = std::chrono::steady_clock::now();

  away.reset();

  EXPECT_LT(std::chrono::steady_clock::now() - start, 900ms);
}

} // namespace plenary::test
