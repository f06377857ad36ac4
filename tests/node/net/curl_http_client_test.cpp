#include "node/net/curl_http_client.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/ports.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::http_message;
using test::http_reply;
using test::http_server;

std::future<result<http_response>> start(http_client& client, http_request request) {
  auto promise = std::make_shared<std::promise<result<http_response>>>();
  client.send(std::move(request), [promise](auto answer) { promise->set_value(std::move(answer)); });
  return promise->get_future();
}

result<http_response> send(http_client& client, http_request request) {
  return start(client, std::move(request)).get();
}

http_request post(const std::string& url, std::string body = "{}") {
  http_request request;
  request.url = url;
  request.body = std::move(body);
  request.source = url_source::configuration;
  return request;
}

http_reply reply_with(int status, std::string body = "",
                      std::vector<std::pair<std::string, std::string>> headers = {}) {
  http_reply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers = std::move(headers);
  return reply;
}

http_reply no_reply() {
  http_reply reply;
  reply.hang = true;
  return reply;
}

http_server::handler answers(http_reply reply) {
  return [reply](const http_message&) { return reply; };
}

TEST(HttpClient, PostsBodyAndHeadersAndReturnsTheAnswer) {
  std::promise<http_message> seen;
  http_server server{[&](const http_message& request) {
    seen.set_value(request);
    return reply_with(201, "made", {{"X-Kind", "one"}, {"x-kind", "two"}});
  }};
  curl_http_client client;
  auto request = post(server.url("/hooks?a=b"), "the body");
  request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};

  auto answer = send(client, request);

  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "made");
  EXPECT_EQ(answer->headers.at("x-kind"), "one, two");
  auto arrived = seen.get_future().get();
  EXPECT_EQ(arrived.start_line, "POST /hooks?a=b HTTP/1.1");
  EXPECT_EQ(arrived.body, "the body");
  EXPECT_EQ(arrived.header("content-type"), "application/json");
  EXPECT_EQ(arrived.headers.count("x-empty"), 1U);
  EXPECT_EQ(arrived.headers.count("expect"), 0U);
}

TEST(HttpClient, GetsWithoutABody) {
  http_server server{[](const http_message& request) { return reply_with(200, request.method()); }};
  curl_http_client client;
  auto request = post(server.url("/"), "");
  request.method = "GET";

  EXPECT_EQ(send(client, request)->body, "GET");
}

TEST(HttpClient, KeepsTheConnection) {
  std::atomic<int> requests = 0;
  http_server server{[&](const http_message&) { return reply_with(200, std::to_string(++requests)); }};
  curl_http_client client;

  for (int i = 1; i <= 20; ++i)
    EXPECT_EQ(send(client, post(server.url("/")))->body, std::to_string(i));
}

TEST(HttpClient, ReturnsARedirectAsItIs) {
  http_server server{[](const http_message& request) {
    return request.target() == "/" ? reply_with(302, "", {{"Location", "/other"}})
                                   : reply_with(200, "followed");
  }};
  curl_http_client client;

  auto answer = send(client, post(server.url("/")));

  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(answer->headers.at("location"), "/other");
}

TEST(HttpClient, EndsARequestThatTakesTooLong) {
  http_server server{answers(no_reply())};
  curl_http_client client;
  auto request = post(server.url("/"));
  request.total_timeout = 50ms;

  auto answer = send(client, request);

  EXPECT_EQ(answer.error().code, errc::timeout);
}

TEST(HttpClient, CutsAnAnswerThatIsTooLarge) {
  http_server server{answers(reply_with(200, std::string(5000, 'x')))};
  curl_http_client client;
  auto request = post(server.url("/"));
  request.max_response_bytes = 1000;

  auto answer = send(client, request);

  EXPECT_EQ(answer.error().code, errc::limit_reached);
}

TEST(HttpClient, TakesAnAnswerAtTheLimit) {
  http_server server{answers(reply_with(200, std::string(1000, 'x')))};
  curl_http_client client;
  auto request = post(server.url("/"));
  request.max_response_bytes = 1000;

  EXPECT_EQ(send(client, request)->body.size(), 1000U);
}

TEST(HttpClient, CutsHeadersThatAreTooLarge) {
  http_server server{answers(reply_with(200, "", {{"X-Large", std::string(40000, 'x')}}))};
  curl_http_client client;

  EXPECT_EQ(send(client, post(server.url("/"))).error().code, errc::limit_reached);
}

TEST(HttpClient, AcceptsNoEncodingButIdentity) {
  http_server server{
      [](const http_message& request) { return reply_with(200, request.header("accept-encoding")); }};
  curl_http_client client;

  EXPECT_EQ(send(client, post(server.url("/")))->body, "identity");
}

TEST(HttpClient, SaysNetworkWhenNobodyListens) {
  curl_http_client client;

  auto answer = send(client, post("http://127.0.0.1:" + std::to_string(test::unused_tcp_port()) + "/"));

  EXPECT_EQ(answer.error().code, errc::network);
}

TEST(HttpClient, RefusesWhatIsNoHttpUrlOrNoValidRequest) {
  curl_http_client client;
  auto bad_method = post("http://127.0.0.1/");
  bad_method.method = "DELETE";
  auto body_in_get = post("http://127.0.0.1/", "body");
  body_in_get.method = "GET";
  auto injected = post("http://127.0.0.1/");
  injected.headers = {{"X-A", "1\r\nX-B: 2"}};

  for (const auto& request : {post(""), post("not a url"), post("file:///etc/passwd"),
                              post("gopher://127.0.0.1/"), bad_method, body_in_get, injected})
    EXPECT_EQ(send(client, request).error().code, errc::malformed) << request.url;
}

TEST(HttpClient, UsesNoProxyOfTheEnvironment) {
  http_server server{answers(reply_with(200, "direct"))};
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  curl_http_client client;

  auto answer = send(client, post(server.url("/")));
  ::unsetenv("http_proxy");

  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "direct");
}

TEST(HttpClient, CarriesManyRequestsAtOnce) {
  http_server server{[](const http_message& request) { return reply_with(200, request.body); }};
  curl_http_client client;
  std::vector<std::future<result<http_response>>> answers_to_come;

  for (int i = 0; i < 200; ++i)
    answers_to_come.push_back(start(client, post(server.url("/"), std::to_string(i))));

  for (std::size_t i = 0; i < answers_to_come.size(); ++i) {
    auto answer = answers_to_come[i].get();
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->body, std::to_string(i));
  }
}

TEST(HttpClient, EndsRunningRequestsWhenItIsDestroyed) {
  std::promise<void> arrived;
  http_server server{[&](const http_message&) {
    arrived.set_value();
    return no_reply();
  }};
  auto client = std::make_unique<curl_http_client>();
  auto answer = start(*client, post(server.url("/")));
  arrived.get_future().wait();

  client.reset();

  EXPECT_EQ(answer.get().error().code, errc::unavailable);
}

TEST(HttpClient, TakesRequestsFromWithinACallback) {
  http_server server{[](const http_message& request) { return reply_with(200, request.body); }};
  curl_http_client client;
  std::promise<std::string> last;

  client.send(post(server.url("/"), "first"), [&](const auto&) {
    client.send(post(server.url("/"), "second"), [&](const auto& answer) { last.set_value(answer->body); });
  });

  EXPECT_EQ(last.get_future().get(), "second");
}

} // namespace
} // namespace plenary
