#include "node/config/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace plenary {
namespace {

using ::testing::HasSubstr;

command_line parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "plenaryd");
  return parse_command_line(arguments);
}

TEST(CommandLine, RunsAFileInBothSpellings) {
  for (const auto& arguments : {std::vector{"--config", "a.toml"}, std::vector{"--config=a.toml"}}) {
    auto parsed = parse(arguments);

    ASSERT_TRUE(std::holds_alternative<command::run>(parsed));
    EXPECT_EQ(std::get<command::run>(parsed).config, "a.toml");
  }
}

TEST(CommandLine, ChecksAndPrintsInAnyOrder) {
  EXPECT_EQ(std::get<command::check>(parse({"--check-config", "--config", "a.toml"})).config, "a.toml");
  EXPECT_EQ(std::get<command::print>(parse({"--config", "a.toml", "--print-config"})).config, "a.toml");
  EXPECT_EQ(std::get<command::print>(parse({"--print-config"})).config, "");
}

TEST(CommandLine, KnowsVersionAndHelp) {
  EXPECT_TRUE(std::holds_alternative<command::version>(parse({"--version"})));
  EXPECT_TRUE(std::holds_alternative<command::help>(parse({"--help"})));
}

TEST(CommandLine, RefusesWhatItDoesNotUnderstand) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{{},
                                                                     {"--config"},
                                                                     {"--config="},
                                                                     {"--config", "a", "--config", "b"},
                                                                     {"--check-config"},
                                                                     {"--verbose"},
                                                                     {"a.toml"},
                                                                     {"--version", "--help"}}) {
    auto parsed = parse(arguments);

    ASSERT_TRUE(std::holds_alternative<command::usage_error>(parsed));
    EXPECT_FALSE(std::get<command::usage_error>(parsed).message.empty());
  }
}

TEST(CommandLine, AsksWhetherAnotherOptionWasMeant) {
  for (const auto* mistyped : {"--check-confg", "--chek-config=a.toml"}) {
    auto parsed = parse({mistyped});

    ASSERT_TRUE(std::holds_alternative<command::usage_error>(parsed));
    EXPECT_THAT(std::get<command::usage_error>(parsed).message,
                HasSubstr("did you mean \"--check-config\"?"));
  }
}

TEST(CommandLine, ExplainsEveryOption) {
  auto text = help_text();

  EXPECT_THAT(text, HasSubstr("--check-config"));
  EXPECT_THAT(text, HasSubstr("media.max_delay_ms"));
  EXPECT_THAT(text, HasSubstr("application.answer_url"));
  EXPECT_THAT(version_text(), HasSubstr(PLENARY_VERSION));
}

} // namespace
} // namespace plenary
