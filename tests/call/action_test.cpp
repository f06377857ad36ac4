#include "actors/call/action.hpp"

#include <gtest/gtest.h>

namespace plenary::flow {
namespace {

std::string list(const std::string& actions) {
  return "{\"actions\":[" + actions + "]}";
}

TEST(Document, TakesBothEncodingsInOneList) {
  auto read = parse_document(list(R"({"conference":{"room":"a"}},
    {"type":"conference","room":"b","mute":true,"end_on_exit":true},
    {"redirect":{"url":"https://x.example/next"}},
    {"type":"redirect","url":"HTTP://x.example","method":"POST","max_redirects":0})"));

  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->actions, (std::vector<action>{conference{"a"}, conference{"b", {true, true}},
                                                redirect{"https://x.example/next", "GET", 10},
                                                redirect{"HTTP://x.example", "POST", 0}}));
  EXPECT_TRUE(read->ignored_members.empty());
}

TEST(Document, MayBeEmpty) {
  auto read = parse_document(list(""));

  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->actions.empty());
}

TEST(Document, TellsMembersThatItIgnores) {
  auto read = parse_document(R"({"note":1,"actions":[{"conference":{"room":"a","beep":true},"label":"x"},
    {"type":"conference","room":"b","Mute":true}]})");

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->ignored_members,
            (std::vector<std::string>{"$.note", "actions[0].label", "actions[0].conference.beep",
                                      "actions[1].Mute"}));
}

TEST(Document, TakesNullAsAbsent) {
  auto read = parse_document(list(R"({"conference":{"room":"a","mute":null,"end_on_exit":null}},
    {"type":null,"conference":{"room":"b"},"redirect":null},
    {"type":"redirect","url":"https://x.example","method":null,"max_redirects":null})"));

  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->actions, (std::vector<action>{conference{"a"}, conference{"b"},
                                                redirect{"https://x.example", "GET", 10}}));
}

TEST(Document, MayStartWithAByteOrderMark) {
  EXPECT_TRUE(parse_document("\xEF\xBB\xBF" + list("")).has_value());
}

TEST(Document, SaysWhereItIsNoJsonAndNothingOfWhatStandsThere) {
  EXPECT_EQ(parse_document("secret").error().message, "answer is no valid JSON: line 1, column 1");
  EXPECT_EQ(parse_document("{\"actions\":\n  [,]}").error().message,
            "answer is no valid JSON: line 2, column 4");
  EXPECT_EQ(parse_document("{\"actions\":\"" + std::string(40000, 'x')).error().message,
            "answer is no valid JSON: line 1, column 40013");
  EXPECT_EQ(parse_document("[1e99999]").error().message, "answer is no valid JSON: a number is out of range");
  EXPECT_EQ(parse_inline_actions("[").error().message, "fallback_actions is no valid JSON: line 1, column 2");
}

TEST(Document, CutsNamesBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 40; ++i)
    name += "\xC3\xBC";

  auto unknown = parse_document(list(R"({"type":"x)" + name + R"("})"));
  auto ignored = parse_document(list(R"({"conference":{"room":"a","x)" + name + R"(":1}})"));

  EXPECT_NO_THROW(nlohmann::json(unknown.error().message).dump());
  EXPECT_NO_THROW(nlohmann::json(ignored->ignored_members.at(0)).dump());
}

struct bad_case {
  std::string text;
  errc code;
  std::string start; ///< of the sentence
};

TEST(Action, ReadsALabelOfSixtyFourCharactersOfAnyScript) {
  std::string longest;
  for (std::size_t i = 0; i < max_label_characters; ++i)
    longest += "\u00e9";

  auto read = parse_document(R"({"actions":[{"conference":{"room":"a","label":")" + longest + R"("}},
    {"conference":{"room":"b","label":null}}]})");

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->actions, (std::vector<action>{conference{"a", {.label = longest}}, conference{"b"}}));
}

TEST(Action, ReadsHowLoudTheCallerIsHeard) {
  auto read = parse_document(R"({"actions":[{"conference":{"room":"a","gain_db":-20}},
    {"conference":{"room":"b","levelling":false}},{"conference":{"room":"c","levelling":true}},
    {"conference":{"room":"d","levelling":false,"gain_db":2.5}},
    {"conference":{"room":"e","levelling":null,"gain_db":null}}]})");

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->actions, (std::vector<action>{conference{"a", {.level = {false, -20}}},
                                                conference{"b", {.level = {false, 0}}}, conference{"c"},
                                                conference{"d", {.level = {false, 2.5}}}, conference{"e"}}));
}

TEST(Action, ReadsWhatTheCallerHears) {
  auto read = parse_document(R"({"actions":[{"conference":{"room":"a","deaf":true}},
    {"conference":{"room":"b","hear_gain_db":-20}},{"conference":{"room":"c","hear_gain_db":12}},
    {"conference":{"room":"d","deaf":null,"hear_gain_db":null}}]})");

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->actions,
            (std::vector<action>{conference{"a", {.deaf = true}}, conference{"b", {.hear_gain_db = -20}},
                                 conference{"c", {.hear_gain_db = 12}}, conference{"d"}}));
}

TEST(Action, ReadsWhatTheCallerSaysOfTheRoomsNoise) {
  auto read = parse_document(R"({"actions":[{"conference":{"room":"a","noise_suppression":true}},
    {"type":"conference","room":"b","noise_suppression":false},
    {"conference":{"room":"c","noise_suppression":null}},{"conference":{"room":"d"}}]})");

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->actions, (std::vector<action>{conference{"a", {.noise_suppression = true}},
                                                conference{"b", {.noise_suppression = false}},
                                                conference{"c"}, conference{"d"}}));
  EXPECT_TRUE(read->ignored_members.empty());
}

class BadDocument : public testing::TestWithParam<bad_case> {};

TEST_P(BadDocument, IsRefusedWithTheJsonPath) {
  auto read = parse_document(GetParam().text);

  ASSERT_FALSE(read.has_value()) << GetParam().text;
  EXPECT_EQ(read.error().code, GetParam().code) << read.error().message;
  EXPECT_EQ(read.error().message.substr(0, GetParam().start.size()), GetParam().start);
}

INSTANTIATE_TEST_SUITE_P(
    Path, BadDocument,
    testing::Values(
        bad_case{"", errc::malformed, ""}, bad_case{"{", errc::malformed, ""},
        bad_case{"[]", errc::malformed, "$: "}, bad_case{"{}", errc::malformed, "actions: "},
        bad_case{R"({"actions":{}})", errc::malformed, "actions: "},
        bad_case{list("1"), errc::malformed, "actions[0]: "},
        bad_case{list("{}"), errc::malformed, "actions[0]: "},
        bad_case{list(R"({"conference":{"room":"a"}},{"conference":{"room":"a b"}})"), errc::malformed,
                 "actions[1].conference.room: "},
        bad_case{list(R"({"conference":{}})"), errc::malformed, "actions[0].conference.room: is required"},
        bad_case{list(R"({"conference":"a"})"), errc::malformed, "actions[0].conference: "},
        bad_case{list(R"({"conference":{"room":7}})"), errc::malformed, "actions[0].conference.room: "},
        bad_case{list(R"({"type":"conference","room":"a","mute":"yes"})"), errc::malformed,
                 "actions[0].mute: "},
        bad_case{list(R"({"type":"conference","room":"a","end_on_exit":1})"), errc::malformed,
                 "actions[0].end_on_exit: "},
        bad_case{list(R"({"type":"conference","room":"a","gain_db":20.1})"), errc::malformed,
                 "actions[0].gain_db: must be a number from -20 to 20"},
        bad_case{list(R"({"type":"conference","room":"a","gain_db":"6"})"), errc::malformed,
                 "actions[0].gain_db: must be a number"},
        bad_case{list(R"({"type":"conference","room":"a","gain_db":3,"levelling":true})"), errc::malformed,
                 "actions[0].gain_db: is a fixed gain"},
        bad_case{list(R"({"conference":{"room":"a","noise_suppression":"on"}})"), errc::malformed,
                 "actions[0].conference.noise_suppression: must be true or false"},
        bad_case{list(R"({"type":"conference","room":"a","levelling":1})"), errc::malformed,
                 "actions[0].levelling: must be true or false"},
        bad_case{list(R"({"type":"conference","room":"a","deaf":"yes"})"), errc::malformed,
                 "actions[0].deaf: must be true or false"},
        bad_case{list(R"({"type":"conference","room":"a","hear_gain_db":12.1})"), errc::malformed,
                 "actions[0].hear_gain_db: must be a number from -20 to 12"},
        bad_case{list(R"({"type":"conference","room":"a","label":7})"), errc::malformed,
                 "actions[0].label: must be a string"},
        bad_case{list(R"({"type":"conference","room":"a","label":""})"), errc::malformed,
                 "actions[0].label: must be 1 to 64"},
        bad_case{list(R"({"type":"conference","room":"a","label":"a\nb"})"), errc::malformed,
                 "actions[0].label: must be 1 to 64"},
        bad_case{list(R"({"type":"conference","room":"a","label":")" + std::string(65, 'x') + R"("})"),
                 errc::malformed, "actions[0].label: must be 1 to 64"},
        bad_case{list(R"({"type":7})"), errc::malformed, "actions[0].type: "},
        bad_case{list(R"({"type":"conference","room":"a","redirect":{"url":"http://x"}})"), errc::malformed,
                 "actions[0]: has both"},
        bad_case{list(R"({"conference":{"room":"a"},"redirect":{"url":"http://x"}})"), errc::malformed,
                 "actions[0]: names two"},
        bad_case{list(R"({"conference":{"room":"a"},"say":{"text":"x"}})"), errc::malformed,
                 "actions[0]: names two"},
        bad_case{list(R"({"say":{"text":"hello"}})"), errc::unsupported_action,
                 "actions[0]: action \"say\" is not"},
        bad_case{list(R"({"type":"gather"})"), errc::unsupported_action,
                 "actions[0]: action \"gather\" is not"},
        bad_case{list(R"({"type":"fly"})"), errc::unsupported_action,
                 "actions[0]: action \"fly\" is unknown"},
        bad_case{list(R"({"fly":{}})"), errc::unsupported_action, "actions[0]: action \"fly\" is unknown"},
        bad_case{list(R"({"redirect":{"url":"ftp://x"}})"), errc::malformed, "actions[0].redirect.url: "},
        bad_case{list(R"({"redirect":{"url":"http://"}})"), errc::malformed, "actions[0].redirect.url: "},
        bad_case{list(R"({"redirect":{"url":"http://a b"}})"), errc::malformed, "actions[0].redirect.url: "},
        bad_case{list(R"({"redirect":{"url":"x"}})"), errc::malformed, "actions[0].redirect.url: "},
        bad_case{list(R"({"redirect":{"url":"http://x","method":"PUT"}})"), errc::malformed,
                 "actions[0].redirect.method: "},
        bad_case{list(R"({"redirect":{"url":"http://x","max_redirects":21}})"), errc::malformed,
                 "actions[0].redirect.max_redirects: "},
        bad_case{list(R"({"redirect":{"url":"http://x","max_redirects":1.5}})"), errc::malformed,
                 "actions[0].redirect.max_redirects: "},
        bad_case{list(R"({"redirect":{"url":"http://x","max_redirects":18446744073709551615}})"),
                 errc::malformed, "actions[0].redirect.max_redirects: "}));

TEST(Document, HasLimits) {
  std::string many = R"({"conference":{"room":"a"}})";
  for (std::size_t i = 1; i < max_actions; ++i)
    many += R"(,{"conference":{"room":"a"}})";

  EXPECT_TRUE(parse_document(list(many)).has_value());
  EXPECT_EQ(parse_document(list(many + R"(,{"conference":{"room":"a"}})")).error().code, errc::limit_reached);
  EXPECT_EQ(parse_document(list("") + std::string(max_document_bytes, ' ')).error().code,
            errc::limit_reached);
}

TEST(InlineActions, MayBeABareListOrAWholeDocument) {
  EXPECT_EQ(parse_inline_actions(R"([{"conference":{"room":"a"}}])")->actions.size(), 1U);
  EXPECT_EQ(parse_inline_actions(R"({"actions":[{"conference":{"room":"a"}}]})")->actions.size(), 1U);
  EXPECT_EQ(parse_inline_actions("[]")->actions.size(), 0U);
  EXPECT_FALSE(parse_inline_actions("7").has_value());
}

} // namespace
} // namespace plenary::flow
