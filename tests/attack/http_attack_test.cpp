#include "tests/attack/under_attack.hpp"

#include <sys/socket.h>

#include <random>

namespace plenary::attack::http_attack_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string bytes_of(std::mt19937& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (auto& each : bytes)
    each = static_cast<char>(random() & 0xff);
  return bytes;
}

class HttpAttacks : public UnderAttack {
protected:
  /// Requests that are wrong in every place where one can be, by seed.
  std::string wrong_request(std::mt19937& random) const {
    static constexpr std::array<std::string_view, 12> lines{
        "Host: x\r\nHost: y\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1;a=b;c=\"d\r\nx\r\n0\r\nT: x\r\n\r\n",
        "Authorization: Bearer \xff\xfe\r\n",
        "Expect: 200-ok\r\n",
        " folded\r\n",
        "X\r\n",
        ": x\r\n",
        "Connection: upgrade\r\nUpgrade: h2c\r\n",
        "Range: bytes=0-,0-,0-,0-\r\n"};
    static constexpr std::array<std::string_view, 8> starts{"GET /v1/rooms HTTP/1.1\r\n",
                                                            "POST /v1/calls/x/hangup HTTP/1.1\r\n",
                                                            "GET /v1/rooms/%00%zz HTTP/1.1\r\n",
                                                            "GET //../../etc/passwd HTTP/1.1\r\n",
                                                            "PRI * HTTP/2.0\r\n",
                                                            "GET http://[::1 HTTP/1.1\r\n",
                                                            "\r\n\r\nGET / HTTP/9.9\r\n",
                                                            "get /metrics HTTP/1.1\r\n"};
    std::string text{starts[random() % starts.size()]};
    for (auto more = random() % 4; more > 0; --more)
      text += lines[random() % lines.size()];
    if (random() % 4 == 0)
      text += std::string(random() % 20'000, 'a') + "\r\n";
    if (random() % 4 == 0)
      text.resize(random() % text.size());
    else if (random() % 4 == 0)
      text[random() % text.size()] = static_cast<char>(random() & 0xff);
    return text + "\r\n";
  }

  /// Says this and reads what is said back, until the node is silent or closes.
  void exchange(const std::string& text) const {
    const auto connection = test::connect_to(node->http());
    test::send_all(connection.get(), text);
    ::shutdown(connection.get(), SHUT_WR);
    std::array<char, 4096> buffer{};
    while (test::wait_readable(connection.get(), milliseconds(500)))
      if (::recv(connection.get(), buffer.data(), buffer.size(), 0) <= 0)
        return;
  }
};

TEST_F(HttpAttacks, GarbageAndSlowClientsDisturbNobody) {
  SCOPED_TRACE(seed());
  begin();
  std::mt19937 random(seed());

  std::vector<test::file_descriptor> slow;
  for (int i = 0; i < 500; ++i) {
    slow.push_back(test::connect_to(node->http()));
    test::send_all(slow.back().get(), "GET /v1/rooms HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
  }
  for (int i = 0; i < 150 * factor(); ++i) {
    exchange(wrong_request(random));
    exchange(bytes_of(random, random() % 2000));
    test::send_all(slow[random() % slow.size()].get(), "a");
  }
  EXPECT_TRUE(node->get("/v1/rooms").has_value()) << "nobody else is served beside slow clients";
  slow.clear();

  expect_unharmed();
  EXPECT_GT(metric("plenary_http_requests_total{class=\"client_error\"}"), 0);
}

} // namespace

} // namespace plenary::attack::http_attack_test
