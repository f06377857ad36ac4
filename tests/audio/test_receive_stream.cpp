#include "tests/audio/tone_packets.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

TEST(ReceiveStream, PlaysEveryCodecWithoutASeam) {
  for (const auto kind : all_kinds) {
    simulated_leg leg(tone_packets(kind, 400, 100));

    leg.run(100);

    EXPECT_NEAR(20 * std::log10(amplitude_at(leg.latest(50), 400) / 8000), 0, 0.5) << sdp_name(kind);
    const auto settled = leg.latest(96); // in its first milliseconds G.722's predictor overshoots
    EXPECT_LT(largest_step(settled), steepest(400)) << sdp_name(kind);
    EXPECT_EQ(leg.stream->statistics().concealed, 0U) << sdp_name(kind);
    EXPECT_EQ(leg.stream->statistics().received, 100U) << sdp_name(kind);
  }
}

TEST(ReceiveStream, StartsAfterTheLeastDelay) {
  for (const auto phase : {0, 3, 9, 11, 17, 19}) {
    simulated_leg leg(tone_packets(codec_kind::pcmu, 400, 10), milliseconds(phase));
    int silent = 0;

    while (!leg.tick().audio)
      ++silent;

    EXPECT_LE(silent, 2) << phase;
    EXPECT_LE(leg.stream->statistics().playout_delay, milliseconds(30)) << phase;
  }
}

TEST(ReceiveStream, ASilentLegHasNothing) {
  simulated_leg leg({});

  for (int i = 0; i < 10; ++i) {
    const auto seen = leg.tick();
    EXPECT_FALSE(seen.audio);
    EXPECT_FALSE(seen.concealed);
  }

  EXPECT_EQ(largest_step(leg.heard), 0);
}

TEST(ReceiveStream, ToneSurvivesLossJitterAndReorderingWithoutClicks) {
  for (const auto kind : all_kinds)
    for (const unsigned seed : {1U, 2U, 3U}) {
      auto packets = tone_packets(kind, 400, 500);
      disturb(packets, milliseconds(40), 0.03, seed);
      simulated_leg leg(std::move(packets));

      leg.run(500);

      EXPECT_LT(largest_step(leg.heard), 2 * steepest(400)) << sdp_name(kind) << " seed " << seed;
      EXPECT_NEAR(20 * std::log10(rms(leg.latest(400)) * std::numbers::sqrt2 / 8000), 0, 1)
          << sdp_name(kind) << " seed " << seed;
    }
}

TEST(ReceiveStream, KeepsTheFrequencyWhileTheDelayAdapts) {
  auto packets = tone_packets(codec_kind::pcmu, 400, 500);
  disturb(packets, milliseconds(60), 0, 11);
  simulated_leg leg(std::move(packets));
  leg.run(500);

  const auto second = leg.latest(100);
  int crossings = 0;
  for (std::size_t i = 1; i < second.size(); ++i)
    crossings += second[i - 1] < 0 && second[i] >= 0 ? 1 : 0;

  EXPECT_NEAR(crossings, 800, 6);
}

TEST(ReceiveStream, AdaptsSoThatJitterIsRarelyHeard) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    auto packets = tone_packets(codec_kind::pcmu, 400, 1500);
    disturb(packets, milliseconds(60), 0, seed);
    simulated_leg leg(std::move(packets));
    leg.run(250);
    const auto before = leg.stream->statistics().concealed;

    leg.run(1250);

    const auto statistics = leg.stream->statistics();
    EXPECT_LT(statistics.concealed - before, 25U) << "seed " << seed;
    EXPECT_GE(statistics.target_delay, milliseconds(50)) << "seed " << seed;
    EXPECT_LE(statistics.playout_delay, milliseconds(100)) << "seed " << seed;
  }
}

TEST(ReceiveStream, FillsLossesFromTheNextPacketsRedundancy) {
  for (const auto loss : {0.05, 0.1}) {
    auto packets = packets_of(speech(1), opus_without_dtx(10), 1000);
    const auto all = packets.size();
    disturb(packets, milliseconds(5), loss, 5);
    const auto lost = all - packets.size();
    simulated_leg leg(std::move(packets));

    leg.run(1000);

    const auto statistics = leg.stream->statistics();
    EXPECT_GT(statistics.recovered, lost / 2) << loss;
    EXPECT_LT(statistics.concealed, lost) << loss;
  }
}

TEST(ReceiveStream, AbsorbsClockDriftForTenMinutes) {
  for (const auto ppm : {-200, 200}) {
    auto second = packets_of(tone(400, 8000), telephone(), 50, 0);
    std::vector<scheduled> packets;
    auto info = second.front().info;
    for (std::int64_t i = 0; i < 30000; ++i) {
      info.arrival = simulation_start + nanoseconds(i * (20'000'000 + 20 * ppm));
      packets.push_back({info, second[static_cast<std::size_t>(i) % 50].payload});
      ++info.sequence_number;
      info.timestamp += 160;
    }
    simulated_leg leg(std::move(packets));
    milliseconds longest{0};
    for (int i = 0; i < 29900; ++i) {
      leg.tick();
      leg.heard.erase(leg.heard.begin(),
                      leg.heard.begin() + static_cast<std::ptrdiff_t>(leg.heard.size() / 2));
      if (i > 100)
        longest = std::max(longest, leg.stream->statistics().playout_delay);
    }

    const auto statistics = leg.stream->statistics();
    EXPECT_LE(longest, milliseconds(45)) << ppm;
    EXPECT_LE(statistics.concealed, 2U) << ppm;
    EXPECT_EQ(statistics.late, 0U) << ppm;
    const auto corrected = ppm < 0 ? statistics.compressed_samples : statistics.stretched_samples;
    EXPECT_GT(corrected, 4000U) << ppm; // 200 ppm of 600 s are 5760 samples
  }
}

TEST(ReceiveStream, ComesBackToNormalDelayAfterAStall) {
  for (const auto kind : {codec_kind::pcmu, codec_kind::opus}) {
    auto packets = tone_packets(kind, 200, 600);
    for (auto& packet : packets) { // nothing comes between 2 s and 2.5 s, then everything
      const auto sent = packet.info.arrival - simulation_start;
      if (sent >= milliseconds(2000) && sent < milliseconds(2500))
        packet.info.arrival = simulation_start + milliseconds(2500);
    }
    simulated_leg leg(std::move(packets));
    leg.run(120);
    EXPECT_EQ(rms(leg.latest(5)), 0) << "a long stall is silence";

    leg.run(10);
    const auto longest = leg.stream->statistics().playout_delay;
    leg.run(240);

    EXPECT_LE(longest, milliseconds(210));
    EXPECT_LE(leg.stream->statistics().playout_delay, milliseconds(35)) << sdp_name(kind);
    EXPECT_LT(largest_step(leg.heard), 2 * steepest(200)) << sdp_name(kind);
  }
}

TEST(ReceiveStream, ADtxGapIsSilenceNotLoss) {
  auto packets = tone_packets(codec_kind::opus, 400, 200);
  std::vector<scheduled> left;
  std::uint16_t number = 0;
  for (std::size_t i = 0; i < packets.size(); ++i)
    if (i < 50 || i >= 120) {
      left.push_back(packets[i]);
      left.back().info.sequence_number = number++;
    }
  simulated_leg leg(std::move(left));
  leg.run(60);
  const auto concealed = leg.stream->statistics().concealed;

  leg.run(55);
  EXPECT_EQ(rms(leg.latest(50)), 0);
  leg.run(60);

  EXPECT_LE(concealed, 6U);
  EXPECT_EQ(leg.stream->statistics().concealed, concealed);
  EXPECT_GT(rms(leg.latest(40)), 5000);
  EXPECT_LT(largest_step(leg.heard), steepest(400));
}

TEST(ReceiveStream, EndsWithAShortFadeWhenPacketsStop) {
  simulated_leg leg(tone_packets(codec_kind::pcma, 400, 50));
  leg.run(50);
  int sounding = 0;

  for (int i = 0; i < 20; ++i)
    sounding += leg.tick().audio ? 1 : 0;

  EXPECT_LE(sounding, 8);
  EXPECT_EQ(rms(leg.latest(10)), 0);
  EXPECT_LT(largest_step(leg.heard), steepest(400));
}

TEST(ReceiveStream, PlaysAnyPacketTime) {
  for (const std::size_t bytes : {20U, 80U, 240U, 320U, 480U, 960U}) {
    auto source = packets_of(tone(400, 8000), telephone(), 300, 0);
    std::vector<std::uint8_t> sound;
    for (const auto& packet : source)
      sound.insert(sound.end(), packet.payload.begin(), packet.payload.end());
    std::vector<scheduled> packets;
    auto info = source.front().info;
    for (std::size_t at = 0; at + bytes <= sound.size(); at += bytes) {
      const auto begin = sound.begin() + static_cast<std::ptrdiff_t>(at);
      packets.push_back({info, {begin, begin + static_cast<std::ptrdiff_t>(bytes)}});
      ++info.sequence_number;
      info.timestamp += static_cast<std::uint32_t>(bytes);
      info.arrival += std::chrono::microseconds(bytes * 125);
    }
    simulated_leg leg(std::move(packets));

    leg.run(280);

    EXPECT_NEAR(20 * std::log10(rms(leg.latest(200)) * std::numbers::sqrt2 / 8000), 0, 0.5) << bytes;
    EXPECT_LT(largest_step(leg.heard), steepest(400)) << bytes;
    EXPECT_EQ(leg.stream->statistics().concealed, 0U) << bytes;
  }
}

} // namespace
} // namespace plenary::audio
