#include "bench/load/voices.hpp"

#include <fmt/format.h>
#include <opus.h>

#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <random>
#include <span>

namespace plenary::load {

namespace {

constexpr std::size_t loop_frames = 50;  // one second
constexpr std::uint32_t dtx_frames = 20; // an Opus encoder in DTX refreshes every 400 ms
constexpr double chirp_seconds = 0.04;
constexpr double chirp_ramp_seconds = 0.005;
constexpr double chirp_amplitude = 0.25;
constexpr double two_pi = 2 * std::numbers::pi;

using opus_encoder = std::unique_ptr<OpusEncoder, decltype(&opus_encoder_destroy)>;

result<opus_encoder> make_encoder(int bits_per_second) {
  int error = OPUS_OK;
  opus_encoder encoder(opus_encoder_create(rtp_clock, 1, OPUS_APPLICATION_VOIP, &error),
                       opus_encoder_destroy);
  if (error != OPUS_OK)
    return fail(errc::internal, fmt::format("opus encoder: {}", opus_strerror(error)));
  opus_encoder_ctl(encoder.get(), OPUS_SET_BITRATE(bits_per_second));
  return encoder;
}

result<std::vector<std::uint8_t>> encode(OpusEncoder* encoder, std::span<const float> samples) {
  std::array<std::uint8_t, 1275> out; // RFC 6716 section 3.2.1: the longest frame
  const auto size = opus_encode_float(encoder, samples.data(), frame_samples, out.data(), out.size());
  if (size < 0)
    return fail(errc::internal, fmt::format("opus encode: {}", opus_strerror(size)));
  return std::vector<std::uint8_t>(out.begin(), out.begin() + size);
}

/// Encodes the second three times with one encoder and keeps the last, so that the loop has no seam.
result<payload_loop> encode_loop(const std::vector<float>& second, int bits_per_second) {
  auto encoder = make_encoder(bits_per_second);
  if (!encoder)
    return tl::unexpected(encoder.error());
  payload_loop loop;
  for (std::size_t frame = 0; frame < 3 * loop_frames; ++frame) {
    const auto offset = (frame % loop_frames) * frame_samples;
    auto packet = encode(encoder->get(), std::span(second).subspan(offset, frame_samples));
    if (!packet)
      return tl::unexpected(packet.error());
    if (frame >= 2 * loop_frames)
      loop.packets.push_back(std::move(*packet));
  }
  return loop;
}

std::vector<float> noise(std::uint32_t seed, double level_dbfs) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0.0, std::pow(10.0, level_dbfs / 20));
  std::vector<float> samples(rtp_clock);
  for (auto& sample : samples)
    sample = static_cast<float>(normal(random));
  return samples;
}

} // namespace

double tone_frequency(std::size_t number) {
  return 220.0 + 12.0 * static_cast<double>(number % 40);
}

std::vector<loop_mark> marks_of_lane(int lane) {
  if (lane == 0)
    return {{{0, true}, 0}, {{0, false}, 25}};
  if (lane == 1)
    return {{{1, true}, 12}, {{1, false}, 37}};
  return {};
}

std::vector<float> chirp(const mark_shape& shape, std::uint32_t rate) {
  const double low = shape.lane == 0 ? 800.0 : 2100.0;
  const double high = shape.lane == 0 ? 1900.0 : 3400.0;
  const double from = shape.rising ? low : high;
  const double slope = (shape.rising ? high - low : low - high) / chirp_seconds;
  std::vector<float> samples(static_cast<std::size_t>(chirp_seconds * rate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    const double edge = std::min(t, chirp_seconds - t) / chirp_ramp_seconds;
    const double gain = edge >= 1.0 ? 1.0 : 0.5 - 0.5 * std::cos(std::numbers::pi * edge);
    samples[i] =
        static_cast<float>(chirp_amplitude * gain * std::sin(two_pi * (from * t + slope * t * t / 2)));
  }
  return samples;
}

result<payload_loop> make_talker_loop(const talker_voice& voice) {
  std::vector<float> second(rtp_clock);
  for (std::size_t i = 0; i < second.size(); ++i) {
    const double t = static_cast<double>(i) / rtp_clock;
    const double envelope = 1.0 + 0.6 * std::sin(two_pi * 4.0 * t);
    second[i] =
        static_cast<float>(tone_amplitude * envelope * std::sin(two_pi * tone_frequency(voice.number) * t));
  }
  for (const auto& mark : marks_of_lane(voice.lane)) {
    const auto wave = chirp(mark.shape, rtp_clock);
    for (std::size_t i = 0; i < wave.size(); ++i)
      second[mark.frame * frame_samples + i] += wave[i];
  }
  return encode_loop(second, 32000);
}

result<payload_loop> make_noise_loop(std::uint32_t seed) {
  return encode_loop(noise(seed, -50.0), 24000);
}

result<payload_loop> make_dtx_loop() {
  auto encoder = make_encoder(24000);
  if (!encoder)
    return tl::unexpected(encoder.error());
  opus_encoder_ctl(encoder->get(), OPUS_SET_DTX(1));
  const auto silence = noise(1, -90.0);
  payload_loop loop{{}, dtx_frames};
  for (std::size_t frame = 0; frame < 4 * loop_frames; ++frame) {
    const auto offset = (frame % loop_frames) * frame_samples;
    auto packet = encode(encoder->get(), std::span(silence).subspan(offset, frame_samples));
    if (!packet)
      return tl::unexpected(packet.error());
    if (frame >= loop_frames && packet->size() > 2) // up to 2 bytes: not to be sent (opus_encoder.h, DTX)
      loop.packets.push_back(std::move(*packet));
  }
  if (loop.packets.empty())
    return fail(errc::internal, "the Opus encoder in DTX sent no refresh packet within 3 s");
  return loop;
}

} // namespace plenary::load
