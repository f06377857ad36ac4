#include "actors/audio/noise_suppression.hpp"
#include "mixed_room.hpp"

#include <gtest/gtest.h>

#include <numbers>
#include <random>

namespace plenary::audio {
namespace {

frame noise_frame(std::mt19937& random, double amplitude) {
  std::normal_distribution<> normal(0, amplitude);
  frame pcm;
  for (auto& sample : pcm)
    sample = static_cast<std::int16_t>(std::lrint(normal(random)));
  return pcm;
}

TEST(NoiseSuppression, SteadyNoiseBecomesFaint) {
  std::mt19937 random(1);
  noise_suppression suppression(5);
  frame pcm{};
  for (std::uint64_t tick = 1; tick <= 200; ++tick) {
    pcm = noise_frame(random, 300);
    suppression.process(3, 0, tick, pcm);
  }

  EXPECT_LT(rms(pcm), 300 / 4.0);
}

TEST(NoiseSuppression, AVoiceStaysAsLoudAsItIs) {
  speech voice{1};
  noise_suppression suppression(5);
  double before = 0;
  double after = 0;
  for (std::uint64_t tick = 1; tick <= 500; ++tick) {
    auto pcm = voice.next();
    before += rms(pcm);
    suppression.process(3, 1, tick, pcm);
    after += rms(pcm);
  }

  EXPECT_NEAR(20 * std::log10(after / before), 0, 2);
}

TEST(NoiseSuppression, WhatBeginsToBeSuppressedHasNoStep) {
  tone wave(300, 8000);
  noise_suppression suppression(5);
  std::vector<std::int16_t> heard;
  for (std::uint64_t tick = 1; tick <= 30; ++tick) {
    auto pcm = wave.next();
    if (tick > 10) // when it has found a place
      suppression.process(3, 1, tick, pcm);
    heard.insert(heard.end(), pcm.begin(), pcm.end());
  }

  EXPECT_LT(largest_step(heard), 700) << "a tone's own is 314";
}

TEST(NoiseSuppression, WhatIsSuppressedNoLongerHasNoStepEither) {
  tone wave(300, 8000);
  noise_suppression suppression(5);
  std::vector<std::int16_t> heard;
  for (std::uint64_t tick = 1; tick <= 30; ++tick) {
    auto pcm = wave.next();
    if (tick <= 20)
      suppression.process(3, 1, tick, pcm);
    else
      suppression.finish(3, tick, pcm);
    if (tick > 10)
      heard.insert(heard.end(), pcm.begin(), pcm.end());
  }

  EXPECT_LT(largest_step(heard), 700) << "a tone's own is 314";
  EXPECT_NEAR(rms(std::span(heard).last(frame_samples)), 8000 / std::numbers::sqrt2, 20) << "as it is";
}

TEST(NoiseSuppression, MoreSpeakersThanStatesTakeThemInTurns) {
  std::mt19937 random(1);
  noise_suppression suppression(1);
  for (std::uint64_t tick = 1; tick <= 50; ++tick)
    for (std::uint32_t speaker = 0; speaker < 5; ++speaker) {
      auto pcm = noise_frame(random, 300);
      suppression.process(speaker, 0.5F, tick, pcm);
      EXPECT_LT(rms(pcm), 400);
    }
  suppression.forget(4);
  suppression.forget(99);
}

/// A room whose only talker is noise: what a listener hears.
double noise_heard(bool suppression) {
  mixed_room room{{.noise_suppression = suppression}};
  auto& noisy = room.enter(pcmu_format);
  auto& listener = room.enter(pcmu_format);
  noisy.says_noise(5, 300);
  room.run(300);
  return rms(listener.sink.last(50));
}

TEST(NoiseSuppression, IsTheRoomsChoice) {
  EXPECT_LT(noise_heard(true), noise_heard(false) / 4);
}

TEST(NoiseSuppression, BeginsAndEndsWhileTheRoomIsMixed) {
  mixed_room room;
  auto& noisy = room.enter(pcmu_format);
  auto& listener = room.enter(pcmu_format);
  noisy.says_noise(5, 300);
  const auto heard = [&] {
    room.run(300);
    return rms(listener.sink.last(50));
  };

  const double as_it_is = heard();
  room.mixer().suppress_noise(true);
  const double suppressed = heard();
  room.mixer().suppress_noise(false);
  const double again = heard();

  EXPECT_LT(suppressed, as_it_is / 4);
  EXPECT_NEAR(again, as_it_is, as_it_is / 10);
}

} // namespace
} // namespace plenary::audio
