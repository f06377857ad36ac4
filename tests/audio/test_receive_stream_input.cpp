#include "tests/audio/tone_packets.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

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
  const auto key_down = packets[40].info.timestamp;
  for (std::size_t i = 40; i < 50; ++i) {
    packets[i].info.payload_type = 101;
    packets[i].info.timestamp = key_down; // RFC 4733 section 2.2.1
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
