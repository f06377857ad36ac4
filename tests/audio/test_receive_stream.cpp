#include "actors/audio/receive_stream.hpp"
#include "tests/audio/simulated_network.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

std::uint8_t payload_type_of(codec_kind kind) {
  switch (kind) {
  case codec_kind::opus:
    return 96;
  case codec_kind::g722:
    return 9;
  case codec_kind::pcmu:
    return 0;
  case codec_kind::pcma:
    return 8;
  }
  return 127;
}

constexpr codec_kind all_kinds[] = {codec_kind::opus, codec_kind::g722, codec_kind::pcmu, codec_kind::pcma};

std::vector<scheduled> tone_packets(codec_kind kind, double hz, std::size_t frames) {
  encoding format{.codec = kind, .bitrate = kind == codec_kind::opus ? 32000 : 0, .dtx = false};
  return packets_of(tone(hz, 8000), format, frames, payload_type_of(kind));
}

/// Largest step of a clean sine of that frequency and amplitude 8000, with some room for codec noise.
int steepest(double hz) {
  return static_cast<int>(1.3 * 8000 * 2 * std::numbers::pi * hz / sample_rate) + 150;
}

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

TEST(ReceiveStream, CountsDuplicatesAndLatePackets) {
  auto packets = tone_packets(codec_kind::pcmu, 400, 100);
  packets.push_back(packets[30]); // twice at the same time
  packets.push_back(packets[40]); // and once long after its time
  packets.back().info.arrival += milliseconds(300);
  simulated_leg leg(std::move(packets));

  leg.run(100);

  EXPECT_EQ(leg.stream->statistics().duplicate, 1U);
  EXPECT_EQ(leg.stream->statistics().late, 1U);
  EXPECT_EQ(leg.stream->statistics().concealed, 0U);
}

TEST(ReceiveStream, ANewSsrcBeginsANewStream) {
  auto packets = tone_packets(codec_kind::pcmu, 400, 100);
  for (std::size_t i = 50; i < packets.size(); ++i) {
    packets[i].info.ssrc = 99;
    packets[i].info.sequence_number = static_cast<std::uint16_t>(packets[i].info.sequence_number + 30000);
    packets[i].info.timestamp += 123456789;
  }
  simulated_leg leg(std::move(packets));

  leg.run(100);

  EXPECT_GT(rms(leg.latest(40)), 5000);
  EXPECT_LE(leg.stream->statistics().concealed, 3U);
  EXPECT_LE(leg.stream->statistics().playout_delay, milliseconds(30));
}

TEST(ReceiveStream, ATimestampJumpDoesNotStopTheSound) {
  for (const std::uint32_t jump :
       {800000U, static_cast<std::uint32_t>(-800000), 8000U, static_cast<std::uint32_t>(-1600)}) {
    auto packets = tone_packets(codec_kind::pcmu, 400, 300);
    for (std::size_t i = 50; i < packets.size(); ++i)
      packets[i].info.timestamp += jump;
    simulated_leg leg(std::move(packets));

    leg.run(290);

    EXPECT_GT(rms(leg.latest(100)), 5000) << jump;
    EXPECT_LE(leg.stream->statistics().playout_delay, milliseconds(60)) << jump;
  }
}

TEST(ReceiveStream, ChangesTheCodecInTheMiddle) {
  auto packets = tone_packets(codec_kind::pcmu, 400, 50);
  auto later = tone_packets(codec_kind::opus, 400, 50);
  auto info = packets.back().info;
  for (auto& packet : later) {
    info.arrival += frame_duration;
    ++info.sequence_number;
    info.timestamp += 960;
    info.payload_type = 96;
    packet.info = info;
    packets.push_back(packet);
  }
  simulated_leg leg(std::move(packets));

  leg.run(100);

  EXPECT_GT(rms(leg.latest(30)), 5000);
  EXPECT_LE(leg.stream->statistics().concealed, 1U);
  EXPECT_LT(largest_step(leg.heard), 2 * steepest(400));
}

TEST(ReceiveStream, TelephoneEventsLeaveAGapNotConcealment) {
  auto packets = tone_packets(codec_kind::pcmu, 400, 100);
  const auto start = packets[40].info.timestamp;
  for (std::size_t i = 40; i < 50; ++i) {
    packets[i].info.payload_type = 101;
    packets[i].info.timestamp = start; // RFC 4733 section 2.2.1
    packets[i].payload = {5, 10, 0, 160};
  }
  simulated_leg leg(std::move(packets));

  leg.run(100);

  EXPECT_LE(leg.stream->statistics().concealed, 6U);
  EXPECT_GT(rms(leg.latest(40)), 5000);
  EXPECT_EQ(leg.stream->statistics().late, 0U);
}

TEST(ReceiveStream, ALegThatIsNotDecodedStaysInTime) {
  simulated_leg leg(tone_packets(codec_kind::opus, 400, 200));
  leg.run(20);

  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(leg.tick(false).audio) << i;
  leg.run(60);

  EXPECT_LE(leg.stream->statistics().playout_delay, milliseconds(30));
  EXPECT_EQ(leg.stream->statistics().concealed, 0U);
  const auto resumed = leg.latest(60);
  EXPECT_LT(largest_step(resumed), steepest(400));
  EXPECT_LT(std::abs(resumed[0]), 400) << "fades in";
  EXPECT_GT(rms(leg.latest(30)), 5000);
}

TEST(ReceiveStream, ALongPacketCanBeDecodedFromItsMiddle) {
  auto source = packets_of(tone(400, 8000), telephone(), 60, 0);
  std::vector<scheduled> packets;
  for (std::size_t i = 0; i + 6 <= source.size(); i += 6) {
    packets.push_back(source[i]);
    packets.back().info.sequence_number = static_cast<std::uint16_t>(i / 6);
    for (std::size_t more = 1; more < 6; ++more)
      packets.back().payload.insert(packets.back().payload.end(), source[i + more].payload.begin(),
                                    source[i + more].payload.end());
  }
  simulated_leg leg(std::move(packets));
  while (!leg.tick(false).audio)
    ;
  leg.tick(false); // the first 40 ms pass

  leg.run(3);

  EXPECT_GT(rms(leg.latest(2)), 5000);
  EXPECT_EQ(leg.stream->statistics().concealed, 0U);
}

TEST(ReceiveStream, TellsLevelAndSizeBeforeDecoding) {
  auto packets = tone_packets(codec_kind::pcmu, 400, 10);
  for (auto& packet : packets)
    packet.info.level = 33;
  simulated_leg leg(std::move(packets));
  preview seen;

  while (!(seen = leg.tick()).audio)
    ;

  EXPECT_EQ(seen.level, 33);
  EXPECT_EQ(seen.payload_bytes, 160);
  EXPECT_FALSE(seen.concealed);
}

TEST(ReceiveStream, FlushForgetsWhatWaited) {
  simulated_leg leg(tone_packets(codec_kind::pcmu, 400, 100));
  leg.run(20);

  leg.stream->flush();
  const auto seen = leg.tick();
  leg.run(20);

  EXPECT_FALSE(seen.audio);
  EXPECT_GT(rms(leg.latest(10)), 5000);
}

TEST(ReceiveStream, SurvivesAnyPackets) {
  constexpr unsigned seed = 4711;
  std::mt19937 random(seed);
  const auto real = tone_packets(codec_kind::opus, 400, 20);
  std::vector<scheduled> packets;
  for (int i = 0; i < 20000; ++i) {
    auto packet = real[random() % real.size()];
    packet.info.arrival = simulation_start + milliseconds(random() % 20000);
    packet.info.sequence_number = static_cast<std::uint16_t>(random() % (random() % 3 == 0 ? 65536 : 200));
    packet.info.timestamp =
        static_cast<std::uint32_t>(random() % (random() % 3 == 0 ? 0xffffffffU : 200000U));
    packet.info.ssrc = random() % 50 == 0 ? 2 : 1;
    const std::uint8_t types[] = {96, 96, 96, 0, 8, 9, 101};
    packet.info.payload_type = types[random() % std::size(types)];
    packet.payload.resize(random() % 400);
    for (auto changes = random() % 5; changes > 0 && !packet.payload.empty(); --changes)
      packet.payload[random() % packet.payload.size()] = static_cast<std::uint8_t>(random());
    packets.push_back(std::move(packet));
  }
  simulated_leg leg(std::move(packets));

  for (int i = 0; i < 1100; ++i)
    leg.tick(random() % 4 != 0);

  EXPECT_EQ(rms(leg.latest(20)), 0) << "seed " << seed;
}

} // namespace
} // namespace plenary::audio
