#include "tests/node/link/link_world.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>

namespace plenary::test {

namespace {

/// Makes certificates by the program that operators use.
class certificates {
public:
  explicit certificates(const std::vector<std::string>& names) {
    child_process_options options;
    options.arguments = {PLENARY_SOURCE_DIR "/scripts/plenary-ca", folder_.path().string()};
    options.arguments.insert(options.arguments.end(), names.begin(), names.end());
    child_process ca{options};
    auto status = ca.wait_for_exit(60s);
    if (status != 0)
      throw std::runtime_error(ca.output());
  }

  link_tls_files of(const std::string& name) const {
    return {folder_.path() / "ca.pem", folder_.path() / (name + ".pem"), folder_.path() / (name + ".key")};
  }

private:
  temporary_directory folder_;
};

const certificates& cluster_certificates() {
  static const certificates made{{"node-a", "node-b", "node-c"}};
  return made;
}

const certificates& foreign_certificates() {
  static const certificates made{{"node-c"}};
  return made;
}

link_settings tls_settings(const std::string& name, std::vector<std::string> seeds = {}) {
  auto settings = node_settings(name, std::move(seeds));
  settings.tls = cluster_certificates().of(name);
  return settings;
}

/// A connection of somebody who is no node.
class stranger {
public:
  explicit stranger(std::uint16_t port)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect");
  }
  ~stranger() { ::close(fd_); }
  stranger(stranger&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)) {}
  stranger(const stranger&) = delete;
  stranger& operator=(const stranger&) = delete;

  void say(std::string_view bytes) const { ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  /// Reads until the node hangs up; false when it does not in time.
  bool is_cut_off(std::chrono::seconds timeout = 10s) const {
    timeval limit{timeout.count(), 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    std::array<char, 4096> bytes{};
    for (;;) {
      auto size = ::recv(fd_, bytes.data(), bytes.size(), 0);
      if (size == 0 || (size < 0 && errno != EAGAIN))
        return true;
      if (size < 0)
        return false;
    }
  }

private:
  int fd_;
};

/// Two nodes with a healthy link between them, beside which strangers try what they can.
struct besieged {
  explicit besieged(link_settings of_a, const std::function<link_settings(std::vector<std::string>)>& of_b)
      : a(std::move(of_a))
      , b(of_b({a.address()})) {
    if (!a.listener.wait_for_link("node-b") || !b.listener.wait_for_link("node-a"))
      throw std::runtime_error("no link");
  }

  /// The link has served a request and never went away.
  void expect_healthy() {
    auto answer = b.ask("node-a", peer::drain_node{});
    EXPECT_TRUE(answer.has_value());
    EXPECT_EQ(a.listener.story(), std::vector<std::string>{"up node-b"});
    EXPECT_EQ(b.listener.story(), std::vector<std::string>{"up node-a"});
  }

  bool wait_for_refusals(std::uint64_t count) {
    auto deadline = std::chrono::steady_clock::now() + 15s;
    while (a.counters[counter::link_handshakes_refused] < count) {
      if (std::chrono::steady_clock::now() > deadline)
        return false;
      b.ask("node-a", peer::drain_node{}); // the healthy link works all the while, and paces this loop
    }
    return true;
  }

  linked_node a;
  linked_node b;
};

besieged plain_pair() {
  return besieged{node_settings("node-a"),
                  [](std::vector<std::string> seeds) { return node_settings("node-b", std::move(seeds)); }};
}

besieged tls_pair() {
  return besieged{tls_settings("node-a"),
                  [](std::vector<std::string> seeds) { return tls_settings("node-b", std::move(seeds)); }};
}

/// `openssl s_client` against a node; everything in `input` is sent after the handshake.
std::string openssl_client(std::uint16_t port, std::vector<std::string> more, std::string input = {}) {
  child_process_options options;
  options.arguments = {"openssl", "s_client", "-connect", fmt::format("127.0.0.1:{}", port), "-brief"};
  options.arguments.insert(options.arguments.end(), more.begin(), more.end());
  options.input = std::move(input);
  child_process client{options};
  client.wait_for_exit(20s);
  return client.output();
}

std::string random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random{seed};
  std::string bytes(size, '\0');
  for (auto& byte : bytes)
    byte = static_cast<char>(random() & 0xff);
  return bytes;
}

/// The head of a message that claims 128 MiB.
std::string oversize_message() {
  return std::string{"\0\0\0\0\0\0\0\1", 8} + std::string(4096, '\0');
}

void throw_everything_at(besieged& nodes) {
  auto port = nodes.a.network->port();
  auto before = nodes.a.counters[counter::link_handshakes_refused];
  std::vector<stranger> silent;
  for (int i = 0; i < 20; ++i)
    silent.emplace_back(port);
  for (unsigned i = 0; i < 10; ++i) {
    stranger http{port};
    http.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    stranger noise{port};
    noise.say(random_bytes(2000, i));
    stranger large{port};
    large.say(oversize_message());
    EXPECT_TRUE(large.is_cut_off()) << "seed " << i;
  }
  for (int i = 0; i < 200; ++i)
    stranger{port};
  for (const auto& each : silent)
    EXPECT_TRUE(each.is_cut_off());
  EXPECT_TRUE(nodes.wait_for_refusals(before + 250));
}

} // namespace

TEST(LinkStranger, NothingThatIsThrownAtAPlainPortDisturbsALink) {
  auto nodes = plain_pair();

  throw_everything_at(nodes);

  nodes.expect_healthy();
}

TEST(LinkStranger, NothingThatIsThrownAtATlsPortDisturbsALink) {
  auto nodes = tls_pair();

  throw_everything_at(nodes);

  nodes.expect_healthy();
}

TEST(LinkStranger, ALinkThatIsUpOutlivesMoreConnectionsThanAreGreetedAtOnce) {
  auto nodes = plain_pair();

  std::vector<stranger> silent;
  for (int i = 0; i < 150; ++i)
    silent.emplace_back(nodes.a.network->port());

  EXPECT_TRUE(silent.front().is_cut_off(2s)) << "the oldest makes room for the newest";
  linked_node c{node_settings("node-c", {nodes.a.address()})};
  EXPECT_TRUE(c.listener.wait_for_link("node-a", 3s)) << "a node finds its way through the crowd";
}

TEST(LinkStranger, AClientWithoutCertificateIsRefused) {
  auto nodes = tls_pair();

  openssl_client(nodes.a.network->port(), {});

  EXPECT_TRUE(nodes.wait_for_refusals(1));
  nodes.expect_healthy();
}

TEST(LinkStranger, ATls12ClientIsRefused) {
  auto nodes = tls_pair();
  auto own = cluster_certificates().of("node-c");

  auto output = openssl_client(nodes.a.network->port(), {"-tls1_2", "-cert", own.certificate.string(), "-key",
                                                         own.key.string(), "-CAfile", own.ca.string()});

  EXPECT_TRUE(nodes.wait_for_refusals(1)) << output;
  EXPECT_NE(output.find("protocol version"), std::string::npos) << output;
  nodes.expect_healthy();
}

TEST(LinkStranger, ANodeOfAForeignCaIsRefusedByBothSides) {
  auto nodes = tls_pair();
  auto foreign = node_settings("node-c", {nodes.a.address()});
  foreign.tls = foreign_certificates().of("node-c");

  linked_node c{foreign};

  EXPECT_TRUE(nodes.wait_for_refusals(1));
  EXPECT_EQ(c.listener.ups().size(), 0u);
  nodes.expect_healthy();
}

TEST(LinkStranger, ANodeUnderTheNameOfAnotherIsRefused) {
  auto nodes = tls_pair();
  auto liar = node_settings("node-d", {nodes.a.address()});
  liar.tls = cluster_certificates().of("node-c");

  linked_node d{liar};

  auto told = nodes.a.log.wait_for("link_refused");
  ASSERT_TRUE(told);
  EXPECT_NE(told->fields["reason"].find("its certificate says \"node-c\""), std::string::npos);
  EXPECT_EQ(d.listener.ups().size(), 0u);
  nodes.expect_healthy();
}

TEST(LinkStranger, GarbageAfterAValidHandshakeEndsThatConnectionOnly) {
  auto nodes = tls_pair();
  auto own = cluster_certificates().of("node-c");
  std::vector<std::string> identity{"-cert",   own.certificate.string(), "-key", own.key.string(),
                                    "-CAfile", own.ca.string()};

  for (unsigned seed = 0; seed < 3; ++seed)
    openssl_client(nodes.a.network->port(), identity, random_bytes(3000, seed));
  openssl_client(nodes.a.network->port(), identity, oversize_message());

  EXPECT_TRUE(nodes.wait_for_refusals(4));
  nodes.expect_healthy();
}

TEST(LinkStranger, WrongFilesAreAnErrorAtTheStart) {
  auto settings = tls_settings("node-a");
  settings.tls.key = settings.tls.certificate;
  recording_listener listener;
  counting_telemetry counters;
  silent_logger log;
  settings.counters = &counters;
  settings.log = &log;

  auto started = kj_peer_network::start(settings, listener);

  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code, errc::malformed);
}

TEST(LinkStranger, ATakenPortIsAnErrorAtTheStart) {
  linked_node a{node_settings("node-a")};
  auto settings = node_settings("node-b");
  settings.listen = a.address();

  EXPECT_THROW(linked_node{settings}, std::runtime_error);
}

} // namespace plenary::test
