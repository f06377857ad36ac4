#include "actors/audio/codec.hpp"
#include "tests/audio/tone.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace plenary::audio {
namespace {

constexpr codec_kind all_kinds[] = {codec_kind::opus, codec_kind::g722, codec_kind::pcmu, codec_kind::pcma};

encoding encoding_of(codec_kind kind) {
  encoding format;
  format.codec = kind;
  if (kind != codec_kind::opus)
    format.bitrate = 0;
  return format;
}

std::unique_ptr<encoder> encoder_of(codec_kind kind) {
  return make_encoder(encoding_of(kind), 5).value();
}

/// Encodes and decodes `frames` frames of a tone and returns all that was heard.
std::vector<std::int16_t> round_trip(codec_kind kind, double hz, double amplitude, int frames) {
  auto format = encoding_of(kind);
  format.dtx = false; // to Opus a steady tone is background noise
  auto sending = make_encoder(format, 5).value();
  auto receiving = make_decoder(kind).value();
  tone source(hz, amplitude);
  std::vector<std::int16_t> heard;
  std::array<std::uint8_t, max_encoded_bytes> payload;
  std::array<std::int16_t, decoder::max_samples> pcm;
  for (int i = 0; i < frames; ++i) {
    const auto size = sending->encode(source.next(), payload);
    const auto samples = receiving->decode(std::span(payload).first(size), pcm).value();
    heard.insert(heard.end(), pcm.begin(), pcm.begin() + static_cast<std::ptrdiff_t>(samples));
  }
  return heard;
}

TEST(Codec, EveryFrameComesBackAsTwentyMilliseconds) {
  for (const auto kind : all_kinds)
    EXPECT_EQ(round_trip(kind, 1000, 8000, 50).size(), 50 * frame_samples) << sdp_name(kind);
}

TEST(Codec, AllCodecsAreEquallyLoud) {
  for (const auto kind : all_kinds) {
    const auto heard = round_trip(kind, 1000, 8000, 100);
    const auto settled = std::span(heard).subspan(heard.size() / 2);

    const auto decibel = 20 * std::log10(amplitude_at(settled, 1000) / 8000);

    EXPECT_NEAR(decibel, 0, 0.25) << sdp_name(kind);
  }
}

TEST(Codec, AClonedEncoderContinuesByteForByte) {
  for (const auto kind : all_kinds) {
    auto original = encoder_of(kind);
    auto clone = encoder_of(kind);
    std::mt19937 random(7);
    std::uniform_int_distribution<int> noise(-3000, 3000);
    tone source(440, 6000);
    std::array<std::uint8_t, max_encoded_bytes> first{};
    std::array<std::uint8_t, max_encoded_bytes> second{};
    const auto next_frame = [&] {
      auto pcm = source.next();
      for (auto& sample : pcm)
        sample = static_cast<std::int16_t>(sample + noise(random));
      return pcm;
    };
    for (int i = 0; i < 9; ++i)
      original->encode(next_frame(), first);
    for (int i = 0; i < 3; ++i)
      clone->encode(next_frame(), second); // its own past must not shine through

    clone->copy_state_from(*original);

    for (int i = 0; i < 5; ++i) {
      const auto pcm = next_frame();
      const auto size = original->encode(pcm, first);
      ASSERT_EQ(clone->encode(pcm, second), size) << sdp_name(kind);
      EXPECT_TRUE(
          std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(size), second.begin()))
          << sdp_name(kind) << " frame " << i;
    }
  }
}

TEST(Codec, AResetEncoderIsAsNew) {
  for (const auto kind : all_kinds) {
    auto used = encoder_of(kind);
    auto fresh = encoder_of(kind);
    tone source(300, 9000);
    std::array<std::uint8_t, max_encoded_bytes> first{};
    std::array<std::uint8_t, max_encoded_bytes> second{};
    for (int i = 0; i < 4; ++i)
      used->encode(source.next(), first);

    used->reset();

    const auto pcm = source.next();
    const auto size = used->encode(pcm, first);
    ASSERT_EQ(fresh->encode(pcm, second), size);
    EXPECT_TRUE(std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(size), second.begin()))
        << sdp_name(kind);
  }
}

TEST(Codec, AResetDecoderIsAsNew) {
  for (const auto kind : all_kinds) {
    auto sending = encoder_of(kind);
    auto used = make_decoder(kind).value();
    auto fresh = make_decoder(kind).value();
    tone source(300, 9000);
    std::array<std::uint8_t, max_encoded_bytes> payload{};
    std::array<std::int16_t, decoder::max_samples> first{};
    std::array<std::int16_t, decoder::max_samples> second{};
    for (int i = 0; i < 4; ++i)
      EXPECT_TRUE(used->decode(std::span(payload).first(sending->encode(source.next(), payload)), first));

    used->reset();

    const auto next = std::span<const std::uint8_t>(payload).first(sending->encode(source.next(), payload));
    EXPECT_EQ(used->decode(next, first).value(), fresh->decode(next, second).value());
    EXPECT_TRUE(std::equal(first.begin(), first.begin() + frame_samples, second.begin())) << sdp_name(kind);
  }
}

TEST(Codec, OpusTellsWhetherItsEncoderFoundAVoice) {
  auto format = encoding_of(codec_kind::opus);
  format.dtx = false;
  for (const int bitrate : {12000, 24000, 32000}) {
    format.bitrate = bitrate;
    auto sending = make_encoder(format, 5).value();
    auto receiving = make_decoder(codec_kind::opus).value();
    std::array<std::uint8_t, max_encoded_bytes> payload;
    std::minstd_rand random(3);
    speech voice(1);
    std::vector<std::optional<bool>> told;
    for (int i = 0; i < 60; ++i) {
      frame pcm = i < 50 ? frame{} : voice.next();
      for (auto& sample : pcm)
        sample = static_cast<std::int16_t>(sample + static_cast<int>(random() % 9) - 4);
      told.push_back(receiving->voice(std::span(payload).first(sending->encode(pcm, payload))));
    }

    EXPECT_EQ(std::count(told.begin() + 20, told.begin() + 50, false), 30) << bitrate;
    EXPECT_EQ(std::count(told.begin() + 50, told.end(), true), 10) << bitrate;
  }
}

TEST(Codec, NobodyTellsOfAVoiceWithoutFlags) {
  constexpr std::array<std::uint8_t, 3> celt_silence{0xF8, 0xFF, 0xFE};
  for (const auto kind : all_kinds)
    EXPECT_EQ(make_decoder(kind).value()->voice(celt_silence), std::nullopt) << sdp_name(kind);
  EXPECT_EQ(make_decoder(codec_kind::opus).value()->voice({}), std::nullopt);
}

TEST(Codec, OpusSendsNothingInSilence) {
  auto sending = encoder_of(codec_kind::opus);
  std::array<std::uint8_t, max_encoded_bytes> payload;
  int sent = 0;

  for (int i = 0; i < 100; ++i)
    sent += sending->encode(frame{}, payload) > 0 ? 1 : 0;

  EXPECT_LT(sent, 30);
}

TEST(Codec, OpusRespectsTheReceiversBandwidth) {
  auto format = encoding_of(codec_kind::opus);
  format.bandwidth_hz = 8000;
  auto narrow = make_encoder(format, 5).value();
  auto receiving = make_decoder(codec_kind::opus).value();
  tone source(6000, 8000);
  std::array<std::uint8_t, max_encoded_bytes> payload;
  std::array<std::int16_t, decoder::max_samples> pcm{};
  std::size_t samples = 0;

  for (int i = 0; i < 50; ++i) {
    const auto size = narrow->encode(source.next(), payload);
    if (size > 0)
      samples = receiving->decode(std::span(payload).first(size), pcm).value();
  }

  EXPECT_LT(amplitude_at(std::span(pcm).first(samples), 6000), 400);
}

TEST(Codec, TelephoneCodecsDecodeAnyPacketTime) {
  for (const auto kind : {codec_kind::g722, codec_kind::pcmu, codec_kind::pcma})
    for (const std::size_t bytes : {20U, 80U, 160U, 240U, 320U, 960U}) {
      auto receiving = make_decoder(kind).value();
      const std::vector<std::uint8_t> payload(bytes, 0xd5);
      std::array<std::int16_t, decoder::max_samples> pcm;

      const auto samples = receiving->decode(payload, pcm);

      ASSERT_TRUE(samples) << sdp_name(kind) << bytes;
      EXPECT_EQ(*samples, bytes * 6);
      EXPECT_EQ(receiving->duration(payload).value(), bytes * 6);
    }
}

TEST(Codec, PayloadsWithoutAValidDurationAreMalformed) {
  for (const auto kind : all_kinds) {
    auto receiving = make_decoder(kind).value();
    std::array<std::int16_t, decoder::max_samples> pcm;
    // TOC 0xff, 63 frames of 20 ms: longer than any packet may be (RFC 6716 section 3.2.5).
    const std::vector<std::uint8_t> huge(kind == codec_kind::opus ? 2 : 961, 0xff);

    EXPECT_EQ(receiving->duration({}).error().code, errc::malformed);
    EXPECT_EQ(receiving->decode({}, pcm).error().code, errc::malformed);
    EXPECT_EQ(receiving->duration(huge).error().code, errc::malformed) << sdp_name(kind);
    EXPECT_EQ(receiving->decode(huge, pcm).error().code, errc::malformed) << sdp_name(kind);
  }
}

TEST(Codec, DecodersSurviveRandomPayloads) {
  constexpr unsigned seed = 20240611;
  std::mt19937 random(seed);
  for (const auto kind : all_kinds) {
    auto receiving = make_decoder(kind).value();
    std::array<std::int16_t, decoder::max_samples> pcm;
    for (int i = 0; i < 500; ++i) {
      std::vector<std::uint8_t> payload(random() % 200);
      for (auto& byte : payload)
        byte = static_cast<std::uint8_t>(random());
      receiving->voice(payload);
      const auto samples = receiving->decode(payload, pcm);
      EXPECT_LE(samples.value_or(0), pcm.size()) << "seed " << seed;
      if (random() % 4 == 0)
        receiving->recover(payload, std::span(pcm).first(frame_samples));
    }
  }
}

TEST(Codec, ConcealmentGoesOnWithTheToneForThreeLostFrames) {
  for (const auto kind : all_kinds) {
    auto sending = encoder_of(kind);
    auto receiving = make_decoder(kind).value();
    tone source(250, 8000);
    std::array<std::uint8_t, max_encoded_bytes> payload;
    std::array<std::int16_t, decoder::max_samples> pcm;
    for (int i = 0; i < 25; ++i) {
      const auto size = sending->encode(source.next(), payload);
      ASSERT_TRUE(receiving->decode(std::span(payload).first(size), pcm));
    }
    frame gap{};

    receiving->conceal(gap);
    const auto at_first = rms(gap);
    for (int i = 0; i < 2; ++i)
      receiving->conceal(gap);

    EXPECT_GT(at_first, 3000) << sdp_name(kind);
    // Opus falls by itself; the others are within 6 dB, and their caller ends the concealment.
    EXPECT_GT(rms(gap), kind == codec_kind::opus ? 100 : 2830) << sdp_name(kind);
    EXPECT_LT(rms(gap), 5700) << sdp_name(kind);
  }
}

TEST(Codec, OpusRebuildsALostFrameFromTheNextPacket) {
  auto format = encoding_of(codec_kind::opus);
  format.expected_loss = 20;
  auto sending = make_encoder(format, 5).value();
  auto receiving = make_decoder(codec_kind::opus).value();
  speech source(3);
  std::array<std::uint8_t, max_encoded_bytes> payload;
  std::array<std::int16_t, decoder::max_samples> pcm;
  int lost = 0;
  int rebuilt = 0;

  for (int i = 0; i < 200; ++i) {
    const auto size = sending->encode(source.next(), payload);
    if (size == 0)
      continue;
    if (i % 5 == 3) { // this frame is lost; the next packet must bring it
      ++lost;
      continue;
    }
    frame missing;
    if (i % 5 == 4)
      rebuilt += receiving->recover(std::span(payload).first(size), missing) ? 1 : 0;
    ASSERT_TRUE(receiving->decode(std::span(payload).first(size), pcm));
  }

  EXPECT_GT(rebuilt, lost / 2);
}

TEST(Codec, OpusWithoutRedundancyRebuildsNothing) {
  auto format = encoding_of(codec_kind::opus);
  format.fec = false;
  auto sending = make_encoder(format, 5).value();
  auto receiving = make_decoder(codec_kind::opus).value();
  speech source(3);
  std::array<std::uint8_t, max_encoded_bytes> payload;
  frame missing;

  for (int i = 0; i < 50; ++i) {
    const auto size = sending->encode(source.next(), payload);
    EXPECT_FALSE(receiving->recover(std::span(payload).first(size), missing));
  }
}

} // namespace
} // namespace plenary::audio
