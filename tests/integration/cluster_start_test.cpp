#include "tests/integration/live_cluster.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>

namespace plenary::test::cluster_start_test {

namespace {

using std::chrono::seconds;

constexpr const char* room = "daily_support_room";

/// Asks the node at its SIP port what it supports; the answer, or nothing within 5 s.
std::optional<sip_message> options_of(plenaryd_process& node) {
  const auto socket = open_udp("127.0.0.1");
  const auto server = to_sockaddr(node.sip_udp());
  const auto request =
      fmt::format("OPTIONS sip:{0} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{1};branch=z9hG4bK{1}\r\n"
                  "From: <sip:monitor@127.0.0.1>;tag=m\r\nTo: <sip:{0}>\r\nCall-ID: monitor-{1}\r\n"
                  "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
                  to_string(node.sip_udp()), local_port(socket.get()));
  ::sendto(socket.get(), request.data(), request.size(), 0, reinterpret_cast<const sockaddr*>(&server),
           sizeof server);
  if (!wait_readable(socket.get(), seconds(5)))
    return std::nullopt;
  std::array<char, 4096> buffer{};
  const auto size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
  return size > 0 ? parse_sip({buffer.data(), static_cast<std::size_t>(size)}) : std::nullopt;
}

/// Nodes under `on_partition = "hold"` that the test starts one by one.
class StartUnderHold : public LiveCluster {
protected:
  void make() { prepare({{"cluster", "on_partition = \"hold\""}}); }

  /// What `/readyz` answers, with its status first.
  std::string readiness(std::size_t index) {
    const auto answer = http_get(node(index).http(), "/readyz");
    return answer ? fmt::format("{} {}", answer->status(), answer->body) : "nothing";
  }

  bool says(std::size_t index, const std::string& phase, int status) {
    const auto told = readiness(index);
    return told.starts_with(std::to_string(status)) && told.find(phase) != std::string::npos;
  }

  double refused(std::size_t index) {
    const auto answer = http_get(node(index).http(), "/metrics");
    const std::string name = "plenary_sip_invites_refused_total{reason=\"not_ready\"} ";
    const auto at = answer ? answer->body.find(name) : std::string::npos;
    return at == std::string::npos ? -1 : std::stod(answer->body.substr(at + name.size()));
  }

  /// Every way to ask says that this node takes no calls.
  void expect_not_ready(std::size_t index) {
    const auto before = refused(index);
    rtp_caller early(caller(index, 0, "+15550000001"));
    early.invite();
    const auto answer = early.wait_for_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status(), 503);
    EXPECT_FALSE(answer->header("retry-after").empty());
    EXPECT_EQ(refused(index), before + 1);
    const auto options = options_of(node(index));
    ASSERT_TRUE(options);
    EXPECT_EQ(options->status(), 503);
    EXPECT_FALSE(options->header("retry-after").empty());
    EXPECT_TRUE(application.webhooks().empty()) << "nothing was committed";
  }
};

TEST_F(StartUnderHold, TakesNoCallsWithoutAMajorityAndTheFirstOneWithIt) {
  make();
  ASSERT_TRUE(node(0).launch()) << node(0).output();
  ASSERT_NO_FATAL_FAILURE(expect_not_ready(0));
  ASSERT_TRUE(eventually([&] { return says(0, "held", 503); }, seconds(30))) << readiness(0);
  ASSERT_NO_FATAL_FAILURE(expect_not_ready(0));

  ASSERT_TRUE(node(1).launch()) << node(1).output();
  ASSERT_TRUE(node(0).wait_until_ready()) << node(0).output();
  ASSERT_TRUE(node(1).wait_until_ready()) << node(1).output();

  EXPECT_TRUE(says(0, "live", 200)) << readiness(0);
  const auto options = options_of(node(0));
  EXPECT_TRUE(options && options->status() == 200);
  rtp_caller alice(caller(0, 440, "+15550000001"));
  rtp_caller bob(caller(1, 700, "+15550000002"));
  EXPECT_TRUE(alice.call());
  EXPECT_TRUE(bob.call());
  EXPECT_TRUE(wait_for_room(room, 2, {0, 1}));
  EXPECT_EQ(alice.hang_up(), 200);
  EXPECT_EQ(bob.hang_up(), 200);
}

TEST_F(StartUnderHold, HoldsNobodyWhenTheOthersStartWithinTwoSeconds) {
  make();
  for (std::size_t i = 0; i < node_count; ++i)
    ASSERT_TRUE(node(i).launch()) << node(i).output();

  for (std::size_t i = 0; i < node_count; ++i) {
    ASSERT_TRUE(node(i).wait_until_ready()) << node(i).output();
    rtp_caller phone(caller(i, 0, fmt::format("+1555000000{}", i)));
    EXPECT_TRUE(phone.call()) << "who is ready takes the call";
    EXPECT_EQ(phone.hang_up(), 200);
  }
}

} // namespace

} // namespace plenary::test::cluster_start_test
