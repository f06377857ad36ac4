// Comfort noise that is encoded ahead: as loud as it says, without a seam, in every encoding.
#include "actors/audio/comfort_loop.hpp"
#include "tone.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace plenary::audio {
namespace {

using std::chrono::milliseconds;

double loop_level(std::span<const std::int16_t> pcm) {
  return 20 * std::log10(std::max(rms(pcm), 0.01) / 32768);
}

std::vector<std::int16_t> decoded(const comfort_loop& loop, codec_kind kind, std::size_t step, int ticks,
                                  int frames) {
  auto decoding = make_decoder(kind).value();
  std::vector<std::int16_t> heard;
  std::vector<std::int16_t> space(decoder::max_samples);
  for (int tick = frames - 1; tick < ticks; tick += frames) {
    const auto packet = loop.at(step, static_cast<std::uint64_t>(tick));
    for (const auto part : {packet.first, packet.second}) {
      if (part.empty())
        continue;
      const auto samples = decoding->decode(part, space).value();
      heard.insert(heard.end(), space.begin(), space.begin() + static_cast<std::ptrdiff_t>(samples));
    }
  }
  return heard;
}

TEST(NoiseTable, IsAsLoudAsItSays) {
  for (const auto wanted : noise_steps) {
    std::vector<std::int16_t> heard;
    for (std::uint64_t tick = 0; tick < noise_table::ticks; ++tick) {
      frame pcm{};
      noise_table::get().add_to(pcm, tick, noise_amplitude(wanted), noise_amplitude(wanted));
      heard.insert(heard.end(), pcm.begin(), pcm.end());
    }
    EXPECT_NEAR(loop_level(heard), wanted.value, 0.2);
  }
}

TEST(NoiseTable, GlidesFromOneLoudnessToAnotherAndClampsWhatIsTooLoud) {
  frame pcm{};
  noise_table::get().add_to(pcm, 7, 0, 1000);
  EXPECT_LT(rms(std::span(pcm).first(24)), 200);
  EXPECT_NEAR(rms(std::span(pcm).last(480)), 1000, 250);

  frame full;
  full.fill(32767);
  noise_table::get().add_to(full, 7, 1000, 1000);
  for (const auto sample : full)
    EXPECT_GT(sample, 20000);
}

TEST(ComfortLoop, IsMadeForAnyPacketTimeAndAsLoudAsTheRoomsNoise) {
  for (const auto kind : {codec_kind::opus, codec_kind::g722, codec_kind::pcmu, codec_kind::pcma})
    for (const int time : {10, 20, 40, 60}) {
      const encoding format{.codec = kind, .ptime = milliseconds(time)};
      const auto* loop = comfort_loop::of(format, true).value();
      for (std::size_t step = 0; step < noise_steps.size(); ++step) {
        const auto heard = decoded(*loop, kind, step, 120, std::max(1, time / 20));
        ASSERT_EQ(heard.size(), 120 * frame_samples) << sdp_name(kind) << time;
        const auto rest = std::span<const std::int16_t>(heard).subspan(10 * frame_samples);
        EXPECT_NEAR(loop_level(rest), noise_steps[step].value, 3.5)
            << sdp_name(kind) << " " << time << " " << step;
      }
    }
}

TEST(ComfortLoop, HasNoSeamWhereItBeginsAgain) {
  for (const auto kind : {codec_kind::opus, codec_kind::g722, codec_kind::pcmu, codec_kind::pcma}) {
    const auto* loop = comfort_loop::of({.codec = kind}, true).value();
    const auto heard = decoded(*loop, kind, 0, 180, 1);
    for (std::size_t tick = 5; tick < 180; ++tick) {
      const auto part = std::span<const std::int16_t>(heard).subspan(tick * frame_samples, frame_samples);
      EXPECT_NEAR(loop_level(part), -60, 6.5) << sdp_name(kind) << " " << tick;
    }
  }
}

TEST(ComfortLoop, IsSharedByEncodingsThatADecoderDoesNotTellApart) {
  const auto* one = comfort_loop::of({.codec = codec_kind::opus, .bitrate = 24000}, true).value();
  const auto* two =
      comfort_loop::of({.codec = codec_kind::opus, .bitrate = 64000, .expected_loss = 10}, true).value();

  EXPECT_EQ(one, two);
  EXPECT_EQ(comfort_loop::of({}, false).value(), nullptr);
}

TEST(ComfortLoop, LetsAnOpusDecoderGoOnByItselfFor400Milliseconds) {
  const auto* loop = comfort_loop::of({.codec = codec_kind::opus}, true).value();
  auto decoding = make_decoder(codec_kind::opus).value();
  frame pcm{};
  std::uint64_t number = 0;
  for (; number < 20; ++number)
    ASSERT_TRUE(decoding->decode(loop->at(0, number).first, pcm));

  for (; number < 220; ++number) {
    const auto turn = number % 20;
    const auto sent = turn == 0   ? loop->at(0, number).first
                      : turn == 1 ? loop->pause()
                                  : std::span<const std::uint8_t>{};
    if (sent.empty())
      decoding->conceal(pcm);
    else
      ASSERT_TRUE(decoding->decode(sent, pcm));
    EXPECT_GT(loop_level(pcm), -70) << number;
    EXPECT_LT(loop_level(pcm), -54) << number;
  }
}

} // namespace
} // namespace plenary::audio
