#include "node/config/load.hpp"
#include "node/config/print.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace plenary {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view demo_application = R"([[application]]
id = "app_demo"
customer_id = "cust_demo"
api_key = "mv_test_key"
answer_url = "http://127.0.0.1:9000/answer"
webhook_url = "http://127.0.0.1:9000/webhooks"
webhook_secret = "hush-hush"
)";

std::string problems_of(const load_result& loaded) {
  std::string text;
  if (!loaded)
    for (const auto& trouble : loaded.error())
      text += to_string(trouble) + "\n";
  return text;
}

std::string dids(int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += fmt::format("[[did]]\nnumber = \"+1555{:07}\"\napplication = \"app_demo\"\n", i);
  return text;
}

TEST(ConfigurationLimits, HoldForTheSizeOfTheFile) {
  const std::size_t most = 4 * 1024 * 1024;
  const std::string text{demo_application};

  EXPECT_TRUE(parse_configuration(text + std::string(most - text.size(), '\n'), "c.toml"));
  EXPECT_THAT(problems_of(parse_configuration(text + std::string(most - text.size() + 1, '\n'), "c.toml")),
              HasSubstr("is larger than 4 MiB"));
}

TEST(ConfigurationLimits, HoldForTheNumberOfTables) {
  const std::string text{demo_application};

  EXPECT_TRUE(parse_configuration(text + dids(20'000), "c.toml"));
  EXPECT_THAT(problems_of(parse_configuration(text + dids(20'001), "c.toml")),
              HasSubstr("did stands 20001 times, 20000 are the most"));
}

TEST(ConfigurationLimits, HoldForTheDepthOfValues) {
  const std::string text{demo_application};
  const auto nested = [](int depth) {
    return "x = " + std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']') + "\n";
  };

  EXPECT_THAT(problems_of(parse_configuration(nested(100'000) + text, "c.toml")),
              HasSubstr("is no valid TOML"));
  EXPECT_THAT(problems_of(parse_configuration(nested(10) + text, "c.toml")), HasSubstr("x is unknown"));
}

TEST(ConfigurationLimits, HoldForTheLengthOfALine) {
  const std::string text{demo_application};

  const auto problems = problems_of(parse_configuration(
      "# " + std::string(1'000'000, 'x') + "\n[sip]\nlisten = [" + std::string(500'000, '"') + "]\n" + text,
      "c.toml"));

  EXPECT_THAT(problems, HasSubstr("is no valid TOML"));
  EXPECT_LT(problems.size(), 2000U);
}

TEST(SecondKeys, AreReadFromTextAndFileAndNeverShown) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("plenary_keys_{}", ::getpid());
  std::filesystem::create_directories(folder);
  std::ofstream{folder / "secret"} << "second-secret\n";
  std::ofstream{folder / "operator"} << "second-operator\n";
  const auto text = fmt::format("{}second_api_key = \"second-key\"\nsecond_webhook_secret_file = \"secret\"\n"
                                "[http]\noperator_key = \"first-operator\"\n"
                                "second_operator_key_file = \"operator\"\n",
                                demo_application);

  const auto loaded = parse_configuration(text, folder / "c.toml");
  std::filesystem::remove_all(folder);

  ASSERT_TRUE(loaded) << problems_of(loaded);
  EXPECT_EQ(loaded->applications.at(0).second_api_key, "second-key");
  EXPECT_EQ(loaded->applications.at(0).second_webhook_secret, "second-secret");
  EXPECT_EQ(loaded->http.second_operator_key, "second-operator");
  const auto shown = print_configuration(*loaded);
  for (const auto* secret : {"second-key", "second-secret", "second-operator", "first-operator"})
    EXPECT_THAT(shown, Not(HasSubstr(secret)));
}

TEST(SecondKeys, MustDifferFromEveryOtherKey) {
  const std::string text{demo_application};
  const auto second = "second_api_key = \"mv_test_key\"\n";

  EXPECT_THAT(problems_of(parse_configuration(text + second, "c.toml")),
              HasSubstr("application[0].second_api_key is the same as application[0].api_key in line 4"));
  EXPECT_THAT(
      problems_of(parse_configuration(
          text + "[http]\noperator_key = \"one-key-1\"\nsecond_operator_key = \"mv_test_key\"\n", "c.toml")),
      HasSubstr("is the same as http.second_operator_key"));
}

TEST(MetricsListen, MustBeAnAddressOfItsOwn) {
  const std::string text{demo_application};

  EXPECT_TRUE(parse_configuration(text + "[http]\nmetrics_listen = \"127.0.0.1:9100\"\n", "c.toml"));
  EXPECT_THAT(problems_of(parse_configuration(text + "[http]\nmetrics_listen = \"nowhere\"\n", "c.toml")),
              HasSubstr("http.metrics_listen"));
  EXPECT_THAT(
      problems_of(parse_configuration(
          text + "[http]\nlisten = \"127.0.0.1:9100\"\nmetrics_listen = \"0.0.0.0:9100\"\n", "c.toml")),
      HasSubstr("uses tcp port 9100, which http.listen uses as well"));
}

} // namespace
} // namespace plenary
