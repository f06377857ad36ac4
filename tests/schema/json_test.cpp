#include "schema/json.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

TEST(StrictJson, ParsesAnOrdinaryDocument) {
  auto document = parse_json(R"({"actions":[{"conference":{"room":"r1"}}]})");

  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ((*document)["actions"][0]["conference"]["room"], "r1");
}

TEST(StrictJson, RefusesAMemberThatStandsTwice) {
  auto document = parse_json(R"({"a":{"b":1,"b":2}})");

  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, errc::malformed);
  EXPECT_NE(document.error().message.find("\"b\""), std::string::npos);
}

TEST(StrictJson, AcceptsTheSameMemberInTwoObjects) {
  EXPECT_TRUE(parse_json(R"([{"a":1},{"a":2}])"));
}

TEST(StrictJson, RefusesDeepNestingBeforeItCosts) {
  auto document = parse_json(std::string(40, '[') + std::string(40, ']'));

  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, errc::limit_reached);
}

TEST(StrictJson, CountsMembersOfAllObjects) {
  EXPECT_TRUE(parse_json(R"([{"a":1},{"a":2}])", {.max_members = 2}));

  auto document = parse_json(R"([{"a":1},{"a":2}])", {.max_members = 1});

  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, errc::limit_reached);
}

TEST(StrictJson, TakesTheDeepestNestingAndRefusesOneMore) {
  EXPECT_TRUE(parse_json(std::string(32, '[') + std::string(32, ']')));
  EXPECT_FALSE(parse_json(std::string(33, '[') + std::string(33, ']')));
}

TEST(StrictJson, SkipsAByteOrderMark) {
  EXPECT_TRUE(parse_json("\xEF\xBB\xBF{}"));
}

TEST(StrictJson, NamesThePlaceAndNotTheText) {
  EXPECT_EQ(parse_json("{\n\n  \"a\": secret}").error().message, "no valid JSON: line 3, column 8");
  EXPECT_EQ(parse_json("").error().message, "no valid JSON: line 1, column 1");
}

TEST(StrictJson, RefusesMalformedTexts) {
  for (std::string_view text : {std::string_view{"{\"a\":1}\0x", 9}, std::string_view{"\xEF\xBB\xBF"},
                                std::string_view{"{\"a\":\"\xff\"}"}, std::string_view{"{"},
                                std::string_view{""}, std::string_view{"{} {}"}}) {
    auto document = parse_json(text);
    ASSERT_FALSE(document) << text;
    EXPECT_EQ(document.error().code, errc::malformed) << text;
  }
}

TEST(StrictJson, RefusesTooManyBytes) {
  auto document = parse_json("\"" + std::string(100, 'x') + "\"", {.max_bytes = 64, .max_depth = 4});

  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, errc::limit_reached);
}

TEST(StrictJson, WritesInvalidUtf8AsReplacementCharacter) {
  EXPECT_EQ(to_text(nlohmann::json{{"a", "\xff"}}), "{\"a\":\"\xEF\xBF\xBD\"}");
}

} // namespace
} // namespace plenary
