#include "node/config/load.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace plenary {
namespace {

const std::string number_of_b = "[[did]]\nnumber = \"+15551230002\"\napplication = \"b\"\n";

load_result parsed(const std::string& text) {
  return parse_configuration(text, "plenary.toml");
}

TEST(WebhookOptions, TakesAnApplicationWithoutWebhooks) {
  auto loaded = parsed("[[application]]\nid=\"b\"\ncustomer_id=\"c\"\napi_key=\"long-enough\"\n"
                       "answer_url=\"http://a/\"\n" +
                       number_of_b);

  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  EXPECT_EQ(loaded->applications.at(0).webhook_url, "");
  EXPECT_EQ(loaded->applications.at(0).webhook_secret, "");
}

TEST(WebhookOptions, TakesBase64AloneAfterThePrefixOfAWebhookSecret) {
  const auto loads = [](const std::string& members) {
    return parsed("[[application]]\nid=\"b\"\ncustomer_id=\"c\"\napi_key=\"long-enough\"\n"
                  "answer_url=\"http://a/\"\n" +
                  members + "\n" + number_of_b)
        .has_value();
  };

  for (const auto* good : {"whsec_YQ==", "whsec_YWI=", "whsec_YWJjYWJj", "wh-sec_nobase", "whsec-a=b"})
    EXPECT_TRUE(loads(fmt::format("webhook_secret=\"{}\"", good))) << good;
  for (const auto* bad : {"whsec_abc", "whsec_a===", "whsec_YQ=a", "whsec_ab-_", "whsec_a_secret_of_a_test"})
    EXPECT_FALSE(loads(fmt::format("webhook_secret=\"{}\"", bad))) << bad;
  EXPECT_FALSE(loads("second_webhook_secret=\"long-enough\"")) << "without a first one";
}

} // namespace
} // namespace plenary
