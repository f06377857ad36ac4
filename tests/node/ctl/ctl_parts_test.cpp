#include "node/ctl/completion.hpp"
#include "node/ctl/ctl_arguments.hpp"
#include "node/ctl/ctl_client.hpp"
#include "node/ctl/explain.hpp"
#include "node/ctl/prometheus_text.hpp"
#include "node/ctl/text_table.hpp"
#include "node/ctl/top.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

result<ctl_arguments> parse(std::vector<const char*> words,
                            std::map<std::string, std::string> environment = {}) {
  return parse_ctl_arguments(words, environment);
}

TEST(CtlArguments, TakesOptionsAnywhereAndInBothSpellings) {
  auto parsed = parse({"--url=http://a:1/", "mute", "--json", "daily", "--timeout", "7", "call_1"});

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->verb, "mute");
  EXPECT_THAT(parsed->operands, ElementsAre("daily", "call_1"));
  EXPECT_EQ(parsed->url, "http://a:1");
  EXPECT_EQ(parsed->timeout, 7s);
  EXPECT_TRUE(parsed->json);
}

TEST(CtlArguments, PrefersTheCommandLineToTheEnvironment) {
  std::map<std::string, std::string> environment{{"PLENARY_URL", "http://e:1"}, {"PLENARY_KEY", "env-key"}};

  auto given = parse({"nodes", "--url", "http://a:1", "--key", "own-key"}, environment);
  auto left_out = parse({"nodes"}, environment);
  auto from_file = parse({"nodes", "--key-file", "k"}, environment);
  auto without = parse({"nodes"});

  EXPECT_EQ(given->url, "http://a:1");
  EXPECT_EQ(given->key, "own-key");
  EXPECT_EQ(left_out->url, "http://e:1");
  EXPECT_EQ(left_out->key, "env-key");
  EXPECT_EQ(from_file->key, "");
  EXPECT_EQ(without->url, "http://127.0.0.1:8080");
}

TEST(CtlArguments, RefusesWhatItDoesNotUnderstand) {
  for (const auto& [words, why] :
       {std::pair{std::vector<const char*>{}, "a command is missing"},
        std::pair{std::vector<const char*>{"dance"}, "unknown command"},
        std::pair{std::vector<const char*>{"roms"}, "did you mean \"rooms\"?"},
        std::pair{std::vector<const char*>{"rooms", "--costumer=x"}, "did you mean \"--customer\"?"},
        std::pair{std::vector<const char*>{"rooms", "--loud"}, "unknown option"},
        std::pair{std::vector<const char*>{"room"}, "room needs ROOM"},
        std::pair{std::vector<const char*>{"rooms", "x"}, "takes no operand"},
        std::pair{std::vector<const char*>{"mute", "daily"}, "mute needs ROOM CALL"},
        std::pair{std::vector<const char*>{"rooms", "--url"}, "--url needs URL"},
        std::pair{std::vector<const char*>{"rooms", "--json=1"}, "--json takes no value"},
        std::pair{std::vector<const char*>{"rooms", "--timeout", "0"}, "--timeout takes"},
        std::pair{std::vector<const char*>{"rooms", "--cancel"}, "--cancel belongs to drain"},
        std::pair{std::vector<const char*>{"drain", "a", "--wait=x"}, "--wait takes"},
        std::pair{std::vector<const char*>{"drain", "a", "--wait", "--cancel"}, "exclude each other"},
        std::pair{std::vector<const char*>{"top", "--node", "a"}, "--node takes NAME=URL"},
        std::pair{std::vector<const char*>{"rooms", "--key", "a", "--key-file", "b"},
                  "exclude each other"}}) {
    auto parsed = parse(words);

    ASSERT_FALSE(parsed) << why;
    EXPECT_THAT(parsed.error().message, HasSubstr(why));
  }
}

TEST(CtlArguments, KnowHowLongADrainIsWaitedFor) {
  EXPECT_EQ(parse({"drain", "a"})->wait, 0s);
  EXPECT_EQ(parse({"drain", "a", "--wait"})->wait, 300s);
  EXPECT_EQ(parse({"drain", "--wait=20", "a"})->wait, 20s);
}

TEST(CtlHelp, NamesEveryCommandAndOption) {
  auto text = ctl_help();

  for (const auto& verb : ctl_verbs())
    EXPECT_THAT(text, HasSubstr("\n  " + std::string{verb.name}));
  for (const auto& flag : ctl_flags())
    EXPECT_THAT(text, HasSubstr("\n  " + std::string{flag.name}));
  EXPECT_EQ(parse({"rooms", "--help"})->verb, "help");
}

/// What bash offers for these words, the last of which is being typed.
std::string offered_by_bash(const std::string& words) {
  test::temporary_directory folder;
  std::ofstream(folder.path() / "script") << *completion_script("bash");
  test::child_process bash(
      {.arguments = {"bash", "-c",
                     ". ./script; COMP_LINE='plenaryctl " + words +
                         "'; COMP_POINT=${#COMP_LINE}; _plenaryctl; echo \"=${COMPREPLY[*]}=\""},
       .environment = {},
       .directory = folder.path(),
       .input = {}});
  bash.wait_for_exit(10s);
  return bash.output();
}

TEST(Completion, OffersCommandsAndTheirOptionsInBash) {
  EXPECT_THAT(offered_by_bash("ro"), HasSubstr("=rooms room="));
  EXPECT_THAT(offered_by_bash("drain node-a --wa"), HasSubstr("=--wait="));
  EXPECT_THAT(offered_by_bash("rooms --wa"), HasSubstr("=="));
  EXPECT_THAT(offered_by_bash("completion z"), HasSubstr("=zsh="));
}

TEST(Completion, OffersOperandsInBashByAskingForTheirNames) {
  EXPECT_THAT(offered_by_bash("names ca"), HasSubstr("=calls="));
  const auto script = *completion_script("bash");
  EXPECT_THAT(script, HasSubstr("mute:0) kind=rooms"));
  EXPECT_THAT(script, HasSubstr("mute:1) kind=calls"));
  EXPECT_THAT(script, HasSubstr("drain:0) kind=nodes"));
  EXPECT_THAT(script, HasSubstr("plenaryctl names \"$kind\" --timeout 1"));
}

TEST(Completion, KnowsBashZshAndFish) {
  EXPECT_THAT(*completion_script("zsh"), HasSubstr("#compdef plenaryctl"));
  EXPECT_THAT(*completion_script("zsh"), HasSubstr("mute:1) _plenaryctl_names calls"));
  EXPECT_THAT(*completion_script("fish"),
              HasSubstr("complete -c plenaryctl -n '__plenaryctl_at 0' -a rooms"));
  EXPECT_THAT(*completion_script("fish"),
              HasSubstr("-n '__plenaryctl_at 2 mute' -a '(__plenaryctl_names calls)'"));
  EXPECT_FALSE(completion_script("tcsh"));
}

TEST(TextTable, AlignsColumnsAndLeavesNoBlanksAtTheEnd) {
  auto text = text_table({{"NAME"}, {"N", text_side::right}, {"NOTE"}}, {{"a", "10", "x"}, {"längst", "2"}});

  EXPECT_EQ(text, "NAME     N  NOTE\na       10  x\nlängst   2\n");
}

TEST(TextTable, ShowsNoControlCharacters) {
  EXPECT_EQ(text_table({{"A"}}, {{"x\x1b[2J\n"}}), "A\nx?[2J?\n");
}

constexpr std::string_view first_scrape = R"(# HELP late lateness
late_bucket{le="0.001"} 100
late_bucket{le="0.002"} 100
late_bucket{le="+Inf"} 100
late_count 100
)";

constexpr std::string_view second_scrape = R"(late_bucket{le="0.001"} 150
late_bucket{le="0.002"} 198
late_bucket{le="+Inf"} 200
moves{reason="owner_lost"} 3
moves{reason="mer\"ged"} 4 1780056600
broken{ 1
broken{a="b"} x
)";

TEST(PrometheusText, ReadsSamplesAndLeavesOutWhatItCannot) {
  auto samples = read_prometheus_text(second_scrape);

  ASSERT_EQ(samples.size(), 5u);
  EXPECT_EQ(samples[4].labels.at("reason"), "mer\"ged");
  EXPECT_EQ(metric_value(samples, "moves"), 7);
  EXPECT_EQ(metric_value(samples, "absent"), std::nullopt);
}

TEST(PrometheusText, TakesAQuantileOfWhatWasSeenBetweenTwoScrapes) {
  auto before = read_prometheus_text(first_scrape);
  auto now = read_prometheus_text(second_scrape);

  EXPECT_DOUBLE_EQ(*histogram_quantile(0.5, "late", before, now), 0.001);
  EXPECT_NEAR(*histogram_quantile(0.74, "late", before, now), 0.0015, 1e-9);
  EXPECT_DOUBLE_EQ(*histogram_quantile(0.999, "late", before, now), 0.002); // beyond the last bound
  EXPECT_EQ(histogram_quantile(0.5, "late", now, now), std::nullopt);
  EXPECT_EQ(histogram_quantile(0.5, "absent", before, now), std::nullopt);
}

TEST(Top, ShowsFiguresBetweenTwoScrapesAndDashesForASilentNode) {
  std::chrono::steady_clock::time_point start{};
  node_scrape before{
      start, read_prometheus_text("process_cpu_seconds_total 10\nplenary_mix_ticks_missed_total 1\n")};
  node_scrape now{start + 2s, read_prometheus_text("process_cpu_seconds_total 11\nplenary_rooms_active 4\n"
                                                   "plenary_mix_ticks_missed_total 3\n")};

  auto busy = top_row_of({{"name", "node-a"}, {"state", "live"}}, before, now);
  auto silent = top_row_of({{"name", "node-b"}, {"state", "lost"}}, {}, {});

  EXPECT_DOUBLE_EQ(*busy.cpu_percent, 50);
  EXPECT_EQ(busy.missed_ticks, 2);
  EXPECT_EQ(busy.rooms, 4);
  EXPECT_THAT(top_view({busy, silent}),
              HasSubstr("node-b  lost       -             -      -            -       -      -"));
  EXPECT_EQ(top_json({silent})["nodes"][0]["rooms"], nullptr);
}

TEST(Top, GuessesWhereANodesMetricsAre) {
  json self{{"name", "a"}, {"self", true}, {"address", "10.0.0.1:7400"}};
  json other{{"name", "b"}, {"self", false}, {"address", "10.0.0.2:7400"}};
  json ipv6{{"name", "c"}, {"self", false}, {"address", "[fd00::2]:7400"}};

  EXPECT_EQ(guessed_url(self, "http://lb:8080"), "http://lb:8080");
  EXPECT_EQ(guessed_url(other, "http://10.0.0.1:8080"), "http://10.0.0.2:8080");
  EXPECT_EQ(guessed_url(ipv6, "https://10.0.0.1"), "https://[fd00::2]");
  EXPECT_EQ(guessed_url(other, "http://10.0.0.2:8080"), std::nullopt); // it would be the asked node again
}

json running_call() {
  return {{"id", "call_1_node-a"},
          {"status", "in_progress"},
          {"direction", "inbound"},
          {"from", "+1"},
          {"to", "+2"},
          {"application_id", "app"},
          {"node", "node-a"},
          {"room", "daily"},
          {"created_at", "2026-05-29T12:00:00.000Z"},
          {"answered_at", "2026-05-29T12:00:01.000Z"},
          {"ended_at", nullptr},
          {"last_sequence", 2}};
}

TEST(Explain, TellsWhereARunningCallIs) {
  json room{{"name", "daily"},
            {"node", "node-b"},
            {"epoch", 7},
            {"participant_count", 1},
            {"participants",
             {{{"call_id", "call_1_node-a"},
               {"muted", true},
               {"speaking", false},
               {"joined_at", "2026-05-29T12:00:02.000Z"}}}}};
  json nodes{
      {"nodes", {{{"name", "node-a"}, {"state", "draining"}}, {{"name", "node-b"}, {"state", "live"}}}}};

  auto text = story_view(call_story(running_call(), room, nodes));

  EXPECT_THAT(
      text,
      HasSubstr("12:00:00.000Z  inbound call from +1 to +2 reached node-a; application app answers it\n"));
  EXPECT_THAT(text, HasSubstr("its signalling is on node-a (draining)"));
  EXPECT_THAT(text, HasSubstr("in room daily: owner node-b (live), epoch 7, 1 participants"));
  EXPECT_THAT(text, HasSubstr("the room is not on the node of its signalling"));
  EXPECT_THAT(text, HasSubstr("in the room since 2026-05-29T12:00:02.000Z, muted, silent"));
  EXPECT_THAT(text, HasSubstr("events committed so far: 2"));
}

TEST(Explain, SaysWhatIsNotKnown) {
  auto text = story_view(call_story(running_call(), nullptr, nullptr));
  auto gone = story_view(call_story(running_call(), nullptr, {{"nodes", json::array()}}));

  EXPECT_THAT(text, HasSubstr("in room daily, whose owner does not answer now"));
  EXPECT_THAT(text, Not(HasSubstr("not a member")));
  EXPECT_THAT(gone, HasSubstr("node-a (not a member now)"));
}

TEST(Explain, TellsHowACallEnded) {
  auto call = running_call();
  call["status"] = "completed";
  call["ended_at"] = "2026-05-29T12:00:43.000Z";
  call["duration_seconds"] = 42;
  call["hangup_cause"] = {{"q850", 16}, {"name", "normal_clearing"}};

  auto story = call_story(call, nullptr, nullptr);

  EXPECT_THAT(story_view(story), HasSubstr("ended: completed, normal_clearing, after 42 s"));
  EXPECT_THAT(story_view(story), Not(HasSubstr("signalling is on")));
  EXPECT_EQ(story["timeline"].size(), 3u);
}

TEST(PercentEncoding, KeepsOnlyWhatNeedsNone) {
  EXPECT_EQ(percent_encoded("a-b_c.d~9/ ä"), "a-b_c.d~9%2F%20%C3%A4");
}

} // namespace
} // namespace plenary
