#include "node/http/http_server.hpp"
#include "tests/node/http/raw_client.hpp"
#include "tests/support/fake_edges.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <future>
#include <mutex>
#include <thread>
#include <tuple>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Answers with what it was asked; `/thread` from another thread, `/never` not at all, `/twice` twice.
class echo_handler final : public request_handler {
public:
  ~echo_handler() override {
    for (auto& thread : threads_)
      thread.join();
  }

  void handle(server_request request, reply_callback reply) override {
    server_reply answer{200, "text/plain", {}, request.method + " " + request.path + " " + request.body};
    if (request.path == "/great")
      answer.body.assign(64 * 1024 * 1024, 'x'); // more than any socket buffer takes
    if (request.path == "/thread") {
      threads_.emplace_back([answer, reply] { reply(answer); });
    } else if (request.path == "/never") {
      std::lock_guard guard{mutex_};
      kept_ = reply;
      asked_.set_value();
    } else {
      reply(answer);
      if (request.path == "/twice")
        reply(answer);
    }
  }

  std::future<void> asked() { return asked_.get_future(); }

  reply_callback kept() {
    std::lock_guard guard{mutex_};
    return kept_;
  }

private:
  std::mutex mutex_;
  std::promise<void> asked_;
  reply_callback kept_;
  std::vector<std::thread> threads_;
};

class HttpServer : public ::testing::Test {
protected:
  void start(http_server_options options = {}) {
    server = std::move(http_server::start(std::move(options), handler, meters, log).value());
  }

  raw_client connect() { return raw_client{server->port()}; }

  echo_handler handler;
  test::counting_telemetry meters;
  test::silent_logger log;
  std::unique_ptr<http_server> server;
};

std::string get(std::string_view path, std::string_view more = {}) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n", path, more);
}

TEST_F(HttpServer, AnswersWithEveryHeaderItOwes) {
  start();
  auto client = connect();

  client.send(get("/a"));

  auto reply = client.reply();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(reply, HasSubstr("\r\nContent-Type: text/plain\r\n"));
  EXPECT_THAT(reply, HasSubstr("\r\nContent-Length: 7\r\n"));
  EXPECT_THAT(reply, ContainsRegex("\r\nX-Request-Id: req_[0-9a-f]{16}\r\n"));
  EXPECT_THAT(reply, HasSubstr("\r\nCache-Control: no-store\r\n"));
  EXPECT_THAT(reply,
              ContainsRegex("\r\nDate: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT\r\n"));
  EXPECT_THAT(reply, HasSubstr("\r\n\r\nGET /a "));
  EXPECT_EQ(meters[counter::http_requests_ok], 1u);
}

TEST_F(HttpServer, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder) {
  start();
  auto client = connect();

  client.send(get("/thread") + get("/twice") + get("/c", "Connection: close\r\n"));

  EXPECT_THAT(client.reply(), HasSubstr("GET /thread "));
  EXPECT_THAT(client.reply(), HasSubstr("GET /twice "));
  auto last = client.until_closed();
  EXPECT_THAT(last, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(last, HasSubstr("GET /c "));
}

TEST_F(HttpServer, LeavesTheBodyOutOfAReplyToHead) {
  start();
  auto client = connect();

  client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + get("/b"));

  EXPECT_THAT(client.reply(true), HasSubstr("\r\nContent-Length: 8\r\n"));
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServer, SendsContinueBeforeItReadsTheBody) {
  start();
  auto client = connect();

  client.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  auto interim = client.reply();
  client.send("abc");

  EXPECT_EQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_THAT(client.reply(), HasSubstr("\r\n\r\nPOST /p abc"));
}

TEST_F(HttpServer, RefusesWithTheErrorEnvelopeAndCloses) {
  start();
  for (auto [bytes, status, code] :
       {std::tuple{std::string{"GET / HTTP/1.1\r\n\r\n"}, "400 Bad Request", "invalid_request"},
        std::tuple{get("/", "X: " + std::string(20000, 'x') + "\r\n"), "431 ", "header_too_large"},
        std::tuple{get("/", "Transfer-Encoding: xchunked\r\n"), "501 ", "unsupported"},
        std::tuple{get("/", "Content-Length: 100000\r\n") + std::string(100000, 'x'), "413 ",
                   "body_too_large"}}) {
    auto client = connect();

    client.send(bytes);

    auto reply = client.until_closed();
    EXPECT_THAT(reply, StartsWith(std::string{"HTTP/1.1 "} + status));
    EXPECT_THAT(reply, HasSubstr(fmt::format(R"("code":"{}")", code)));
    EXPECT_THAT(reply, HasSubstr("\r\nConnection: close\r\n"));
  }
  EXPECT_EQ(meters[counter::http_requests_client_error], 3u);
  EXPECT_EQ(meters[counter::http_requests_server_error], 1u);
}

TEST_F(HttpServer, CutsAClientThatDribblesItsRequest) {
  http_server_options options;
  options.request_deadline = 300ms;
  start(options);
  auto slow = connect();
  auto started = std::chrono::steady_clock::now();

  slow.send("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
  while (std::chrono::steady_clock::now() - started < 9s && slow.send("x"))
    if (slow.is_closed_within(20ms))
      break;

  EXPECT_LT(std::chrono::steady_clock::now() - started, 9s);
  EXPECT_EQ(meters[counter::http_connections_too_slow], 1u);
}

TEST_F(HttpServer, TellsAClientWhoseBodyDoesNotComeAndClosesAnIdleOneInSilence) {
  http_server_options options;
  options.request_deadline = 200ms;
  start(options);
  auto slow = connect();
  auto idle = connect();

  slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx");

  EXPECT_THAT(slow.until_closed(), StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(idle.until_closed(), "");
}

TEST_F(HttpServer, CutsAClientThatDoesNotReadItsReply) {
  http_server_options options;
  options.request_deadline = 300ms;
  start(options);
  auto client = connect();

  client.send(get("/great"));

  const auto deadline = std::chrono::steady_clock::now() + 9s;
  const auto is_cut = [&] {
    return meters[counter::http_connections_too_slow] == 1 && meters[gauge::http_connections] == 0;
  };
  while (!is_cut() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_TRUE(is_cut());
}

TEST_F(HttpServer, ServesOthersWhileSlowClientsHoldConnections) {
  start();
  std::vector<std::unique_ptr<raw_client>> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(std::make_unique<raw_client>(server->port()));
    slow.back()->send("GET / HTTP/1.1\r\n");
  }
  auto client = connect();

  client.send(get("/a"));

  EXPECT_THAT(client.reply(), HasSubstr("200 OK"));
}

TEST_F(HttpServer, Answers504WhenTheHandlerDoesNotAndDropsItsLateReply) {
  http_server_options options;
  options.reply_deadline = 50ms;
  start(options);
  auto client = connect();
  auto asked = handler.asked();

  client.send(get("/never"));
  auto reply = client.reply();
  asked.wait();
  handler.kept()({200, "text/plain", {}, "late"});
  client.send(get("/next"));

  EXPECT_THAT(reply, StartsWith("HTTP/1.1 504 "));
  EXPECT_THAT(reply, HasSubstr(R"("code":"timeout")"));
  EXPECT_THAT(client.reply(), HasSubstr("GET /next "));
  EXPECT_EQ(meters[counter::http_requests_server_error], 1u);
}

TEST_F(HttpServer, RefusesMoreConnectionsFromOneAddressWhileAllAreAtWork) {
  http_server_options options;
  options.max_connections_per_address = 1;
  start(options);
  auto first = connect();
  auto asked = handler.asked();
  first.send(get("/never"));
  asked.wait();

  auto second = connect();

  EXPECT_THAT(second.until_closed(), StartsWith("HTTP/1.1 429 "));
  EXPECT_EQ(meters[counter::http_limited_connections], 1u);
  handler.kept()({200, "text/plain", {}, "kept"});
  EXPECT_THAT(first.reply(), HasSubstr("kept"));
}

TEST_F(HttpServer, GivesThePlaceOfAnIdleConnectionToANewOneOfTheSameAddress) {
  http_server_options options;
  options.max_connections_per_address = 2;
  start(options);
  auto oldest = connect();
  oldest.send(get("/a"));
  oldest.reply();
  auto second = connect();
  second.send(get("/b"));
  second.reply();

  auto third = connect();
  third.send(get("/c"));

  EXPECT_THAT(third.reply(), HasSubstr("GET /c "));
  EXPECT_EQ(oldest.until_closed(), "");
  second.send(get("/d"));
  EXPECT_THAT(second.reply(), HasSubstr("GET /d "));
  EXPECT_EQ(meters[counter::http_connections_too_slow], 1u);
  EXPECT_EQ(meters[gauge::http_connections], 2);
}

TEST_F(HttpServer, LetsConnectionsOverTheTotalWaitForAFreePlace) {
  http_server_options options;
  options.max_connections = 1;
  start(options);
  auto first = connect();
  auto asked = handler.asked();
  first.send(get("/never", "Connection: close\r\n"));
  asked.wait();
  auto second = connect();
  second.send(get("/waiting"));

  EXPECT_FALSE(second.is_closed_within(200ms));
  handler.kept()({200, "text/plain", {}, "kept"});

  EXPECT_THAT(first.reply(), HasSubstr("kept"));
  EXPECT_THAT(second.reply(), HasSubstr("GET /waiting "));
}

TEST_F(HttpServer, ServesOthersWhen500SlowConnectionsTakeEveryPlace) {
  http_server_options options;
  options.max_connections = 200;
  options.max_connections_per_address = 200;
  start(options);
  std::vector<std::unique_ptr<raw_client>> slow;
  for (int i = 0; i < 500; ++i) {
    slow.push_back(std::make_unique<raw_client>(server->port()));
    slow.back()->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx");
  }

  for (int i = 0; i < 20; ++i) {
    auto client = connect();
    client.send(get("/a"));
    EXPECT_THAT(client.reply(), HasSubstr("200 OK")) << i;
  }
  EXPECT_LE(meters[gauge::http_connections], 200);
  EXPECT_GE(meters[counter::http_connections_too_slow], 300u);
}

TEST_F(HttpServer, GoesOnWhenNoDescriptorIsLeft) {
  start();
  auto idle = connect();
  idle.send(get("/a"));
  idle.reply();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  std::vector<int> taken;
  while (true) { // leaves none for accept()
    const int copy = ::dup(0);
    if (copy < 0)
      break;
    taken.push_back(copy);
    if (taken.size() == 1) {
      auto few = before;
      few.rlim_cur = static_cast<rlim_t>(copy) + 20;
      ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    }
  }
  const auto busy_before = std::clock();

  ::close(taken.back()); // for the client, which leaves none for the server
  taken.pop_back();
  auto waiting = connect();
  waiting.send(get("/b"));

  const bool closed = idle.is_closed_within(5s);
  const auto reply = waiting.reply();
  const auto busy = static_cast<double>(std::clock() - busy_before) / CLOCKS_PER_SEC;
  // Before anything is judged: the sanitizers' own checks want a descriptor now and then.
  for (const int descriptor : taken)
    ::close(descriptor);
  ::setrlimit(RLIMIT_NOFILE, &before);

  EXPECT_TRUE(closed) << "the idle connection gives its descriptor up";
  EXPECT_THAT(reply, HasSubstr("GET /b "));
  EXPECT_GE(meters[counter::http_accept_failures], 1u);
  EXPECT_LT(busy, 1.0) << "no busy loop";
}

TEST_F(HttpServer, StopsWhileARequestWaitsAndTakesItsReplyWithoutHarm) {
  http_server_options options;
  options.stop_deadline = 50ms;
  start(options);
  auto idle = connect();
  auto client = connect();
  auto asked = handler.asked();
  client.send(get("/never"));
  asked.wait();

  server->stop();
  handler.kept()({});

  EXPECT_EQ(client.until_closed(), "");
  EXPECT_EQ(idle.until_closed(), "");
  EXPECT_FALSE(connect().connected());
}

TEST_F(HttpServer, FinishesARequestUnderWayWhenItStops) {
  http_server_options options;
  options.stop_deadline = 5000ms;
  start(options);
  auto client = std::make_unique<raw_client>(server->port());
  auto asked = handler.asked();
  client->send(get("/never"));
  asked.wait();
  std::jthread stopping{[&] { server->stop(); }};

  handler.kept()({200, "text/plain", {}, "done"});
  auto reply = client->reply();
  client.reset();

  EXPECT_THAT(reply, HasSubstr("done"));
}

TEST_F(HttpServer, TellsWhenThePortIsTaken) {
  start();
  http_server_options options;
  options.port = server->port();

  auto second = http_server::start(options, handler, meters, log);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::network);
  EXPECT_THAT(second.error().message, HasSubstr("HTTP cannot listen on 127.0.0.1 port"));
}

} // namespace
} // namespace plenary
