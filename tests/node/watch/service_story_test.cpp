#include "node/watch/service_story.hpp"

#include <gmock/gmock.h>

namespace plenary {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::chrono::microseconds interval{seconds{8}};
constexpr seconds longest_end{60};
constexpr service_story::time_point story_begin{seconds{1000}};

TEST(ServiceStory, ReadyIsToldOnceAndOnlyWhenTheNodeTakesCalls) {
  service_story story{std::nullopt, longest_end};

  EXPECT_THAT(story.step(story_begin, service_phase::starting, true), Not(HasSubstr("READY=1")));
  EXPECT_THAT(story.step(story_begin, service_phase::waiting, true), Not(HasSubstr("READY=1")));
  EXPECT_THAT(story.step(story_begin, service_phase::ready, true), HasSubstr("READY=1\n"));
  EXPECT_THAT(story.step(story_begin, service_phase::waiting, true), Not(HasSubstr("READY=1")));
  EXPECT_THAT(story.step(story_begin, service_phase::ready, true), Not(HasSubstr("READY=1")));
}

TEST(ServiceStory, TheWatchdogIsFedFourTimesAnInterval) {
  service_story story{interval, longest_end};
  story.step(story_begin, service_phase::ready, true);

  EXPECT_EQ(story.step(story_begin + milliseconds{1999}, service_phase::ready, true), "");
  EXPECT_EQ(story.step(story_begin + milliseconds{2000}, service_phase::ready, true), "WATCHDOG=1\n");
  EXPECT_EQ(story.step(story_begin + milliseconds{3999}, service_phase::ready, true), "");
  EXPECT_EQ(story.step(story_begin + milliseconds{4000}, service_phase::ready, true), "WATCHDOG=1\n");
}

TEST(ServiceStory, TheWatchdogIsNotFedWhileAThreadStandsStill) {
  service_story story{interval, longest_end};
  story.step(story_begin, service_phase::ready, true);

  EXPECT_EQ(story.step(story_begin + seconds{60}, service_phase::ready, false), "");
  EXPECT_EQ(story.step(story_begin + seconds{61}, service_phase::ready, true), "WATCHDOG=1\n");
}

TEST(ServiceStory, TheWatchdogIsFedInEveryPhaseThatLasts) {
  for (const auto phase : {service_phase::starting, service_phase::waiting, service_phase::ready,
                           service_phase::leaving, service_phase::stopping}) {
    service_story story{interval, longest_end};
    story.step(story_begin, phase, true);

    EXPECT_THAT(story.step(story_begin + interval, phase, true), HasSubstr("WATCHDOG=1\n"));
  }
}

TEST(ServiceStory, WhoIsNotWatchedIsNotFed) {
  service_story story{std::nullopt, longest_end};

  EXPECT_THAT(story.step(story_begin, service_phase::ready, true), Not(HasSubstr("WATCHDOG")));
}

TEST(ServiceStory, WhoAwaitsItsClusterAsksForMoreTimeUntilItIsReady) {
  service_story story{std::nullopt, longest_end};
  EXPECT_THAT(story.step(story_begin, service_phase::waiting, true),
              HasSubstr("EXTEND_TIMEOUT_USEC=30000000\n"));

  EXPECT_EQ(story.step(story_begin + milliseconds{4999}, service_phase::waiting, true), "");
  EXPECT_EQ(story.step(story_begin + seconds{5}, service_phase::waiting, true),
            "EXTEND_TIMEOUT_USEC=30000000\n");
  EXPECT_EQ(story.step(story_begin + seconds{10}, service_phase::waiting, false), "");
  EXPECT_THAT(story.step(story_begin + seconds{20}, service_phase::ready, true), Not(HasSubstr("EXTEND")));
  EXPECT_THAT(story.step(story_begin + seconds{40}, service_phase::waiting, true), Not(HasSubstr("EXTEND")));
}

TEST(ServiceStory, LeavingMayBeTakenBackAndIsNoStopping) {
  service_story story{std::nullopt, longest_end};
  story.step(story_begin, service_phase::ready, true);

  EXPECT_EQ(story.step(story_begin, service_phase::leaving, true),
            "STATUS=leaving: takes nothing new\nEXTEND_TIMEOUT_USEC=30000000\n");
  EXPECT_EQ(story.step(story_begin, service_phase::ready, true), "STATUS=takes calls\n");
}

TEST(ServiceStory, WhoLeavesAsksForMoreTimeAsLongAsItMayTake) {
  service_story story{std::nullopt, longest_end};
  story.step(story_begin, service_phase::ready, true);
  const auto at = [&story](seconds after, service_phase phase) {
    return story.step(story_begin + after, phase, true);
  };
  at(seconds{100}, service_phase::leaving);

  EXPECT_THAT(at(seconds{158}, service_phase::leaving), HasSubstr("EXTEND_TIMEOUT_USEC=30000000"));
  EXPECT_THAT(at(seconds{160}, service_phase::stopping), Not(HasSubstr("EXTEND")));
  at(seconds{170}, service_phase::ready);
  EXPECT_THAT(at(seconds{180}, service_phase::leaving), HasSubstr("EXTEND_TIMEOUT_USEC=30000000"));
}

TEST(ServiceStory, StoppingIsToldOnce) {
  service_story story{std::nullopt, longest_end};
  story.step(story_begin, service_phase::ready, true);

  EXPECT_EQ(story.step(story_begin, service_phase::stopping, true),
            "STATUS=ending the last calls\nSTOPPING=1\nEXTEND_TIMEOUT_USEC=30000000\n");
  EXPECT_EQ(story.step(story_begin + seconds{60}, service_phase::stopping, true), "");
}

} // namespace

} // namespace plenary
