#include "node/config/load.hpp"
#include "node/config/print.hpp"
#include "tests/support/generated_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenary {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ExampleConfiguration, IsTheOneInTheRepository) {
  auto generated = example_configuration();

  EXPECT_EQ(testing_support::generated_file("cluster-config/single/plenary.toml", generated), generated);
}

TEST(ExampleConfiguration, LoadsAndHoldsEveryDefault) {
  auto loaded = parse_configuration(example_configuration(), "plenary.toml");

  ASSERT_TRUE(loaded) << to_string(loaded.error().at(0));
  loaded->applications.clear();
  loaded->dids.clear();
  loaded->trunks.clear();
  EXPECT_EQ(print_configuration(*loaded), print_configuration(configuration{}));
}

TEST(ConfigurationDocument, IsTheOneInTheRepository) {
  auto generated = configuration_document();

  EXPECT_EQ(testing_support::generated_file("docs/configuration.md", generated), generated);
}

TEST(PrintedConfiguration, HidesSecretsAndShowsTheRest) {
  auto config = *parse_configuration(example_configuration(), "plenary.toml");
  config.trunks.at(0).password = "swordfish";

  auto text = print_configuration(config);

  EXPECT_THAT(text, HasSubstr("api_key = \"***\""));
  EXPECT_THAT(text, HasSubstr("webhook_secret = \"***\""));
  EXPECT_THAT(text, HasSubstr("password = \"***\""));
  EXPECT_THAT(text, Not(HasSubstr("swordfish")));
  EXPECT_THAT(text, Not(HasSubstr("replace_this")));
  EXPECT_THAT(text, HasSubstr("listen = [\"udp:127.0.0.1:5060\", \"tcp:127.0.0.1:5060\"]"));
}

TEST(PrintedConfiguration, ShowsOneMediaAddressAsATextAndTwoAsAList) {
  configuration config;
  config.media.address.texts = {"::1", "127.0.0.1"};
  config.media.advertise.texts = {"203.0.113.7"};

  auto text = print_configuration(config);

  EXPECT_THAT(text, HasSubstr("address = [\"::1\", \"127.0.0.1\"]\nadvertise = \"203.0.113.7\"\n"));
}

TEST(PrintedConfiguration, EscapesText) {
  configuration config;
  config.node.data_dir = "a\"b\\c\n";

  EXPECT_THAT(print_configuration(config), HasSubstr(R"(data_dir = "a\"b\\c\u000A")"));
}

} // namespace
} // namespace plenary
