#include "actors/audio/tone_detector.hpp"
#include "key_tone.hpp"
#include "tone.hpp"

#include <gtest/gtest.h>

#include <string>

namespace plenary::audio {
namespace {

/// The keys that are found in a sound at 8 kHz.
std::string keys_in(const std::vector<std::int16_t>& sound, std::size_t packet = 160) {
  tone_detector detector;
  std::string keys;
  for (std::size_t at = 0; at + packet <= sound.size(); at += packet)
    if (const auto found = detector.process(std::span(sound).subspan(at, packet)); found.ended)
      keys += found.ended->key;
  if (const auto last = detector.stop())
    keys += last->key;
  return keys;
}

telephone_sound line(unsigned seed = 1) {
  return telephone_sound(tone_detector::rate, seed);
}

/// Every key, 40 ms on and 40 ms off, beginning at different places of the detector's windows.
telephone_sound dialled(key_tone like, unsigned seed, double on = 40) {
  auto sound = line(seed);
  sound.rest(100);
  for (const auto key : all_keys) {
    like.key = key;
    sound.press(like, on).rest(40.4 + seed % 5);
  }
  sound.rest(100);
  return sound;
}

constexpr unsigned seeds = 20;

TEST(ToneDetector, FindsEveryKeyAsQ24Tolerates) {
  const key_tone tolerated[] = {
      {.dbm0 = -10},
      {.dbm0 = -5},
      {.dbm0 = -36},
      {.dbm0 = 0},
      {.dbm0 = -10, .twist = 8},
      {.dbm0 = -10, .twist = -8},
      {.dbm0 = -30, .twist = 4},
      {.dbm0 = -10, .row_off = 0.015, .column_off = 0.015},
      {.dbm0 = -10, .row_off = -0.015, .column_off = -0.015},
      {.dbm0 = -10, .row_off = 0.018, .column_off = -0.018},
      {.dbm0 = -36, .twist = -4, .row_off = -0.015, .column_off = 0.015},
  };
  for (const auto& like : tolerated)
    for (unsigned seed = 1; seed <= seeds; ++seed)
      EXPECT_EQ(keys_in(dialled(like, seed).samples()), all_keys)
          << "seed " << seed << " level " << like.dbm0 << " twist " << like.twist << " off " << like.row_off;
}

TEST(ToneDetector, FindsKeysOverNoiseAndBesideDialTones) {
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    EXPECT_EQ(keys_in(dialled({}, seed).over_noise(-10 - 15).samples()), all_keys) << seed;
    EXPECT_EQ(keys_in(dialled({}, seed).over_sine(350, -13).over_sine(440, -13).samples()), all_keys) << seed;
    EXPECT_EQ(keys_in(dialled({}, seed).over_sine(425, -13).samples()), all_keys) << seed;
  }
}

TEST(ToneDetector, TakesNoToneForAKeyThatIsTooFarOffTooShortTooFaintOrTooUneven) {
  const key_tone refused[] = {
      {.row_off = 0.03, .column_off = 0.03},
      {.row_off = -0.03, .column_off = -0.03},
      {.row_off = 0.03},
      {.column_off = -0.03},
      {.dbm0 = -50},
      {.twist = 14},
      {.twist = -14},
  };
  for (const auto& like : refused)
    for (unsigned seed = 1; seed <= seeds; ++seed)
      EXPECT_EQ(keys_in(dialled(like, seed, 60).samples()), "")
          << "seed " << seed << " level " << like.dbm0 << " twist " << like.twist << " off " << like.row_off
          << " " << like.column_off;
  for (unsigned seed = 1; seed <= seeds; ++seed)
    EXPECT_EQ(keys_in(dialled({}, seed, 15).samples()), "") << seed;
}

TEST(ToneDetector, OneToneOfAKeyIsNone) {
  for (const auto hz : {697.0, 770.0, 941.0, 1209.0, 1336.0, 1633.0})
    EXPECT_EQ(keys_in(line().sine(hz, -10, 500).samples()), "") << hz;
}

TEST(ToneDetector, AThirdToneMakesItNoKey) {
  for (const auto third : {600.0, 850.0, 1477.0, 2418.0})
    EXPECT_EQ(keys_in(line().press({.key = '1'}, 500).over_sine(third, -12).samples()), "") << third;
}

TEST(ToneDetector, AHoleOfTenMillisecondsDoesNotEndAPress) {
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    auto sound = line(seed);
    sound.rest(20 + seed).press({}, 80).rest(10).press({}, 80).rest(100);
    EXPECT_EQ(keys_in(sound.samples()), "5") << seed;
  }
}

TEST(ToneDetector, TheSameKeyAgainAfterFortyMillisecondsIsASecondPress) {
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    auto sound = line(seed);
    sound.rest(20 + seed).press({}, 50).rest(40).press({}, 50).rest(40).press({}, 50).rest(100);
    EXPECT_EQ(keys_in(sound.samples()), "555") << seed;
  }
}

TEST(ToneDetector, AnotherKeyWithoutARestIsASecondPress) {
  EXPECT_EQ(keys_in(line().press({.key = '1'}, 80).press({.key = '9'}, 80).rest(60).samples()), "19");
}

TEST(ToneDetector, SaysWhatOfTheSoundIsTheTone) {
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    constexpr std::int64_t begins = 1000;
    constexpr std::int64_t ends = begins + 1600;
    auto sound = line(seed);
    sound.rest(125 + seed / 8.0).press({.dbm0 = -5.0 - seed}, 200).rest(200);
    const auto samples = sound.samples();
    tone_detector detector;
    std::int64_t first = ends;
    std::int64_t last = 0;
    std::int64_t known = 0;

    for (std::size_t at = 0; at + 80 <= samples.size(); at += 80) {
      const auto found = detector.process(std::span(samples).subspan(at, 80));
      if (found.tone_from == found.tone_to)
        continue;
      known = known == 0 ? detector.clock() : known;
      first = std::min(first, found.tone_from);
      last = std::max(last, found.tone_to);
    }

    EXPECT_NEAR(static_cast<double>(first - begins), seed, 120) << seed;
    EXPECT_NEAR(static_cast<double>(last - ends), seed, 110) << seed;
    EXPECT_LE(known, begins + seed + 256 + 80) << "seed " << seed << ": 32 ms, and the packet's end";
  }
}

TEST(ToneDetector, LostSamplesNeitherEndAPressNorKeepItUp) {
  auto tone = line().press({}, 300).samples();
  tone_detector detector;
  for (std::size_t at = 0; at < 800; at += 160)
    detector.process(std::span(tone).subspan(at, 160));
  ASSERT_FALSE(detector.is_idle());

  detector.skip(160);
  int ended = 0;
  for (std::size_t at = 960; at < 1600; at += 160)
    ended += detector.process(std::span(tone).subspan(at, 160)).ended ? 1 : 0;

  EXPECT_EQ(ended, 0);
  detector.skip(800);
  const auto silence = std::vector<std::int16_t>(160);
  const auto found = detector.process(silence);
  ASSERT_TRUE(found.ended);
  EXPECT_EQ(found.ended->end, 1600 / 51 * 51 + 1600 % 51 - (1600 - 960) % 51);
}

TEST(ToneDetector, SomethingLikeSpeechHasNoKeys) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    speech voice{seed};
    std::vector<std::int16_t> narrow;
    for (int i = 0; i < 50 * 60; ++i) {
      const auto pcm = voice.next();
      for (std::size_t at = 0; at < pcm.size(); at += 6)
        narrow.push_back(pcm[at]);
    }
    EXPECT_EQ(keys_in(narrow), "") << "seed " << seed;
  }
}

} // namespace
} // namespace plenary::audio
