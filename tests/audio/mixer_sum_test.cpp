#include "actors/audio/fade.hpp"
#include "actors/audio/level.hpp"
#include "actors/audio/limiter.hpp"
#include "actors/audio/mix_minus.hpp"
#include "tone.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

namespace plenary::audio {
namespace {

frame full_scale_noise(std::mt19937& random) {
  frame pcm;
  for (auto& sample : pcm)
    sample = (random() & 1U) != 0 ? INT16_MAX : INT16_MIN;
  return pcm;
}

wide_frame widened(const frame& pcm, int factor) {
  wide_frame wide{};
  for (std::size_t i = 0; i < frame_samples; ++i)
    wide[i] = pcm[i] * factor;
  return wide;
}

TEST(MixMinus, IsExactForTwoToSixtyFourFullScaleTalkers) {
  for (std::size_t count = 2; count <= 64; ++count) {
    std::mt19937 random{static_cast<unsigned>(count)};
    std::vector<frame> talkers(count);
    wide_frame sum{};
    for (auto& each : talkers)
      add(sum, each = full_scale_noise(random));

    for (std::size_t self = 0; self < count; ++self) {
      wide_frame heard;
      subtract(sum, talkers[self], heard);

      wide_frame others{};
      for (std::size_t other = 0; other < count; ++other)
        if (other != self)
          add(others, talkers[other]);
      ASSERT_EQ(heard, others) << count << " talkers, talker " << self;
    }
  }
}

TEST(Limiter, PassesEverySampleThatFitsBitExactly) {
  std::mt19937 random{1};
  limiter gain;
  for (int tick = 0; tick < 20; ++tick) {
    auto pcm = full_scale_noise(random);
    for (auto& sample : pcm)
      sample = static_cast<std::int16_t>(sample / 40000.0 * 32768);
    frame out;

    gain.process(widened(pcm, 1), out);

    ASSERT_EQ(out, pcm);
  }
}

TEST(Limiter, NeverWrapsWhateverTheSum) {
  for (const int talkers : {2, 3, 5, 16, 64}) {
    std::mt19937 random{static_cast<unsigned>(talkers)};
    limiter gain;
    for (int tick = 0; tick < 20; ++tick) {
      const auto many = tick % 3 != 0;
      const auto mix = widened(full_scale_noise(random), many ? talkers : 1);
      frame out;

      gain.process(mix, out);

      for (std::size_t i = 0; i < frame_samples; ++i)
        ASSERT_EQ(mix[i] > 0, out[i] > 0)
            << talkers << " talkers, tick " << tick << ", sample " << i << ": " << mix[i] << " -> " << out[i];
    }
  }
}

TEST(Limiter, KeepsTheShapeOfALoudToneInsteadOfClippingIt) {
  tone wave{400, 30000};
  limiter gain;
  std::vector<std::int16_t> heard;
  for (int tick = 0; tick < 20; ++tick) {
    frame out;
    gain.process(widened(wave.next(), 3), out);
    heard.insert(heard.end(), out.begin(), out.end());
  }

  const auto settled = std::span{heard}.last(10 * frame_samples);

  // A clipped sine has a third harmonic of a fifth of its amplitude and more.
  EXPECT_GT(amplitude_at(settled, 400), 26800);
  EXPECT_LT(amplitude_at(settled, 1200), amplitude_at(settled, 400) / 50);
}

TEST(Limiter, LeavesTheDecoderOfALossyCodecRoomForItsOvershoot) {
  std::mt19937 random{5};
  limiter gain;
  for (int tick = 0; tick < 50; ++tick) {
    frame out;
    gain.process(widened(full_scale_noise(random), 1 + tick % 4), out);
    for (const auto sample : out)
      ASSERT_LE(std::abs(sample), 27571) << tick; // -1.5 dBFS
  }
}

TEST(Limiter, DoesNotFollowTheBeatOfTwoVoices) {
  tone first{440, 32767};
  tone second{443, 32767};
  limiter gain;
  std::vector<float> gains;
  for (int tick = 0; tick < 200; ++tick) {
    const auto one = first.next();
    const auto other = second.next();
    wide_frame mix{};
    add(mix, one);
    add(mix, other);
    frame out;
    gain.process(mix, out);
    gains.push_back(gain.gain());
  }

  // The beat's first peaks set the gain; from then on it stays.
  const auto settled = std::span(gains).last(150);
  EXPECT_LT(*std::max_element(settled.begin(), settled.end()) -
                *std::min_element(settled.begin(), settled.end()),
            0.002F);
}

TEST(Limiter, RestsForASecondAfterAPeakAndThenComesBackSlowlyToExactPassThrough) {
  tone wave{400, 30000};
  limiter gain;
  frame out;
  gain.process(widened(wave.next(), 4), out);
  const float pressed = gain.gain();

  tone quieter{400, 10000};
  for (int tick = 0; tick < 45; ++tick)
    gain.process(widened(quieter.next(), 1), out);
  const float after_900_ms = gain.gain();
  for (int tick = 0; tick < 55; ++tick)
    gain.process(widened(quieter.next(), 1), out);
  const float after_2_s = gain.gain();
  for (int tick = 0; tick < 100; ++tick)
    gain.process(widened(quieter.next(), 1), out);

  EXPECT_LT(pressed, 0.3F);
  EXPECT_EQ(after_900_ms, pressed);
  EXPECT_NEAR(after_2_s / pressed, 2, 0.1); // 6 dB in the second after the rest
  EXPECT_EQ(gain.gain(), 1.0F);
}

TEST(Limiter, JoinsFramesWithoutAStep) {
  tone wave{400, 20000};
  limiter gain;
  std::vector<std::int16_t> heard;
  for (int tick = 0; tick < 60; ++tick) {
    frame out;
    gain.process(widened(wave.next(), tick >= 20 && tick < 30 ? 3 : 1), out);
    heard.insert(heard.end(), out.begin(), out.end());
  }

  // No step is steeper than the wave itself where it enters three times as loud.
  const double steepest = 2 * std::numbers::pi * 400 / sample_rate * 60000;
  EXPECT_LE(largest_step(heard), steepest);
}

TEST(Level, MeasuresAFullScaleSquareAsZeroASineAsMinusThreeAndNothingAs127) {
  frame square;
  for (std::size_t i = 0; i < frame_samples; ++i)
    square[i] = i % 2 == 0 ? 32767 : -32767;

  EXPECT_NEAR(measure(square).value, 0, 0.01);
  EXPECT_NEAR(measure(tone{400, 32767}.next()).value, -3.01, 0.01);
  EXPECT_NEAR(measure(tone{400, 32.767}.next()).value, -63.01, 0.1);
  EXPECT_EQ(measure(frame{}), silence_level);
}

TEST(Fade, LetsATalkerLeaveWithoutAStep) {
  tone wave{400, 20000};
  const auto last = wave.next();
  auto tail = last;

  continue_tail(tail);

  const auto next = wave.next();
  EXPECT_NEAR(tail.front(), next.front(), 20);
  EXPECT_NEAR(tail[fade_samples / 4], next[fade_samples / 4] * 0.854, 100); // cos(pi/4) / 2 + 1/2
  EXPECT_EQ(tail.back(), 0);
  EXPECT_LE(largest_step(tail), largest_step(last));
}

TEST(Fade, ContinuesSilenceAndFullScaleNoiseWithinTheirBounds) {
  frame silence{};
  std::mt19937 random{3};
  auto noise = full_scale_noise(random);

  continue_tail(silence);
  continue_tail(noise);

  EXPECT_EQ(silence, frame{});
  EXPECT_LT(rms(std::span(noise).first(fade_samples)), 32768);
  EXPECT_EQ(rms(std::span(noise).subspan(fade_samples)), 0);
}

TEST(Fade, LetsATalkerEnterFromSilence) {
  auto first = tone{400, 20000}.next();
  const auto original = first;

  fade_in(first);

  EXPECT_EQ(first.front(), 0);
  EXPECT_TRUE(std::equal(first.begin() + fade_samples, first.end(), original.begin() + fade_samples));
}

} // namespace
} // namespace plenary::audio
