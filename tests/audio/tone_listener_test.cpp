#include "actors/audio/tone_listener.hpp"
#include "key_tone.hpp"
#include "tone_packets.hpp"

#include <gtest/gtest.h>

#include <string>

namespace plenary::audio {
namespace {

constexpr codec_kind telephone_kinds[] = {codec_kind::pcmu, codec_kind::pcma, codec_kind::g722};

/// Frames of a sound, one after another.
struct sound_source {
  std::vector<std::int16_t> sound;
  std::size_t at = 0;

  frame next() {
    frame pcm{};
    for (std::size_t i = 0; i < pcm.size() && at < sound.size(); ++i)
      pcm[i] = sound[at++];
    return pcm;
  }
};

std::vector<scheduled> packets_with(const telephone_sound& sound, codec_kind kind) {
  const encoding format{.codec = kind, .bitrate = 0};
  return packets_of(sound_source{sound.samples()}, format, sound.size() / frame_samples,
                    payload_type_of(kind));
}

std::string hear_all(tone_listener& listener, std::vector<scheduled>& packets, codec_kind kind) {
  std::string keys;
  for (auto& packet : packets) {
    const auto presses = listener.hear(packet.info, kind, packet.payload);
    for (const auto& press : presses.all())
      keys += press.key;
  }
  return keys;
}

telephone_sound pressed_at(double after_ms, double length, double dbm0 = -10) {
  telephone_sound sound(sample_rate);
  sound.rest(after_ms).press({.key = '7', .dbm0 = dbm0}, length).rest(300);
  return sound;
}

TEST(ToneListener, FindsKeysInEveryTelephoneCodec) {
  for (const auto kind : telephone_kinds)
    for (const auto dbm0 : {-3.0, -10.0, -36.0}) {
      auto packets = packets_with(pressed_at(107, 40, dbm0), kind);
      tone_listener listener;

      EXPECT_EQ(hear_all(listener, packets, kind), "7") << sdp_name(kind) << dbm0;
      EXPECT_EQ(listener.take_recognised(), 1U);
      EXPECT_EQ(listener.take_recognised(), 0U);
    }
}

TEST(ToneListener, TellsWhenTheKeyWasPressedAndLetGo) {
  for (const auto kind : telephone_kinds) {
    auto packets = packets_with(pressed_at(110, 200), kind);
    tone_listener listener;
    std::vector<tone_press> presses;
    for (auto& packet : packets) {
      const auto ended = listener.hear(packet.info, kind, packet.payload);
      presses.insert(presses.end(), ended.all().begin(), ended.all().end());
    }

    ASSERT_EQ(presses.size(), 1U);
    // A packet arrives when its sound has been made: 20 ms after the simulation's beginning.
    const auto pressed = presses[0].start - (simulation_start - frame_duration);
    EXPECT_NEAR(std::chrono::duration<double>(pressed).count(), 0.110, 0.016) << sdp_name(kind);
    EXPECT_NEAR(std::chrono::duration<double>(presses[0].end - presses[0].start).count(), 0.2, 0.02);
  }
}

TEST(ToneListener, ALostPacketDoesNotEndAPress) {
  for (std::size_t lost = 5; lost < 15; ++lost) {
    auto packets = packets_with(pressed_at(100, 200), codec_kind::pcmu);
    packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(lost));
    tone_listener listener;

    EXPECT_EQ(hear_all(listener, packets, codec_kind::pcmu), "7") << lost;
  }
}

TEST(ToneListener, APacketThatCameTwiceOrLateChangesNothing) {
  auto packets = packets_with(pressed_at(100, 200), codec_kind::pcmu);
  packets.insert(packets.begin() + 9, packets[7]);
  std::swap(packets[11], packets[12]);
  tone_listener listener;

  EXPECT_EQ(hear_all(listener, packets, codec_kind::pcmu), "7");
  EXPECT_FALSE(packets[9].info.tone.any());
}

TEST(ToneListener, APressWhosePacketsStopIsToldAfterSilence) {
  auto packets = packets_with(pressed_at(100, 200), codec_kind::pcma);
  packets.erase(packets.begin() + 9, packets.end());
  tone_listener listener;
  EXPECT_EQ(hear_all(listener, packets, codec_kind::pcma), "");
  const auto latest = packets.back().info.arrival;

  EXPECT_FALSE(listener.expire(latest + milliseconds(199)));
  const auto told = listener.expire(latest + milliseconds(200));

  ASSERT_TRUE(told);
  EXPECT_EQ(told->key, '7');
  EXPECT_FALSE(listener.expire(latest + milliseconds(900)));
}

TEST(ToneListener, AnotherStreamAndAPauseEndAPress) {
  for (const bool another : {true, false}) {
    auto packets = packets_with(pressed_at(100, 400), codec_kind::pcmu);
    for (std::size_t i = 12; i < packets.size(); ++i)
      if (another)
        packets[i].info.ssrc = 99;
      else
        packets[i].info.timestamp += 2000;
    tone_listener listener;

    EXPECT_EQ(hear_all(listener, packets, codec_kind::pcmu), "77");
  }
}

TEST(ToneListener, ASenderWhoseClockIsSetBackIsHeardAgain) {
  auto packets = packets_with(pressed_at(500, 200), codec_kind::pcmu);
  for (std::size_t i = 5; i < packets.size(); ++i)
    packets[i].info.timestamp -= 4000;
  tone_listener listener;

  EXPECT_EQ(hear_all(listener, packets, codec_kind::pcmu), "7");
}

TEST(ToneListener, QuietSoundAndOddPayloadsAreNoTones) {
  tone_listener listener;
  packet_info info;
  for (const std::size_t size : {0U, 1U, 160U, 960U, 961U, 1500U})
    for (const int byte : {0x00, 0x80, 0xff, 0x55, 0xd5}) {
      const std::vector<std::uint8_t> payload(size, static_cast<std::uint8_t>(byte));
      for (const auto kind : telephone_kinds) {
        info.timestamp += static_cast<std::uint32_t>(size);
        ++info.sequence_number;
        const auto ended = listener.hear(info, kind, payload);
        EXPECT_TRUE(ended.all().empty());
        EXPECT_FALSE(info.tone.any());
      }
    }
}

TEST(ToneListener, TheRoomHearsLessThan40MillisecondsOfATone) {
  for (const auto kind : telephone_kinds)
    for (int begins = 100; begins < 120; begins += 3)
      for (const auto length : {40.0, 100.0, 500.0}) {
        auto packets = packets_with(pressed_at(begins, length), kind);
        tone_listener listener;
        hear_all(listener, packets, kind);
        simulated_leg leg(std::move(packets));

        leg.run(static_cast<std::size_t>(begins + length + 300) / 20);

        constexpr std::size_t step = 48;
        int heard = 0;
        for (std::size_t at = 0; at + step <= leg.heard.size(); at += step)
          heard += rms(std::span(leg.heard).subspan(at, step)) > amplitude_of_dbm0(-10) / 10 ? 1 : 0;
        EXPECT_LT(heard, 40) << sdp_name(kind) << " at " << begins << " of " << length << " ms";
        EXPECT_LT(largest_step(leg.heard), 2800) << "a key's own slope is " << 2600;
      }
}

TEST(ToneListener, SoundBeforeAndAfterAToneIsHeard) {
  for (const auto kind : telephone_kinds) {
    telephone_sound sound(sample_rate);
    sound.sine(400, -20, 200).press({}, 200).sine(400, -20, 300);
    auto packets = packets_with(sound, kind);
    tone_listener listener;
    EXPECT_EQ(hear_all(listener, packets, kind), "5");
    simulated_leg leg(std::move(packets));

    leg.run(35);

    // All but what one knows a tone by: its first and last few milliseconds.
    int heard = 0;
    for (std::size_t at = 0; at + 480 <= leg.heard.size(); at += 480)
      heard += amplitude_at(std::span(leg.heard).subspan(at, 480), 400) > amplitude_of_dbm0(-23) ? 1 : 0;
    EXPECT_GE(heard, 46) << sdp_name(kind) << ": 500 ms are 50 pieces";
  }
}

} // namespace
} // namespace plenary::audio
