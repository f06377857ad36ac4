#include "node/net/curl_http_client.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::http_message;
using test::http_reply;
using test::http_server;
using test::scripted_server;
using answer_to_come = std::future<result<http_response>>;

answer_to_come ask(http_client& client, const std::string& lane, const std::string& url,
                   http_purpose purpose = http_purpose::document) {
  http_request request;
  request.url = url;
  request.body = "{}";
  request.source = url_source::configuration;
  request.purpose = purpose;
  request.lane = lane;
  request.total_timeout = 5s;
  auto promise = std::make_shared<std::promise<result<http_response>>>();
  client.send(std::move(request), [promise](auto answer) { promise->set_value(std::move(answer)); });
  return promise->get_future();
}

/// Takes every connection and never says a word.
scripted_server::script silence() {
  return [](scripted_server& server, int connection) { server.hold(connection); };
}

http_server::handler prompt() {
  return [](const http_message&) { return http_reply{}; };
}

/// The time of one request in milliseconds.
double time_of(http_client& client, const std::string& lane, const std::string& url) {
  const auto began = std::chrono::steady_clock::now();
  const auto answer = ask(client, lane, url).get();
  EXPECT_TRUE(answer) << answer.error().message;
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
}

TEST(HttpClientLanes, LetNobodyWaitForAnotherCustomersSilentServers) {
  std::list<scripted_server> silent;
  for (int i = 0; i < 20; ++i)
    silent.emplace_back(silence());
  http_server good{prompt()};
  curl_http_client client;
  std::vector<answer_to_come> open;
  for (int i = 0; i < 16; ++i)
    for (const auto& server : silent)
      open.push_back(ask(client, "cust_a", server.url()));

  EXPECT_LT(time_of(client, "cust_b", good.url("/")), 1000);
  EXPECT_LT(time_of(client, "cust_a", good.url("/")), 1000) << "another host of the same customer";
}

TEST(HttpClientLanes, KeepWebhooksAndDocumentsApart) {
  scripted_server silent{silence()};
  http_server good{prompt()};
  http_client_settings settings;
  settings.webhooks = {.per_host = 2, .per_customer = 2, .total = 2};
  curl_http_client client{settings};
  std::vector<answer_to_come> open;
  for (int i = 0; i < 4; ++i)
    open.push_back(ask(client, "cust_a", silent.url(), http_purpose::webhook));

  EXPECT_LT(time_of(client, "cust_a", good.url("/")), 1000);
}

TEST(HttpClientLanes, StartTheClockWhenARequestLeaves) {
  std::atomic<int> arrived = 0;
  http_server slow{[&](const http_message&) {
    ++arrived;
    http_reply reply;
    reply.delay = 400ms;
    return reply;
  }};
  http_client_settings settings;
  settings.documents = {.per_host = 1};
  curl_http_client client{settings};
  std::vector<answer_to_come> open;
  for (int i = 0; i < 4; ++i) {
    http_request request;
    request.url = slow.url("/");
    request.source = url_source::configuration;
    request.purpose = http_purpose::document;
    request.total_timeout = 1200ms; // the last one waits as long before it leaves
    auto promise = std::make_shared<std::promise<result<http_response>>>();
    client.send(std::move(request), [promise](auto answer) { promise->set_value(std::move(answer)); });
    open.push_back(promise->get_future());
  }

  for (auto& each : open) {
    const auto answer = each.get();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_LT(answer->elapsed, 1200ms);
  }
  EXPECT_EQ(arrived, 4);
}

TEST(HttpClientLanes, EndTheWaitWithAnErrorThatSaysSo) {
  scripted_server silent{silence()};
  http_client_settings settings;
  settings.documents = {.per_host = 1};
  settings.queue_patience = 200ms;
  curl_http_client client{settings};
  auto first = ask(client, "cust_a", silent.url());

  const auto waited = ask(client, "cust_a", silent.url()).get();

  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, errc::limit_reached);
  EXPECT_EQ(waited.error().message, "too many requests of this customer are under way");
}

TEST(HttpClientLanes, LetNobodyWaitForAnotherCustomersSilentNameServer) {
  struct server_of_names {
    std::mutex mutex;
    std::condition_variable changed;
    bool speaks = false;
  };
  const auto names = std::make_shared<server_of_names>();
  http_server good{prompt()};
  http_client_settings settings;
  settings.resolver.look_up = [names](const std::string& host) -> result<host_addresses> {
    std::unique_lock lock(names->mutex);
    if (host.starts_with("silent"))
      names->changed.wait(lock, [&] { return names->speaks; });
    return host_addresses{"127.0.0.1"};
  };
  auto client = std::make_unique<curl_http_client>(settings);
  std::vector<answer_to_come> open;
  for (int i = 0; i < 300; ++i)
    open.push_back(ask(*client, "cust_a", fmt::format("http://silent{}.internal/", i % 40)));

  EXPECT_LT(time_of(*client, "cust_b", fmt::format("http://good.internal:{}/", good.port())), 1000);
  EXPECT_LT(time_of(*client, "cust_a", good.url("/")), 1000) << "an address needs no name server";
  const auto began = std::chrono::steady_clock::now();
  client.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1s) << "nobody waits for a look-up";
  const std::lock_guard lock(names->mutex);
  names->speaks = true;
  names->changed.notify_all();
}

TEST(HttpClientLanes, GiveANameServerAsLongAsAConnection) {
  const auto never = std::make_shared<std::promise<void>>();
  http_client_settings settings;
  settings.resolver.look_up = [wait = never->get_future().share()](const std::string&) {
    wait.wait();
    return result<host_addresses>{};
  };
  curl_http_client client{settings};
  http_request request;
  request.url = "http://silent.customer.com/";
  request.connect_timeout = 100ms;
  std::promise<result<http_response>> answer;

  client.send(std::move(request), [&](auto came) { answer.set_value(std::move(came)); });

  EXPECT_EQ(answer.get_future().get().error().code, errc::network);
  never->set_value();
}

} // namespace
} // namespace plenary
