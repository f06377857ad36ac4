#include "tests/attack/sip_senders.hpp"
#include "tests/attack/under_attack.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

namespace plenary::attack::slow_connections_test {

namespace {

constexpr int attackers = 10; ///< addresses 127.0.0.11 and on
constexpr int connections = 1000;

/// A connection from this address; it may be refused or reset later.
test::file_descriptor connect_from(const std::string& local, const test::ip_endpoint& server) {
  test::file_descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto here = test::to_sockaddr({local, 0});
  const auto there = test::to_sockaddr(server);
  ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here);
  ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there);
  return socket;
}

class SlowConnections : public UnderAttack {
protected:
  void SetUp() override {
    test::plenaryd_settings settings;
    settings.tls = true;
    settings.callers_address = "127.0.0.0/24";
    settings.lines["sip"] = "message_timeout_s = 3\nmax_connections = 800\nmax_connections_per_address = 100";
    begin(settings);
  }

  /// Opens them all, each saying `text` and then nothing more.
  std::vector<test::file_descriptor> open_all(const test::ip_endpoint& server, const std::string& text) {
    std::vector<test::file_descriptor> opened;
    for (int i = 0; i < connections; ++i) {
      opened.push_back(connect_from(fmt::format("127.0.0.{}", 11 + i % attackers), server));
      if (!text.empty())
        test::send_all(opened.back().get(), text);
    }
    return opened;
  }

  /// Everything was closed by the node within its 3 s, and counted.
  void expect_all_cut() {
    EXPECT_TRUE(eventually([&] {
      return metric("plenary_sip_connections_closed_total{reason=\"slow\"}") +
                 metric("plenary_sip_connections_refused_total{reason=\"full\"}") >=
             connections;
    }));
    EXPECT_EQ(metric("plenary_sip_connections_closed_total{reason=\"slow\"}"), 800);
    EXPECT_EQ(metric("plenary_sip_connections_refused_total{reason=\"full\"}"), 200);
    EXPECT_TRUE(eventually([&] { return metric("plenary_sip_connections") == 0; }));
  }
};

TEST_F(SlowConnections, WithHalfARequestOverTcpAreCut) {
  const auto opened = open_all(node->sip_tcp(), "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n");

  expect_all_cut();
  expect_unharmed();
}

TEST_F(SlowConnections, WithoutAHandshakeOverTlsAreCut) {
  const auto opened = open_all(node->sip_tls(), "\x16\x03\x01");

  expect_all_cut();
  expect_unharmed();
}

TEST_F(SlowConnections, OfOneAddressHaveALimitOfTheirOwn) {
  std::vector<test::file_descriptor> opened;
  for (int i = 0; i < 150; ++i)
    opened.push_back(connect_from("127.0.0.11", node->sip_tcp()));

  EXPECT_TRUE(
      eventually([&] { return metric("plenary_sip_connections_refused_total{reason=\"address\"}") == 50; }));
  EXPECT_TRUE(eventually([&] { return metric("plenary_sip_connections") == 100; }));

  // Others are served meanwhile.
  const auto other = connect_from("127.0.0.12", node->sip_tcp());
  test::send_all(other.get(), "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\n"
                              "From: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
                              "Content-Length: 0\r\n\r\n");
  EXPECT_TRUE(test::wait_readable(other.get(), std::chrono::seconds(5)));
  opened.clear();
  expect_unharmed();
}

TEST_F(SlowConnections, OfStrangersAreNotAccepted) {
  for (int i = 0; i < 300; ++i) {
    const auto stranger = connect_from(fmt::format("127.0.1.{}", 1 + i % 200), node->sip_tcp());
    test::send_all(stranger.get(), "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n");
  }

  EXPECT_TRUE(
      eventually([&] { return metric("plenary_sip_connections_refused_total{reason=\"source\"}") == 300; }));
  EXPECT_TRUE(eventually([&] { return metric("plenary_sip_connections") == 0; }));
  expect_unharmed();
}

} // namespace

} // namespace plenary::attack::slow_connections_test
