#include "node/customers/limit_settings.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

configuration node_of(const std::vector<std::pair<std::string, std::string>>& applications) {
  configuration config;
  config.sip.max_calls = 300;
  for (const auto& [name, owner] : applications) {
    application_options made;
    made.id.value = name;
    made.customer.value = owner;
    config.applications.push_back(made);
  }
  return config;
}

TEST(LimitSettings, LetASingleApplicationHaveTheWholeNode) {
  const auto limits = call_limits_of(node_of({{"app", "cust"}}));

  EXPECT_EQ(limits.applications.at({"app"}).most_calls, 300u);
  EXPECT_EQ(limits.customer_calls.at({"cust"}), 300u);
}

TEST(LimitSettings, LeaveRoomForOtherApplicationsAndCustomers) {
  const auto two_customers = call_limits_of(node_of({{"a", "one"}, {"b", "one"}, {"c", "two"}}));
  const auto one_customer = call_limits_of(node_of({{"a", "one"}, {"b", "one"}}));

  EXPECT_EQ(two_customers.applications.at({"a"}).most_calls, 225u);
  EXPECT_EQ(two_customers.customer_calls.at({"one"}), 225u) << "two applications take no more than one";
  EXPECT_EQ(one_customer.applications.at({"a"}).most_calls, 225u);
  EXPECT_EQ(one_customer.customer_calls.at({"one"}), 300u);
}

TEST(LimitSettings, TakeWhatTheOperatorSaysOfAnApplication) {
  auto config = node_of({{"a", "one"}, {"b", "two"}});
  config.applications[0].max_calls = 290;
  config.applications[1].max_calls = 7;

  const auto limits = call_limits_of(config);

  EXPECT_EQ(limits.applications.at({"a"}).most_calls, 290u);
  EXPECT_EQ(limits.customer_calls.at({"one"}), 290u);
  EXPECT_EQ(limits.applications.at({"b"}).most_calls, 7u);
}

TEST(LimitSettings, NeverLeaveAnApplicationWithoutAnyCall) {
  auto config = node_of({{"a", "one"}, {"b", "two"}});
  config.sip.max_calls = 1;
  config.sip.share_percent = 1;

  EXPECT_EQ(call_limits_of(config).applications.at({"a"}).most_calls, 1u);
}

} // namespace
} // namespace plenary
