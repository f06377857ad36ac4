#include "node/net/curl_http_client.hpp"
#include "tests/support/ports.hpp"
#include "tests/support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <set>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::says;
using test::scripted_server;

constexpr const char* good_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

http_request asked_by(url_source source, const std::string& url) {
  http_request request;
  request.url = url;
  request.body = "{}";
  request.source = source;
  request.connect_timeout = 2s;
  request.total_timeout = 2s;
  return request;
}

result<http_response> answer_to(http_client& client, http_request request) {
  auto promise = std::make_shared<std::promise<result<http_response>>>();
  client.send(std::move(request), [promise](auto answer) { promise->set_value(std::move(answer)); });
  return promise->get_future().get();
}

/// Settings with a name server that knows these addresses for every name.
http_client_settings with_addresses(host_addresses addresses) {
  http_client_settings settings;
  settings.resolver.look_up = [addresses = std::move(addresses)](const std::string&) {
    return result<host_addresses>{addresses};
  };
  return settings;
}

TEST(HttpClientGuard, LetsNoUrlOfACustomerInsideInAnySpelling) {
  scripted_server server{says(good_answer)};
  curl_http_client client;

  for (const char* host :
       {"127.0.0.1", "localhost", "localhost.", "127.1", "0x7f000001", "0x7f.0.0.1", "2130706433",
        "0177.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "user:password@127.0.0.1", "%31%32%37.0.0.1",
        "[::1]", "127.0.0.1.", "0.0.0.0", "0", "[::]", "[64:ff9b::7f00:1]", "[2002:7f00:1::1]"}) {
    const auto url = fmt::format("http://{}:{}/", host, server.port());
    EXPECT_FALSE(answer_to(client, asked_by(url_source::customer, url))) << url;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClientGuard, LetsTheOperatorsUrlsInsideButNotToMetadata) {
  scripted_server server{says(good_answer)};
  curl_http_client client;

  EXPECT_TRUE(answer_to(client, asked_by(url_source::configuration, server.url())));
  for (const char* host : {"169.254.169.254", "[fd00:ec2::254]", "168.63.129.16", "0.0.0.0"})
    EXPECT_FALSE(answer_to(
        client, asked_by(url_source::configuration, fmt::format("http://{}:{}/", host, server.port()))))
        << host;
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClientGuard, LetsCustomersIntoNetworksThatAreNamed) {
  scripted_server server{says(good_answer)};
  http_client_settings settings;
  settings.allow_networks = {*parse_ip_network("127.0.0.1")};
  curl_http_client client{settings};

  EXPECT_TRUE(answer_to(client, asked_by(url_source::customer, server.url())));
}

TEST(HttpClientGuard, JudgesTheAddressThatANameLeadsToWhoeverWroteTheUrl) {
  scripted_server server{says(good_answer)};
  for (auto source : {url_source::customer, url_source::configuration}) {
    curl_http_client client{with_addresses({"127.0.0.1", "::ffff:127.0.0.1"})};
    const auto url = fmt::format("http://hooks.customer.com:{}/", server.port());
    EXPECT_FALSE(answer_to(client, asked_by(source, url)));
  }
  EXPECT_EQ(server.connections(), 0);

  curl_http_client client{with_addresses({"127.0.0.1"})};
  const auto own = fmt::format("http://app.internal:{}/", server.port());
  EXPECT_TRUE(answer_to(client, asked_by(url_source::configuration, own))) << "the name itself says inside";
  EXPECT_FALSE(answer_to(client, asked_by(url_source::customer, own)));
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClientGuard, GivesACustomerNoConnectionThatWasOpenedForTheOperator) {
  scripted_server server{[](scripted_server& self, int connection) {
    while (self.read_head(connection))
      test::send_all(connection, good_answer);
  }};
  curl_http_client client;
  const auto get = [&](url_source source) {
    auto request = asked_by(source, server.url());
    request.method = "GET";
    request.body.clear();
    return answer_to(client, request);
  };
  ASSERT_TRUE(get(url_source::configuration));
  ASSERT_TRUE(get(url_source::configuration));
  ASSERT_EQ(server.connections(), 1) << "it is kept";

  EXPECT_FALSE(get(url_source::customer));
}

TEST(HttpClientGuard, SaysTheSameOfEveryConnectionThatDoesNotComeAbout) {
  scripted_server garbage{says("SSH-2.0-OpenSSH_9.2\r\n")};
  auto settings = with_addresses({});
  settings.allow_networks = {*parse_ip_network("127.0.0.2")};
  curl_http_client client{settings};
  std::set<std::pair<errc, std::string>> told;

  for (const auto& url :
       {fmt::format("http://127.0.0.1:{}/", garbage.port()),          // refused, listens
        fmt::format("http://127.0.0.1:{}/", test::unused_tcp_port()), // refused, does not listen
        fmt::format("http://127.0.0.2:{}/", test::unused_tcp_port()), // allowed, does not listen
        std::string{"http://169.254.169.254/latest/"}, std::string{"http://no-such-name.customer.com/"}}) {
    const auto answer = answer_to(client, asked_by(url_source::customer, url));
    ASSERT_FALSE(answer);
    told.emplace(answer.error().code, answer.error().message);
  }

  EXPECT_EQ(told.size(), 1U);
}

} // namespace
} // namespace plenary
