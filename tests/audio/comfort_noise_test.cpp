#include "actors/audio/comfort_noise.hpp"
#include "actors/audio/level.hpp"
#include "tests/audio/tone_packets.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

constexpr std::uint8_t noise_type = 13;

frame noise_of(std::uint8_t level, int ticks = 20) {
  comfort_noise noise;
  noise.set(level);
  frame pcm{};
  for (; ticks > 0; --ticks) {
    pcm.fill(0);
    noise.add_to(pcm);
  }
  return pcm;
}

TEST(ComfortNoise, HasTheLevelThatItIsTold) {
  for (int level : {20, 30, 40, 50, 60, 68})
    EXPECT_NEAR(measure(noise_of(static_cast<std::uint8_t>(level))).value, -level, 2) << level;
}

TEST(ComfortNoise, IsNothingWhereNobodyCouldHearIt) {
  for (auto level : {std::uint8_t{69}, std::uint8_t{80}, std::uint8_t{127}}) {
    EXPECT_EQ(rms(noise_of(level)), 0) << int{level};
    comfort_noise noise;
    noise.set(level);
    EXPECT_EQ(noise.level(), std::nullopt);
  }
}

TEST(ComfortNoise, NeverWrapsAndFadesOut) {
  comfort_noise noise;
  noise.set(0);
  frame pcm;
  pcm.fill(32000);
  noise.add_to(pcm);
  EXPECT_GT(*std::min_element(pcm.begin(), pcm.end()), -32768);

  noise.set(30);
  noise.add_to(pcm);
  noise.stop();
  pcm.fill(0);
  noise.add_to(pcm);
  EXPECT_LE(rms(std::span{pcm}.last(240)), 1);
}

/// A voice for a second, then one packet of comfort noise every `period` ticks, then a voice again.
std::vector<scheduled> voice_noise_voice(codec_kind kind, std::uint8_t level, std::size_t period) {
  auto packets = tone_packets(kind, 400, 150);
  std::vector<scheduled> sent;
  auto sequence = packets.front().info.sequence_number;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const bool silent = i >= 50 && i < 100;
    if (silent && (i - 50) % period != 0)
      continue;
    auto packet = packets[i];
    packet.info.sequence_number = sequence++;
    if (silent) {
      packet.info.payload_type = noise_type;
      packet.payload.assign(1, level);
    }
    packet.info.marker = i == 100;
    sent.push_back(std::move(packet));
  }
  return sent;
}

/// A receive stream that takes comfort noise, on simulated time.
struct noisy_leg {
  explicit noisy_leg(std::vector<scheduled> sent)
      : packets(std::move(sent)) {
    const std::vector<receivable_payload> payloads{
        {0, codec_kind::pcmu}, {9, codec_kind::g722}, {noise_type, codec_kind::pcmu, true}};
    stream = receive_stream::make(ring, payloads, {}).value();
  }

  /// One tick; what it announced. The frame is decoded when somebody `listens`.
  preview step(bool listens = true) {
    while (next < packets.size() && packets[next].info.arrival <= due) {
      ring->push(packets[next].info, packets[next].payload);
      ++next;
    }
    const auto seen = stream->advance(due);
    pcm.fill(0);
    if (seen.audio && listens)
      stream->decode(pcm);
    due += frame_duration;
    return seen;
  }

  std::shared_ptr<packet_ring> ring = std::make_shared<packet_ring>();
  std::vector<scheduled> packets;
  std::unique_ptr<receive_stream> stream;
  std::size_t next = 0;
  mono_time due = simulation_start + milliseconds(7);
  frame pcm{};
};

TEST(ReceivedComfortNoise, FillsTheSilenceOfTheSender) {
  for (auto kind : {codec_kind::pcmu, codec_kind::g722})
    for (std::size_t period : {1U, 5U, 50U}) {
      noisy_leg leg{voice_noise_voice(kind, 45, period)};
      for (int tick = 0; tick < 60; ++tick)
        leg.step();
      for (int tick = 60; tick < 98; ++tick) {
        const auto seen = leg.step();
        ASSERT_TRUE(seen.audio) << tick;
        EXPECT_FALSE(seen.concealed || seen.stale) << tick;
        EXPECT_EQ(seen.level, 45) << tick;
        EXPECT_NEAR(measure(leg.pcm).value, -45, 3) << tick << " every " << period;
      }
      for (int tick = 98; tick < 110; ++tick)
        leg.step();
      leg.step();
      EXPECT_GT(rms(leg.pcm), 5000) << "the voice is back";
      EXPECT_LE(leg.stream->statistics().playout_delay, milliseconds(60));
    }
}

TEST(ReceivedComfortNoise, BeginsAndEndsWithoutAClick) {
  noisy_leg leg{voice_noise_voice(codec_kind::pcmu, 50, 10)};
  std::vector<std::int16_t> heard;
  for (int tick = 0; tick < 140; ++tick) {
    leg.step();
    heard.insert(heard.end(), leg.pcm.begin(), leg.pcm.end());
  }

  EXPECT_LE(largest_step(heard), steepest(400) + 400);
}

TEST(ReceivedComfortNoise, TooQuietToBeHeardIsSilence) {
  noisy_leg leg{voice_noise_voice(codec_kind::pcmu, 75, 5)};
  for (int tick = 0; tick < 60; ++tick)
    leg.step();

  for (int tick = 60; tick < 95; ++tick)
    EXPECT_FALSE(leg.step().audio) << tick;
}

TEST(ReceivedComfortNoise, GoesOnForWhoeverBeginsToListen) {
  noisy_leg leg{voice_noise_voice(codec_kind::pcmu, 45, 50)};
  for (int tick = 0; tick < 75; ++tick)
    leg.step(false);

  const auto seen = leg.step();

  EXPECT_TRUE(seen.audio);
  EXPECT_EQ(seen.level, 45);
  leg.step();
  EXPECT_NEAR(measure(leg.pcm).value, -45, 3);
}

TEST(ReceivedComfortNoise, WithoutALevelIsOnlyAGap) {
  auto packets = voice_noise_voice(codec_kind::pcmu, 45, 5);
  for (auto& packet : packets)
    if (packet.info.payload_type == noise_type)
      packet.payload.clear();
  noisy_leg leg{std::move(packets)};
  for (int tick = 0; tick < 70; ++tick)
    leg.step();

  EXPECT_FALSE(leg.step().audio);
}

} // namespace
} // namespace plenary::audio
