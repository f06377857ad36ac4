#include "tests/attack/under_attack.hpp"
#include "tests/support/node_certificates.hpp"

#include <sys/socket.h>

#include <random>

namespace plenary::attack::link_attack_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* refused = "plenary_cluster_link_handshakes_refused_total";

std::string some_bytes(std::mt19937& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (auto& each : bytes)
    each = static_cast<char>(random() & 0xff);
  return bytes;
}

/// The segment table of a Cap'n Proto message that claims this many words, and a little of it.
std::string huge_message(std::uint32_t words) {
  std::string head(8, '\0');
  for (std::size_t i = 0; i < 4; ++i)
    head[4 + i] = static_cast<char>(words >> 8 * i);
  return head + std::string(4096, '\0');
}

/// A message of as many segments as its table can name.
std::string many_segments(std::mt19937& random) {
  return std::string{"\xff\xff\xff\x7f", 4} + some_bytes(random, 4096);
}

/// The head of a TLS 1.3 ClientHello record whose rest does not come.
std::string half_hello(std::mt19937& random) {
  return std::string{22, 3, 1, 2, 0, 1, 0, 1, '\xfc', 3, 3} + some_bytes(random, 40);
}

class LinkAttacks : public UnderAttack {
protected:
  void begin_clustered(const std::string& lines) {
    test::plenaryd_settings settings;
    settings.lines["cluster"] = fmt::format("listen = \"{}\"\n{}", test::to_string(link_), lines);
    begin(std::move(settings));
  }

  test::file_descriptor connect() const { return test::connect_to(link_); }

  /// Connects, says this, and leaves the connection open.
  void say(const std::string& words) {
    open_.push_back(connect());
    test::send_all(open_.back().get(), words);
  }

  /// Waits until the node has closed every connection that was left open.
  bool all_are_cut_off() {
    std::array<char, 4096> buffer{};
    for (const auto& each : open_)
      for (;;) {
        if (!test::wait_readable(each.get(), seconds(15)))
          return false;
        if (::recv(each.get(), buffer.data(), buffer.size(), 0) <= 0)
          break;
      }
    open_.clear();
    return true;
  }

  void throw_everything() {
    std::mt19937 random(seed());
    for (int i = 0; i < 1000 * factor(); ++i)
      connect(); // and goes at once
    for (int i = 0; i < 50 * factor(); ++i) {
      say(some_bytes(random, 1 + random() % 3000));
      say(huge_message(0x7fffffff));
      say(huge_message(static_cast<std::uint32_t>(random() % 100'000)));
      say(many_segments(random));
      say(half_hello(random));
      say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    for (int i = 0; i < 200; ++i)
      say({}); // says nothing
    EXPECT_TRUE(all_are_cut_off());
  }

  test::ip_endpoint link_{"127.0.0.1", test::unused_tcp_port()};
  std::vector<test::file_descriptor> open_;
};

TEST_F(LinkAttacks, NothingThatIsSaidToAPlainLinkPortDisturbsANode) {
  SCOPED_TRACE(seed());
  begin_clustered("");

  throw_everything();

  expect_unharmed();
  EXPECT_GT(metric(refused), 0);
}

TEST_F(LinkAttacks, NothingThatIsSaidToATlsLinkPortDisturbsANodeNorDoesAStrangersCertificate) {
  SCOPED_TRACE(seed());
  const test::node_certificates own({"node-a", "node-b"});
  const test::node_certificates foreign({"node-b"});
  begin_clustered(own.cluster_lines("node-a"));

  throw_everything();
  for (int i = 0; i < 3; ++i) {
    test::child_process_options options;
    options.arguments = {"openssl",
                         "s_client",
                         "-connect",
                         test::to_string(link_),
                         "-brief",
                         "-cert",
                         foreign.file("node-b.pem"),
                         "-key",
                         foreign.file("node-b.key")};
    options.input = "hello\n";
    test::child_process client(options);
    EXPECT_TRUE(client.wait_for_exit(seconds(20)).has_value());
  }

  expect_unharmed();
  EXPECT_GT(metric(refused), 0);
}

} // namespace

} // namespace plenary::attack::link_attack_test
