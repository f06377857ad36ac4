#include "actors/room/mix_segment.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using std::chrono::milliseconds;

TEST(MixLog, TellsASegmentAtLeastEvery200Milliseconds) {
  mix_log log;
  std::optional<mix_segment> told;
  int ticks = 0;

  while (!told && ticks < 100)
    told = log.mixed(milliseconds{1000} + milliseconds{20} * ticks++);

  ASSERT_TRUE(told);
  EXPECT_EQ(told->first, milliseconds{1000});
  EXPECT_EQ(told->last, milliseconds{1180});
}

TEST(MixLog, StartsTheNextSegmentWithTheNextTick) {
  mix_log log;
  for (int i = 0; i < 10; ++i)
    log.mixed(milliseconds{20} * i);

  log.mixed(milliseconds{200});
  auto rest = log.stop();

  EXPECT_EQ(rest, (mix_segment{milliseconds{200}, milliseconds{200}}));
}

TEST(MixLog, HasNothingToTellWithoutATick) {
  mix_log log;

  EXPECT_EQ(log.stop(), std::nullopt);
}

} // namespace
} // namespace plenary
