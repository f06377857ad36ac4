#include "node/config/load.hpp"
#include "node/config/warnings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenary {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> warnings_for(const std::string& answer_url, const std::string& http_client = "") {
  configuration config;
  auto& application = config.applications.emplace_back();
  application.answer_url = answer_url;
  application.webhook_url = "https://hooks.customer.com/";
  application.webhook_secret = "whsec_c2VjcmV0LXNlY3JldA==";
  if (!http_client.empty())
    config.http_client.allow_networks.push_back(*parse_ip_network(http_client));
  std::vector<std::string> texts;
  for (const auto& each : warnings_of(config, "plenary.toml"))
    texts.push_back(to_string(each));
  return texts;
}

TEST(ConfigurationWarnings, NameEveryUrlThatLeadsInside) {
  EXPECT_THAT(warnings_for("http://127.0.0.1:9000/answer"),
              ElementsAre(HasSubstr("plenary.toml: application[0].answer_url leads inside, to 127.0.0.1")));
  EXPECT_THAT(warnings_for("http://app.internal/answer"), ElementsAre(HasSubstr("leads inside")));
  EXPECT_THAT(warnings_for("http://169.254.169.254/"), ElementsAre(HasSubstr("which is never called")));
}

TEST(ConfigurationWarnings, AreSilentAboutOpenAddressesAndNetworksThatAreNamed) {
  EXPECT_THAT(warnings_for("https://customer.com/answer"), IsEmpty());
  EXPECT_THAT(warnings_for("http://10.1.2.3/answer", "10.0.0.0/8"), IsEmpty());
}

TEST(ConfigurationWarnings, SayThatNothingLeavesOrIsSigned) {
  configuration config;
  auto& application = config.applications.emplace_back();
  application.answer_url = "https://customer.com/answer";

  const auto found = warnings_of(config, "plenary.toml");

  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(to_string(found[0]), HasSubstr("application[0].webhook_url is not set: no events leave"));
  EXPECT_THAT(to_string(found[1]), HasSubstr("application[0].webhook_secret is not set: webhooks and"));
}

} // namespace
} // namespace plenary
