#include "actors/leg/media_pace.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const mono_time pace_start{1h};

TEST(MediaPace, IsATrickleUntilTheAck) {
  media_pace pace{false, pace_start};

  EXPECT_TRUE(pace.trickles(pace_start, false));
  EXPECT_TRUE(pace.trickles(pace_start, true)) << "also for who only listens";
  pace.hear();
  EXPECT_TRUE(pace.trickles(pace_start + 1min, false)) << "a packet proves nothing";
  pace.confirm(pace_start + 1min);
  EXPECT_FALSE(pace.trickles(pace_start + 1min, false));
}

TEST(MediaPace, FallsBackWhenNothingHasComeForFiveSeconds) {
  media_pace pace{false, pace_start};
  pace.confirm(pace_start + 10s);

  EXPECT_FALSE(pace.trickles(pace_start + 14999ms, false));
  EXPECT_TRUE(pace.trickles(pace_start + 15s, false));
  EXPECT_FALSE(pace.trickles(pace_start + 15s, true)) << "who only listens is excepted";
  pace.hear();
  EXPECT_FALSE(pace.trickles(pace_start + 1h, false));
}

TEST(MediaPace, GrantsANewAddressOnlyToWhoWasHeard) {
  media_pace pace{true, pace_start};
  pace.move(pace_start + 4s);
  EXPECT_TRUE(pace.trickles(pace_start + 5s, false)) << "never heard: nothing more";

  pace.hear();
  pace.move(pace_start + 20s);

  EXPECT_FALSE(pace.trickles(pace_start + 24999ms, false));
  EXPECT_TRUE(pace.trickles(pace_start + 25s, false));
}

TEST(MediaPace, ARepeatedAckGrantsNothing) {
  media_pace pace{true, pace_start};

  pace.confirm(pace_start + 10s);

  EXPECT_TRUE(pace.trickles(pace_start + 11s, false));
}

} // namespace
} // namespace plenary
