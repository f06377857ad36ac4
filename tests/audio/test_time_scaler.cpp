#include "actors/audio/time_scaler.hpp"
#include "tests/audio/tone.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

template <class Source>
sample_fifo queue_of(Source source, std::size_t frames) {
  sample_fifo queue;
  for (std::size_t i = 0; i < frames; ++i) {
    const auto pcm = source.next();
    std::copy(pcm.begin(), pcm.end(), queue.space().begin());
    queue.grow(pcm.size());
  }
  return queue;
}

constexpr int steepest_of_200 = 2 * 210; // amplitude 8000 at 200 Hz changes by 209 a sample

TEST(TimeScaler, TakesOutWholePeriodsOfATone) {
  auto queue = queue_of(tone(200, 8000), 4);

  const auto removed = shorten(queue, 100, false);

  EXPECT_NEAR(static_cast<double>(removed % 240), 0, 2);
  EXPECT_EQ(queue.size(), 4 * frame_samples - static_cast<std::size_t>(removed));
  EXPECT_LT(largest_step(queue.samples()), steepest_of_200);
  EXPECT_NEAR(amplitude_at(queue.samples().first(2880), 200), 8000, 200);
}

TEST(TimeScaler, RepeatsWholePeriodsOfATone) {
  auto queue = queue_of(tone(200, 8000), 1);

  const auto added = lengthen(queue, 100, false);

  EXPECT_NEAR(static_cast<double>(added % 240), 0, 2);
  EXPECT_EQ(queue.size(), frame_samples + static_cast<std::size_t>(added));
  EXPECT_LT(largest_step(queue.samples()), steepest_of_200);
  EXPECT_NEAR(amplitude_at(queue.samples().first(960), 200), 8000, 200);
}

TEST(TimeScaler, KeepsThePitchOfManyTones) {
  for (const auto hz : {80.0, 123.0, 215.0, 333.0, 440.0, 1000.0}) {
    auto queue = queue_of(tone(hz, 8000), 4);
    const auto before = largest_step(queue.samples());

    const auto removed = shorten(queue, 100, false);

    EXPECT_GT(removed, 0) << hz;
    EXPECT_LT(largest_step(queue.samples()), before * 5 / 4 + 2) << hz;
  }
}

TEST(TimeScaler, CutsSilenceExactly) {
  auto queue = queue_of(tone(200, 0), 2);

  EXPECT_EQ(shorten(queue, 777, false), 777);
  EXPECT_EQ(lengthen(queue, 333, false), 333);

  EXPECT_EQ(queue.size(), 2 * frame_samples - 777 + 333);
}

TEST(TimeScaler, LeavesNoiseAloneUntilItIsUrgent) {
  std::mt19937 random(3);
  sample_fifo queue;
  for (std::size_t i = 0; i < 1920; ++i)
    queue.space()[i] = static_cast<std::int16_t>(static_cast<int>(random() % 8001) - 4000);
  queue.grow(1920);

  EXPECT_EQ(shorten(queue, 200, false), 0);
  EXPECT_EQ(lengthen(queue, 200, false), 0);

  EXPECT_GT(shorten(queue, 200, true), 0);
  EXPECT_GT(lengthen(queue, 200, true), 0);
}

TEST(TimeScaler, DoesNothingToAQueueThatIsTooShort) {
  sample_fifo queue;
  for (std::size_t i = 0; i < 200; ++i)
    queue.space()[i] = static_cast<std::int16_t>(i * 50);
  queue.grow(200);

  EXPECT_EQ(shorten(queue, 100, true), 0);
  EXPECT_EQ(lengthen(queue, 100, true), 0);
}

} // namespace
} // namespace plenary::audio
