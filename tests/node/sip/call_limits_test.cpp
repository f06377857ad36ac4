#include "live_edge.hpp"

#include <fmt/format.h>

namespace plenary::sip_test {

namespace {

using sip_layer::call_limits;
using sip_layer::call_origin;

constexpr call_limits::time_point limits_start{std::chrono::hours(1000)};

call_origin origin_from(const std::string& trunk, const std::string& application, const char* source) {
  return {trunk, {application}, {"cust"}, *sip_layer::parse_ip(source)};
}

const call_origin usual_origin = origin_from("carrier", "app", "192.0.2.1");

/// Admits and begins that many calls; returns how many were admitted.
int admitted(call_limits& limits, const call_origin& origin, int calls,
             call_limits::time_point now = limits_start) {
  static int next = 0;
  int count = 0;
  for (int i = 0; i < calls; ++i)
    if (!limits.admit(origin, now)) {
      limits.begin({fmt::format("call_{}", next++)}, origin);
      ++count;
    }
  return count;
}

TEST(CallLimits, HoldNobodyWithoutBounds) {
  call_limits limits{{}};

  EXPECT_EQ(admitted(limits, usual_origin, 10'000), 10'000);
}

TEST(CallLimits, BoundTheCallsOfAnApplicationAndLeaveOthersAlone) {
  call_limit_settings settings;
  settings.applications[{"app"}].most_calls = 3;
  call_limits limits{settings};

  EXPECT_EQ(admitted(limits, usual_origin, 4), 3);
  const auto reached = limits.admit(usual_origin, limits_start);
  EXPECT_EQ(admitted(limits, origin_from("carrier", "other", "192.0.2.1"), 4), 4);

  ASSERT_TRUE(reached);
  EXPECT_EQ(reached->counted, counter::invites_refused_application_calls);
  EXPECT_EQ(reached->limit, "application_calls");
  EXPECT_EQ(reached->name, "app");
  EXPECT_EQ(reached->bound, 3);
  EXPECT_GE(reached->retry_after, std::chrono::seconds(1));
}

TEST(CallLimits, GiveThePlaceOfACallThatEndedToTheNext) {
  call_limit_settings settings;
  settings.applications[{"app"}].most_calls = 1;
  settings.trunks["carrier"].most_calls = 1;
  settings.customer_calls[{"cust"}] = 1;
  settings.address.most_calls = 1;
  call_limits limits{settings};
  limits.begin({"call_a"}, usual_origin);
  ASSERT_TRUE(limits.admit(usual_origin, limits_start));

  limits.end({"call_unknown"});
  EXPECT_TRUE(limits.admit(usual_origin, limits_start));
  limits.end({"call_a"});
  limits.end({"call_a"});

  EXPECT_FALSE(limits.admit(usual_origin, limits_start));
}

TEST(CallLimits, CountTheCallsThatThereAreWhenTheBoundsChange) {
  call_limit_settings settings;
  settings.applications[{"app"}] = {.most_calls = 3, .most_setups_per_s = 2};
  call_limits limits{settings};
  ASSERT_EQ(admitted(limits, usual_origin, 4), 3);

  settings.applications[{"app"}].most_calls = 2;
  limits.replace(settings);
  EXPECT_TRUE(limits.admit(usual_origin, limits_start));
  settings.applications[{"app"}] = {.most_calls = 5, .most_setups_per_s = 4};
  limits.replace(settings);

  EXPECT_EQ(admitted(limits, usual_origin, 4), 2) << "three were there";
  EXPECT_EQ(limits.admit(usual_origin, limits_start)->limit, "application_calls");
}

TEST(CallLimits, BeginWithAFullBudgetWhenTheRateChangesAndKeepItWhenNot) {
  call_limit_settings settings;
  settings.trunks["carrier"].most_setups_per_s = 1;
  call_limits limits{settings};
  ASSERT_EQ(admitted(limits, usual_origin, 3), 2);

  limits.replace(settings);
  EXPECT_EQ(admitted(limits, usual_origin, 3), 0);
  settings.trunks["carrier"].most_setups_per_s = 2;
  limits.replace(settings);
  EXPECT_EQ(admitted(limits, usual_origin, 9), 4);
}

TEST(CallLimits, BoundACustomersApplicationsTogether) {
  call_limit_settings settings;
  settings.customer_calls[{"cust"}] = 3;
  call_limits limits{settings};

  EXPECT_EQ(admitted(limits, usual_origin, 2), 2);
  EXPECT_EQ(admitted(limits, origin_from("carrier", "other", "192.0.2.1"), 2), 1);
  EXPECT_EQ(limits.admit(usual_origin, limits_start)->limit, "customer_calls");
}

TEST(CallLimits, BoundTheCallsOfATrunkAndOfAnAddress) {
  call_limit_settings settings;
  settings.trunks["carrier"].most_calls = 3;
  settings.address.most_calls = 2;
  call_limits limits{settings};

  EXPECT_EQ(admitted(limits, usual_origin, 3), 2);
  EXPECT_EQ(limits.admit(usual_origin, limits_start)->limit, "address_calls");
  EXPECT_EQ(admitted(limits, origin_from("carrier", "app", "192.0.2.2"), 2), 1);
  EXPECT_EQ(limits.admit(origin_from("carrier", "app", "192.0.2.3"), limits_start)->limit, "trunk_calls");
  EXPECT_EQ(admitted(limits, origin_from("other", "app", "192.0.2.3"), 3), 2);
}

TEST(CallLimits, TakeAnIpv6NetworkOf64BitsAsOneAddress) {
  call_limit_settings settings;
  settings.address.most_calls = 1;
  call_limits limits{settings};

  EXPECT_EQ(admitted(limits, origin_from("carrier", "app", "2001:db8::1"), 1), 1);
  EXPECT_EQ(admitted(limits, origin_from("carrier", "app", "2001:db8::ffff:1"), 1), 0);
  EXPECT_EQ(admitted(limits, origin_from("carrier", "app", "2001:db8:0:1::1"), 1), 1);
}

TEST(CallLimits, BoundHowFastCallsComeOfEachKind) {
  struct row {
    const char* limit;
    counter counted;
    call_limit_settings settings;
  };
  std::vector<row> rows{{"application_setups", counter::invites_refused_application_rate, {}},
                        {"trunk_setups", counter::invites_refused_trunk_rate, {}},
                        {"address_setups", counter::invites_refused_address_rate, {}}};
  rows[0].settings.applications[{"app"}].most_setups_per_s = 5;
  rows[1].settings.trunks["carrier"].most_setups_per_s = 5;
  rows[2].settings.address.most_setups_per_s = 5;
  for (const auto& [limit, counted, settings] : rows) {
    call_limits limits{settings};

    EXPECT_EQ(admitted(limits, usual_origin, 11), 10) << limit;
    const auto reached = limits.admit(usual_origin, limits_start);
    ASSERT_TRUE(reached) << limit;
    EXPECT_EQ(reached->limit, limit);
    EXPECT_EQ(reached->counted, counted);
    EXPECT_EQ(reached->bound, 5);
    EXPECT_EQ(reached->retry_after, std::chrono::seconds(1));
    EXPECT_EQ(admitted(limits, usual_origin, 20, limits_start + std::chrono::seconds(1)), 5) << limit;
  }
}

TEST(CallLimits, TakeNothingFromATrunkForCallsThatTheApplicationMayNotHave) {
  call_limit_settings settings;
  settings.trunks["carrier"].most_setups_per_s = 10;
  settings.applications[{"app"}].most_calls = 1;
  call_limits limits{settings};

  EXPECT_EQ(admitted(limits, usual_origin, 1000), 1);

  EXPECT_EQ(admitted(limits, origin_from("carrier", "other", "192.0.2.1"), 1000), 19);
}

TEST(CallLimits, AreToldOnceIn10SecondsOfEachName) {
  call_limit_settings settings;
  settings.trunks["carrier"].most_calls = 1;
  settings.trunks["other"].most_calls = 1;
  call_limits limits{settings};
  ASSERT_EQ(admitted(limits, usual_origin, 1), 1);
  ASSERT_EQ(admitted(limits, origin_from("other", "app", "192.0.2.1"), 1), 1);

  EXPECT_TRUE(limits.admit(usual_origin, limits_start)->tell);
  EXPECT_FALSE(limits.admit(usual_origin, limits_start + std::chrono::seconds(9))->tell);
  EXPECT_TRUE(limits.admit(origin_from("other", "app", "192.0.2.1"), limits_start)->tell);
  EXPECT_TRUE(limits.admit(usual_origin, limits_start + std::chrono::seconds(10))->tell);
}

class LimitedEdge : public live_edge {
protected:
  /// Status of the answer to one more INVITE to this number, and its Retry-After.
  std::pair<int, std::string> dial(line& wire, const std::string& number = "+15551230002") {
    caller phone(wire, number);
    phone.send({});
    auto answer = phone.expect();
    if (answer.status() >= 300) { // so that it is not sent again
      const auto to = answer.header("To");
      phone.remote_tag = to.substr(to.find("tag=") + 4);
      phone.send({"ACK", {}, {}, phone.branch, phone.cseq, false});
    }
    return {answer.status(), std::string(answer.header("Retry-After"))};
  }
};

TEST_F(LimitedEdge, RefusesCallsOfOneApplicationWith503AndTakesThoseOfAnother) {
  auto settings = usual_settings();
  settings.dids["+15551230003"] = {{"app_other"}, {"cust_other"}};
  settings.limits.applications[{"app_demo"}].most_calls = 2;
  start(settings);
  auto wire = line::udp(port());

  EXPECT_EQ(dial(wire).first, 100);
  EXPECT_EQ(dial(wire).first, 100);
  const auto refused = dial(wire);

  EXPECT_EQ(refused, (std::pair<int, std::string>{503, "10"}));
  EXPECT_EQ(counters[counter::invites_refused_application_calls], 1U);
  EXPECT_EQ(dial(wire, "+15551230003").first, 100) << "calls that hang shut nobody else out";
}

TEST_F(LimitedEdge, TakesTheNextCallWhenOneHasEnded) {
  auto settings = usual_settings();
  settings.limits.applications[{"app_demo"}].most_calls = 1;
  start(settings);
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);
  ASSERT_EQ(dial(wire).first, 503);

  edge->hang_up(id, {16, "normal_clearing"});
  EXPECT_EQ(phone.expect().method(), "BYE");

  EXPECT_EQ(dial(wire).first, 100);
}

TEST_F(LimitedEdge, RefusesCallsWhileNothingCanBeStored) {
  auto settings = usual_settings();
  std::atomic<bool> stores{false};
  settings.can_store = [&stores] { return stores.load(); };
  start(settings);
  auto wire = line::udp(port());

  EXPECT_EQ(dial(wire).first, 503);
  EXPECT_EQ(counters[counter::invites_refused_store], 1U);
  stores = true;

  EXPECT_EQ(dial(wire).first, 100);
  edge->stop();
}

} // namespace

} // namespace plenary::sip_test
