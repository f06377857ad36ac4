#include "actors/audio/level.hpp"
#include "mixed_room.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

using std::chrono::milliseconds;

/// Keeps every packet with the moment of its first sample, in samples at the mixing rate.
class keeping_sink final : public frame_sink {
public:
  struct packet {
    std::vector<std::uint8_t> payload;
    std::uint64_t start = 0;
    bool marker = false;
  };

  void send(std::span<const std::uint8_t> payload, std::uint64_t number, bool marker) override {
    packets.push_back({{payload.begin(), payload.end()}, number * frame_samples, marker});
  }
  void send_second(std::span<const std::uint8_t> payload, std::uint64_t number) override {
    packets.push_back({{payload.begin(), payload.end()}, number * frame_samples + frame_samples / 2, false});
  }

  std::vector<packet> packets;
};

encoding with_ptime(encoding format, int time) {
  format.ptime = milliseconds{time};
  return format;
}

struct packet_time_case {
  encoding format;
  int time;
};

class PacketTime : public testing::TestWithParam<packet_time_case> {
protected:
  encoding format() const { return with_ptime(GetParam().format, GetParam().time); }
  std::size_t samples() const { return static_cast<std::size_t>(GetParam().time) * sample_rate / 1000; }

  void run(int ticks) {
    for (; ticks > 0; --ticks) {
      room.tick(now, number++);
      now += frame_duration;
    }
  }

  std::vector<std::int16_t> decoded(std::size_t from) {
    auto decoding = make_decoder(GetParam().format.codec).value();
    std::vector<std::int16_t> heard;
    std::array<std::int16_t, decoder::max_samples> pcm;
    for (const auto& packet : sink.packets) {
      const auto size = decoding->decode(packet.payload, pcm).value();
      heard.insert(heard.end(), pcm.begin(), pcm.begin() + static_cast<std::ptrdiff_t>(size));
    }
    heard.erase(heard.begin(), heard.begin() + static_cast<std::ptrdiff_t>(from));
    return heard;
  }

  mixer room{mixer_config{}};
  scripted_source talker;
  keeping_sink sink;
  mono_time now{};
  std::uint64_t number = 1001; // in the middle of packets of two and of three ticks
};

TEST_P(PacketTime, IsWhatTheListenerAskedFor) {
  talker.script = [wave = tone{440, loud}]() mutable { return wave.next(); };
  ASSERT_TRUE(room.add({&talker, nullptr, opus_format, false}));
  ASSERT_TRUE(room.add({nullptr, &sink, format(), false}));

  run(150);

  auto decoding = make_decoder(GetParam().format.codec).value();
  ASSERT_GE(sink.packets.size(), 150 * frame_samples / samples() - 1);
  ASSERT_LE(sink.packets.size(), 150 * frame_samples / samples());
  EXPECT_TRUE(sink.packets.front().marker);
  for (std::size_t i = 0; i < sink.packets.size(); ++i) {
    EXPECT_EQ(decoding->duration(sink.packets[i].payload).value_or(0), samples()) << i;
    if (i > 0) {
      EXPECT_EQ(sink.packets[i].start, sink.packets[i - 1].start + samples()) << i;
      EXPECT_FALSE(sink.packets[i].marker) << i;
    }
  }
  const auto heard = decoded(20 * frame_samples);
  EXPECT_NEAR(amplitude_at(heard, 440), loud, loud * 0.12);
  EXPECT_LT(largest_step(heard), 1500) << "no seam between packets";
}

TEST_P(PacketTime, HoldsForATalkerWhoHearsAnotherOne) {
  scripted_source other;
  talker.script = [wave = tone{440, loud}]() mutable { return wave.next(); };
  ASSERT_TRUE(room.add({&talker, nullptr, opus_format, false}));
  ASSERT_TRUE(room.add({&other, &sink, format(), false}));

  run(40);
  other.script = [wave = tone{700, loud}]() mutable { return wave.next(); };
  run(60);
  other.script = nullptr;
  run(50);

  std::uint64_t next = sink.packets.front().start;
  for (const auto& packet : sink.packets) {
    EXPECT_EQ(packet.start, next);
    next += samples();
  }
  const auto heard = decoded(20 * frame_samples);
  EXPECT_NEAR(amplitude_at(heard, 440), loud, loud * 0.12);
  EXPECT_LT(amplitude_at(heard, 700), 100) << "nobody hears himself";
  EXPECT_LT(largest_step(heard), 1500) << "no seam where its own mix begins and ends";
}

TEST_P(PacketTime, LastsThroughSilence) {
  ASSERT_TRUE(room.add({&talker, nullptr, opus_format, false}));
  ASSERT_TRUE(room.add({nullptr, &sink, format(), false}));

  run(240);
  talker.script = [wave = tone{440, loud}]() mutable { return wave.next(); };
  run(60);

  auto decoding = make_decoder(GetParam().format.codec).value();
  for (std::size_t i = 1; i < sink.packets.size(); ++i) {
    const auto lasts = decoding->duration(sink.packets[i - 1].payload).value_or(0);
    EXPECT_LE(lasts, samples()) << i;
    EXPECT_GE(sink.packets[i].start, sink.packets[i - 1].start + lasts) << i;
  }
  const auto quiet = std::count_if(sink.packets.begin(), sink.packets.end(), [](const auto& packet) {
    return packet.start < (1001 + 240) * frame_samples;
  });
  if (format().codec == codec_kind::opus)
    EXPECT_LE(quiet, 30) << "DTX";
  else
    EXPECT_GE(quiet, static_cast<long>(240 * frame_samples / samples()) - 2) << "G.711 and G.722 go on";
}

INSTANTIATE_TEST_SUITE_P(Codecs, PacketTime,
                         testing::Values(packet_time_case{opus_format, 10}, packet_time_case{opus_format, 20},
                                         packet_time_case{opus_format, 40}, packet_time_case{opus_format, 60},
                                         packet_time_case{g722_format, 10}, packet_time_case{g722_format, 20},
                                         packet_time_case{g722_format, 40}, packet_time_case{g722_format, 60},
                                         packet_time_case{pcmu_format, 10}, packet_time_case{pcmu_format, 20},
                                         packet_time_case{pcmu_format, 40}, packet_time_case{pcmu_format, 60},
                                         packet_time_case{pcma_format, 10},
                                         packet_time_case{pcma_format, 60}));

TEST(PacketTimeOfOpus, SilenceWithoutDtxIsAsLongAsItsPacket) {
  for (int time : {10, 20, 40, 60}) {
    mixer room{mixer_config{}};
    keeping_sink sink;
    auto format = with_ptime(opus_format, time);
    format.dtx = false;
    ASSERT_TRUE(room.add({nullptr, &sink, format, false}));
    mono_time now{};
    for (std::uint64_t number = 0; number < 120; ++number, now += frame_duration)
      room.tick(now, number);

    auto decoding = make_decoder(codec_kind::opus).value();
    std::array<std::int16_t, decoder::max_samples> pcm;
    ASSERT_GE(sink.packets.size(), 30U) << time;
    for (const auto& packet : sink.packets) {
      const auto size = decoding->decode(packet.payload, pcm);
      ASSERT_TRUE(size.has_value()) << time;
      EXPECT_EQ(*size, static_cast<std::size_t>(time) * 48) << time;
      EXPECT_LT(rms(std::span{pcm}.first(*size)), 1) << time;
    }
  }
}

} // namespace
} // namespace plenary::audio
