#include "node/net/curl_http_client.hpp"
#include "tests/support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::scripted_server;
using test::send_all;

/// What the client makes of a server's answer; at most `deadline` may pass.
result<http_response> judged(scripted_server& server, std::chrono::milliseconds deadline = 600ms,
                             bool keep_body = true) {
  curl_http_client client;
  http_request request;
  request.url = server.url();
  request.body = "{}";
  request.source = url_source::configuration;
  request.total_timeout = deadline;
  request.keep_body = keep_body;
  std::promise<result<http_response>> answer;
  const auto began = std::chrono::steady_clock::now();
  client.send(std::move(request), [&](auto came) { answer.set_value(std::move(came)); });
  auto came = answer.get_future().get();
  EXPECT_LT(std::chrono::steady_clock::now() - began, deadline + 3s);
  return came;
}

errc fault_of(const std::string& bytes) {
  scripted_server server{test::says(bytes)};
  const auto answer = judged(server, 5s);
  EXPECT_FALSE(answer) << bytes.substr(0, 100);
  return answer ? errc::internal : answer.error().code;
}

TEST(HostileServer, IsNotBelievedWhenItsAnswerIsCut) {
  for (const char* cut :
       {"", "HTTP/1.1", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"})
    EXPECT_EQ(fault_of(cut), errc::network) << cut;
}

TEST(HostileServer, IsNotBelievedWhenItSpeaksNoHttp) {
  EXPECT_EQ(fault_of("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), errc::network);
  EXPECT_EQ(fault_of(std::string{"\x16\x03\x01\x02\x00\x01\x00\x01", 8}), errc::network);
  EXPECT_EQ(fault_of("<html>hello</html>"), errc::network);
  EXPECT_EQ(fault_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), errc::network);
}

TEST(HostileServer, TellsNothingOfWhatItSaidInAnError) {
  scripted_server server{test::says("secret-of-an-inside-service\r\n")};

  const auto answer = judged(server);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message.find("secret"), std::string::npos);
}

TEST(HostileServer, IsCutOffWhenItsHeaderNeverEnds) {
  for (const char* line : {"x: y\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "a"}) {
    std::atomic<std::size_t> taken = 0;
    scripted_server server{[&](scripted_server& self, int connection) {
      if (self.read_head(connection) && send_all(connection, "HTTP/1.1 200 OK\r\n"))
        taken = self.drip(connection, line, 0ms);
    }};

    EXPECT_FALSE(judged(server, 10s)) << line;
  }
}

TEST(HostileServer, IsCutOffWhenItsBodyNeverEnds) {
  for (const std::string head :
       {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n"})
    for (bool keep : {true, false}) {
      scripted_server server{[&](scripted_server& self, int connection) {
        if (self.read_head(connection) && send_all(connection, head))
          self.drip(connection, std::string(16384, '\0'), 0ms);
      }};

      const auto answer = judged(server, 10s, keep);

      ASSERT_FALSE(answer) << head;
      EXPECT_EQ(answer.error().code, errc::limit_reached) << head;
    }
}

TEST(HostileServer, IsCutOffWhenItsTrailersNeverEnd) {
  scripted_server server{[](scripted_server& self, int connection) {
    if (self.read_head(connection) &&
        send_all(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"))
      self.drip(connection, "trailer: x\r\n", 0ms);
  }};

  EXPECT_FALSE(judged(server, 10s));
}

TEST(HostileServer, HasUntilTheDeadlineHoweverSlowlyItSpeaks) {
  for (const std::string start :
       {"", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFF\r\n"}) {
    scripted_server server{[&](scripted_server& self, int connection) {
      if (self.read_head(connection) && send_all(connection, start))
        self.drip(connection, "1", 20ms);
    }};

    const auto answer = judged(server);

    ASSERT_FALSE(answer);
    EXPECT_TRUE(answer.error().code == errc::timeout || start.empty()) << answer.error().message;
  }
}

TEST(HostileServer, MayResetTheConnectionAtAnyStage) {
  for (const std::string before : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
                                   "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123"})
    for (bool reads : {true, false}) {
      scripted_server server{[&](scripted_server& self, int connection) {
        if (reads)
          self.read_head(connection);
        if (!before.empty())
          send_all(connection, before);
        scripted_server::reset(connection);
      }};

      const auto answer = judged(server, 5s);

      ASSERT_FALSE(answer) << before;
      EXPECT_EQ(answer.error().code, errc::network) << before;
    }
}

TEST(HostileServer, DecodesNothingThatWasNotAskedFor) {
  const std::string bomb{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03", 10};
  scripted_server server{
      test::says("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n" + bomb)};

  const auto answer = judged(server, 5s);

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, bomb);
  EXPECT_EQ(answer->headers.at("content-encoding"), "gzip");
}

TEST(HostileServer, MayAnswerWithoutALengthAndClose) {
  scripted_server server{test::says("HTTP/1.1 200 OK\r\n\r\nwhole")};

  EXPECT_EQ(judged(server, 5s)->body, "whole");
}

} // namespace
} // namespace plenary
