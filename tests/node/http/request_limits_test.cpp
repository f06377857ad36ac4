#include "node/http/api.hpp"
#include "schema/json.hpp"
#include "tests/node/http/one_call_and_room.hpp"
#include "tests/support/fake_edges.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace plenary {
namespace {

using namespace std::chrono_literals;

constexpr request_limits::time_point budget_start{5000s};

TEST(RequestLimits, TakeAllAddressesOfOneClientAsOne) {
  EXPECT_EQ(client_group("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(client_group("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(client_group("2001:db8::1"), client_group("2001:db8::2:3:4:5"));
  EXPECT_NE(client_group("2001:db8::1"), client_group("2001:db8:0:1::1"));
  EXPECT_EQ(client_group("fe80::1%eth0"), client_group("fe80::2"));
  EXPECT_EQ(client_group("nonsense"), "nonsense");
}

TEST(RequestLimits, HoldNobodyWithoutBounds) {
  request_limits limits{{}};

  for (int i = 0; i < 10'000; ++i) {
    limits.count_wrong_key("a", budget_start);
    ASSERT_FALSE(limits.take_of_address("a", budget_start));
    ASSERT_FALSE(limits.take_of_application({"app"}, budget_start));
    ASSERT_FALSE(limits.locked_for("a", budget_start));
  }
}

TEST(RequestLimits, BeginWithAFullBudgetWhenTheRateChangesAndKeepItWhenNot) {
  request_limit_settings settings;
  settings.per_address = 1;
  settings.per_application[{"app"}] = 1;
  request_limits limits{settings};
  const auto taken = [&] {
    int count = 0;
    for (int i = 0; i < 20; ++i)
      count += limits.take_of_address("a", budget_start) ? 0 : 1;
    return count;
  };
  EXPECT_EQ(taken(), 2);

  limits.replace(settings);
  EXPECT_EQ(taken(), 0);
  settings.per_address = 3;
  limits.replace(settings);
  EXPECT_EQ(taken(), 6);
  EXPECT_FALSE(limits.take_of_application({"app"}, budget_start));
  settings.per_application.clear();
  limits.replace(settings);
  for (int i = 0; i < 20; ++i)
    EXPECT_FALSE(limits.take_of_application({"app"}, budget_start));
}

/// The API with small budgets and a clock that the test moves.
class GuardedApi : public ::testing::Test {
protected:
  server_reply ask(const std::string& key, const std::string& peer = "192.0.2.1",
                   const std::string& path = "/v1/rooms") {
    server_request request;
    request.method = "GET";
    request.path = path;
    request.peer = peer;
    if (!key.empty())
      request.headers["authorization"] = "Bearer " + key;
    std::optional<server_reply> answer;
    routes->handle(std::move(request), [&](server_reply reply) { answer = std::move(reply); });
    return answer.value_or(server_reply{0, "", {}, ""});
  }
  int status(const std::string& key, const std::string& peer = "192.0.2.1",
             const std::string& path = "/v1/rooms") {
    return ask(key, peer, path).status;
  }

  void start(request_limit_settings limits) {
    api_options options;
    options.limits = std::move(limits);
    options.meters = &meters;
    options.log = &log;
    options.now = [this] { return now; };
    api_keys keys{{{"key-of-a", {{"cust_a"}, {"app_a"}}}, {"key-of-b", {{"cust_b"}, {"app_b"}}}},
                  {"key-of-operator"}};
    routes = std::make_unique<api>(
        std::move(keys), backend, [] { return std::string{"up 1\n"}; }, options);
  }

  request_limits::time_point now = budget_start;
  test::one_call_and_room backend;
  test::counting_telemetry meters;
  test::silent_logger log;
  std::unique_ptr<api> routes;
};

std::string retry_after(const server_reply& reply) {
  for (const auto& [name, value] : reply.headers)
    if (name == "Retry-After")
      return value;
  return "";
}

TEST_F(GuardedApi, AnswersWrongKeysWith429AfterTheBudgetOfTheirAddress) {
  start({0, {}, 30});
  for (int i = 0; i < 30; ++i)
    ASSERT_EQ(status("wrong-key-" + std::to_string(i)), 401) << i;

  const auto refused = ask("wrong-key-30");

  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(retry_after(refused), "2");
  EXPECT_EQ(status("another", "192.0.2.2"), 401) << "another address has its own budget";
  EXPECT_EQ(meters[counter::http_limited_wrong_keys], 1u);
  now += 2s;
  EXPECT_EQ(status("wrong-key-31"), 401);
  EXPECT_EQ(status("wrong-key-32"), 429);
}

TEST_F(GuardedApi, LooksAtNoNewKeyWhileAnAddressIsOutOfTries) {
  start({0, {}, 5});
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(status("guess"), 401);

  EXPECT_EQ(status("key-of-a"), 429);
  EXPECT_EQ(status("key-of-operator", "192.0.2.1", "/v1/nodes"), 429);
  EXPECT_EQ(status("key-of-a", "192.0.2.1", "/v1/nothing"), 429);
  EXPECT_EQ(status("key-of-a", "192.0.2.9"), 200);
  EXPECT_EQ(status("", "192.0.2.1"), 401) << "no key is no guess";
  EXPECT_EQ(status("", "192.0.2.1", "/readyz"), 200);
}

TEST_F(GuardedApi, DoesNotLockOutWhoShowedTheRightKeyFromThereBefore) {
  start({0, {}, 5});
  ASSERT_EQ(status("key-of-a"), 200);
  for (int i = 0; i < 1000; ++i)
    status("guess");

  EXPECT_EQ(status("key-of-a"), 200);
  EXPECT_EQ(status("key-of-b"), 429);
  EXPECT_EQ(status("guess"), 429);
}

TEST_F(GuardedApi, GivesEachAddressItsRequestsASecond) {
  start({10, {}, 0});
  int served = 0;
  for (int i = 0; i < 100; ++i)
    served += status("key-of-a") == 200 ? 1 : 0;
  EXPECT_EQ(served, 20);

  const auto refused = ask("key-of-a");

  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(retry_after(refused), "1");
  EXPECT_EQ(status("key-of-a", "192.0.2.2"), 200);
  for (int i = 0; i < 20; ++i)
    ASSERT_EQ(status("", "192.0.2.1", "/livez"), 200) << "probes have a budget of their own";
  EXPECT_EQ(status("", "192.0.2.1", "/readyz"), 429);
  EXPECT_EQ(status("", "192.0.2.1", "/metrics"), 429);
  EXPECT_EQ(meters[counter::http_limited_address], 83u);
  now += 1s;
  served = 0;
  for (int i = 0; i < 100; ++i)
    served += status("key-of-a") == 200 ? 1 : 0;
  EXPECT_EQ(served, 10);
}

TEST_F(GuardedApi, CountsMetricsAsAHundredRequests) {
  start({100, {}, 0});
  int served = 0;
  for (int i = 0; i < 100; ++i)
    served += status("", "192.0.2.1", "/metrics") == 200 ? 1 : 0;

  EXPECT_EQ(served, 2);
  start({1, {}, 0});
  EXPECT_EQ(status("", "192.0.2.1", "/metrics"), 200) << "never out of reach";
}

TEST_F(GuardedApi, GivesEachApplicationItsRequestsASecondWhateverTheAddress) {
  start({0, {{{"app_a"}, 3}, {{"app_b"}, 3}}, 0});
  int served = 0;
  for (int i = 0; i < 30; ++i)
    served += status("key-of-a", "192.0.2." + std::to_string(i)) == 200 ? 1 : 0;

  EXPECT_EQ(served, 6);
  EXPECT_EQ(status("key-of-b"), 200);
  EXPECT_EQ(status("key-of-operator", "192.0.2.1", "/v1/nodes"), 200);
  EXPECT_EQ(meters[counter::http_limited_application], 24u);
}

TEST_F(GuardedApi, TakesNewKeysWhileItServes) {
  start({});
  ASSERT_EQ(status("key-of-a"), 200);

  routes->reload({{{"key-a-second", {{"cust_a"}, {"app_a"}}}}, {}}, {});

  EXPECT_EQ(status("key-of-a"), 401);
  EXPECT_EQ(status("key-a-second"), 200);
  EXPECT_EQ(status("key-of-operator", "192.0.2.1", "/v1/nodes"), 403);
}

} // namespace
} // namespace plenary
