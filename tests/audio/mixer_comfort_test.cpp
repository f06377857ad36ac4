// The comfort noise of a room: under everything, behind everybody who falls silent, and cheap.
#include "mixed_room.hpp"

#include <gtest/gtest.h>

#include <array>

namespace plenary::audio {
namespace {

const mixer_config with_comfort{.comfort_noise = true};

double comfort_level(std::span<const std::int16_t> pcm) {
  return 20 * std::log10(std::max(rms(pcm), 0.01) / 32768);
}

/// Levels of the latest `ticks` frames.
std::vector<double> levels(const person& who, std::size_t ticks) {
  std::vector<double> found;
  const auto heard = who.sink.last(ticks);
  for (std::size_t i = 0; i < ticks; ++i)
    found.push_back(comfort_level(heard.subspan(i * frame_samples, frame_samples)));
  return found;
}

TEST(MixerComfort, LetsNobodyHearADeadLine) {
  for (const auto& format : {opus_format, g722_format, pcmu_format, pcma_format}) {
    mixed_room room{with_comfort};
    auto& alone = room.enter(format);
    room.run(150);

    for (const auto each : levels(alone, 100)) {
      EXPECT_GT(each, -72) << sdp_name(format.codec);
      EXPECT_LT(each, -56) << sdp_name(format.codec);
    }
  }
}

TEST(MixerComfort, EncodesNothingInASilentRoom) {
  mixed_room room{with_comfort};
  for (const auto& format : {opus_format, g722_format, pcmu_format, pcma_format})
    for (int i = 0; i < 10; ++i)
      room.enter(format);
  room.run(60);

  const auto report = room.run(100);

  // 30 with telephone codecs get a packet each tick, 10 in DTX two in 20 ticks.
  EXPECT_EQ(report.encoded, 0U);
  EXPECT_EQ(report.sent, 3000U + 100U);
}

TEST(MixerComfort, LeavesTheBackgroundOfWhoFellSilentBehindAndLetsItFall) {
  for (const auto& format : {opus_format, g722_format, pcmu_format}) {
    mixed_room room{with_comfort};
    auto& talker = room.enter();
    auto& listener = room.enter(format);
    talker.says_noise(1, 184); // -45 dBov
    room.run(150);
    talker.is_silent();

    room.run(30);

    // White noise loses what a codec's band does not carry; the noise that takes its place does not.
    const auto heard = levels(listener, 31);
    for (std::size_t i = 1; i < heard.size(); ++i)
      EXPECT_NEAR(heard[i], heard[i - 1], 7) << sdp_name(format.codec) << " " << i;
    EXPECT_GT(heard[5], -56) << sdp_name(format.codec);
    EXPECT_NEAR(heard.back(), -61, 5) << sdp_name(format.codec);
  }
}

TEST(MixerComfort, FollowsTheRoomsFloorBetweenItsBounds) {
  const std::array<std::pair<double, double>, 3> cases{{{184, -60}, {12, -66}, {1, -69}}};
  for (const auto& [amplitude, floor] : cases) {
    mixed_room room{with_comfort};
    auto& talker = room.enter(pcmu_format);
    auto& listener = room.enter(pcmu_format);
    talker.source.script = [wave = tone{400, loud}, random = std::mt19937{3}, amplitude = amplitude,
                            count = 0]() mutable {
      std::normal_distribution<double> noise{0, amplitude};
      auto pcm = wave.next();
      const bool word = count++ % 40 < 20;
      for (auto& sample : pcm)
        sample = static_cast<std::int16_t>((word ? sample : 0) + std::lrint(noise(random)));
      return pcm;
    };
    room.run(600);
    talker.is_silent();
    room.run(60);

    EXPECT_NEAR(comfort_level(listener.sink.last(20)), floor, 3) << amplitude;
  }
}

TEST(MixerComfort, PlaysNobodyItsOwnBackgroundAfterItsWord) {
  mixed_room room{with_comfort};
  auto& talker = room.enter(pcmu_format);
  auto& listener = room.enter(pcmu_format);
  talker.says_noise(1, 184);
  room.run(150);
  talker.is_silent();

  room.run(5);

  EXPECT_GT(comfort_level(listener.sink.last(1)), -57);
  EXPECT_LT(comfort_level(talker.sink.last(1)), -58);
}

TEST(MixerComfort, AddsTheNoiseBesideWhatIsSaidAndLeavesThatExact) {
  std::array<std::vector<std::int16_t>, 2> heard;
  for (std::size_t i = 0; i < heard.size(); ++i) {
    mixed_room room{i == 0 ? mixer_config{} : with_comfort};
    auto& talker = room.enter(g722_format);
    auto& listener = room.enter(g722_format);
    talker.says(400, loud);
    room.run(60);
    heard[i] = {listener.sink.last(40).begin(), listener.sink.last(40).end()};
  }

  std::vector<std::int16_t> difference;
  for (std::size_t i = 0; i < heard[0].size(); ++i)
    difference.push_back(static_cast<std::int16_t>(heard[1][i] - heard[0][i]));
  EXPECT_NEAR(amplitude_at(heard[1], 400), amplitude_at(heard[0], 400), 0.002 * loud);
  EXPECT_LT(comfort_level(difference), -45); // mostly G.722's own noise, which differs with its input
}

TEST(MixerComfort, BeginsATalkspurtWithAMarkerAfterAPauseThatWasTold) {
  mixed_room room{with_comfort};
  auto& talker = room.enter();
  auto& listener = room.enter();
  talker.says(400, loud);
  room.run(40);
  talker.is_silent();
  room.run(100);
  const int before = listener.sink.markers;

  talker.says(400, loud);
  room.run(20);

  EXPECT_EQ(listener.sink.markers, before + 1);
}

TEST(MixerComfort, ReplaysAlike) {
  std::vector<std::int16_t> first;
  for (int run = 0; run < 2; ++run) {
    mixed_room room{with_comfort};
    auto& talker = room.enter(pcmu_format);
    auto& listener = room.enter(pcmu_format);
    talker.says_noise(5, 150);
    room.run(60);
    talker.is_silent();
    room.run(60);
    if (run == 0)
      first = listener.sink.heard;
    else
      EXPECT_EQ(first, listener.sink.heard);
  }
}

} // namespace
} // namespace plenary::audio
