#include "actors/audio/voice_likeness.hpp"
#include "tone.hpp"

#include <gtest/gtest.h>

#include <random>

namespace plenary::audio {
namespace {

constexpr std::uint64_t ten_seconds = 500;

void hear(voice_likeness& sound, dbov level, std::uint64_t number) {
  sound.present(number);
  sound.heard(level);
}

TEST(VoiceLikeness, WhoIsNewIsTrustedAndPreferred) {
  voice_likeness sound;
  EXPECT_EQ(sound.probability(), 1);

  hear(sound, dbov{-30}, 1000);

  EXPECT_GT(sound.favour(), 3);
}

TEST(VoiceLikeness, SteadySoundLosesItsFavourWithinThreeSeconds) {
  std::mt19937 random(7);
  voice_likeness sound;
  for (std::uint64_t tick = 1; tick <= 150; ++tick)
    hear(sound, dbov{-20 - static_cast<float>(random() % 60) / 10}, tick);

  EXPECT_EQ(sound.probability(), 0);
  EXPECT_LT(sound.favour(), -10);
}

TEST(VoiceLikeness, SpeechKeepsIt) {
  voice_likeness sound;
  for (std::uint64_t tick = 1; tick <= 3 * ten_seconds; ++tick) // syllables of 160 ms, pauses of 80 ms
    hear(sound, dbov{tick % 12 < 8 ? -25.0F : -45.0F}, tick);

  EXPECT_EQ(sound.probability(), 1);
  EXPECT_EQ(sound.favour(), 0);
}

TEST(VoiceLikeness, SilentTicksArePauses) {
  voice_likeness sound;
  for (std::uint64_t tick = 1; tick <= ten_seconds; ++tick)
    hear(sound, dbov{-25}, tick);
  ASSERT_EQ(sound.probability(), 0);

  hear(sound, dbov{-25}, ten_seconds + 100);

  EXPECT_EQ(sound.probability(), 1);
}

TEST(VoiceLikeness, WhatNobodyDecodesIsNoPause) {
  voice_likeness sound;
  for (std::uint64_t tick = 1; tick <= ten_seconds; ++tick)
    hear(sound, dbov{-25}, tick);
  for (std::uint64_t tick = ten_seconds + 1; tick <= 2 * ten_seconds; ++tick)
    sound.present(tick);

  EXPECT_EQ(sound.probability(), 0);
}

TEST(VoiceLikeness, ItIsNewAgainOnlyAfterHalfASecond) {
  for (const std::uint64_t silent : {24U, 25U}) {
    voice_likeness sound;
    for (std::uint64_t tick = 1; tick <= ten_seconds; ++tick)
      hear(sound, dbov{-25}, tick);
    const auto before = sound.favour();

    hear(sound, dbov{-25}, ten_seconds + silent + 1);

    EXPECT_EQ(sound.favour() - before > 12 * sound.probability() + 1, silent == 25) << silent;
  }
}

} // namespace
} // namespace plenary::audio
