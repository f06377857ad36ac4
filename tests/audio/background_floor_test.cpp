#include "actors/audio/background_floor.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

void take(background_floor& floor, float level, int frames) {
  for (int i = 0; i < frames; ++i)
    floor.take(dbov{level}, false);
}

TEST(BackgroundFloor, IsUnknownBeforeAnythingWasHeard) {
  EXPECT_EQ(background_floor{}.heard(), silence_level);
}

TEST(BackgroundFloor, FindsTheNoiseBehindAWordWithin200Milliseconds) {
  for (const float noise : {-70.0F, -60.0F, -52.0F}) {
    background_floor floor;
    take(floor, -24, 20);

    take(floor, noise, 10);

    EXPECT_NEAR(floor.heard().value, noise, 2.5) << noise;
  }
}

TEST(BackgroundFloor, TakesASteadyNoiseForBackgroundWithinTwoSeconds) {
  background_floor floor;
  take(floor, -70, 100);

  take(floor, -45, 100);

  EXPECT_NEAR(floor.quietest().value, -45, 0.5);
  EXPECT_NEAR(floor.heard().value, -45, 0.5);
}

TEST(BackgroundFloor, KeepsTheBackgroundOfFluentSpeechWithPauses) {
  background_floor floor;
  for (int sentence = 0; sentence < 8; ++sentence) {
    take(floor, -25, 40);
    take(floor, -58, 8);
  }
  take(floor, -25, 20);

  EXPECT_LE(floor.heard().value, -54);
}

TEST(BackgroundFloor, IsNeverLouderThanMinus42) {
  background_floor floor;

  take(floor, -20, 300);

  EXPECT_EQ(floor.heard().value, -42);
}

TEST(BackgroundFloor, SeesAFrameThatIsCutOff) {
  background_floor floor;
  take(floor, -50, 100);
  EXPECT_FALSE(floor.is_thin());

  floor.take(dbov{-52}, true);
  EXPECT_TRUE(floor.is_thin());
  floor.take(dbov{-53}, false);
  EXPECT_FALSE(floor.is_thin());
  floor.take(dbov{-60}, false);
  EXPECT_TRUE(floor.is_thin());
}

TEST(BackgroundFloor, LearnsNothingFromConcealment) {
  background_floor floor;
  take(floor, -50, 100);

  for (int i = 0; i < 100; ++i)
    floor.take(dbov{-80}, true);

  EXPECT_NEAR(floor.heard().value, -50, 0.1);
}

} // namespace
} // namespace plenary::audio
