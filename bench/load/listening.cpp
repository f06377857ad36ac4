#include "bench/load/listening.hpp"

#include <fmt/format.h>
#include <opus.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

namespace plenary::load {

namespace {

constexpr std::uint32_t rate = 12000;
constexpr std::size_t frame_size = rate / 50;
constexpr std::chrono::milliseconds longest_delay{950}; // the same mark comes again after 1 s
constexpr float least_likeness = 0.5F; // of the normalised correlation; a guess that the self-test confirms

float dot(const float* a, const float* b, std::size_t size) {
  float sum = 0;
  for (std::size_t i = 0; i < size; ++i)
    sum += a[i] * b[i];
  return sum;
}

struct match {
  std::size_t position = 0;
  float likeness = 0;
};

/// Best place of `wave` in samples[from, to), by normalised correlation.
match best_match(const std::vector<float>& samples, const std::vector<float>& wave, std::size_t from,
                 std::size_t to) {
  const float wave_energy = dot(wave.data(), wave.data(), wave.size());
  match best;
  for (std::size_t i = from; i + wave.size() <= to; ++i) {
    const float energy = dot(&samples[i], &samples[i], wave.size());
    const float likeness =
        dot(&samples[i], wave.data(), wave.size()) / std::sqrt(energy * wave_energy + 1e-9F);
    if (likeness > best.likeness)
      best = {i, likeness};
  }
  return best;
}

} // namespace

result<heard_audio> heard_audio::decode(std::span<const kept_packet> packets) {
  int error = OPUS_OK;
  std::unique_ptr<OpusDecoder, decltype(&opus_decoder_destroy)> decoder(opus_decoder_create(rate, 1, &error),
                                                                        opus_decoder_destroy);
  if (error != OPUS_OK)
    return fail(errc::internal, fmt::format("opus decoder: {}", opus_strerror(error)));
  heard_audio heard;
  const auto decode_frame = [&](const std::uint8_t* bytes, std::size_t size, mono_time arrival) {
    const auto offset = heard.samples_.size();
    heard.samples_.resize(offset + frame_size);
    heard.arrivals_.push_back(arrival);
    return opus_decode_float(decoder.get(), bytes, static_cast<opus_int32>(size), &heard.samples_[offset],
                             frame_size, 0);
  };
  for (const auto& packet : packets) {
    const auto step = static_cast<std::int32_t>(packet.timestamp - packets.front().timestamp);
    const auto place = step < 0 ? 0U : static_cast<std::size_t>(step) / frame_samples;
    if (place < heard.arrivals_.size())
      continue; // late or repeated: a listener would have played something else by now
    while (heard.arrivals_.size() < place)
      decode_frame(nullptr, 0, std::min(heard.arrivals_.back() + packet_time, packet.arrival));
    if (decode_frame(packet.payload.data(), packet.payload.size(), packet.arrival) !=
        static_cast<int>(frame_size))
      return fail(errc::malformed,
                  fmt::format("payload of {} bytes is not 20 ms of Opus", packet.payload.size()));
  }
  return heard;
}

double heard_audio::tone_level_db(double frequency) const {
  double power = 0;
  std::size_t seconds = 0;
  const double step = 2 * std::numbers::pi * frequency / rate;
  for (std::size_t start = 0; start + rate <= samples_.size(); start += rate, ++seconds) {
    double real = 0, imaginary = 0;
    for (std::size_t i = 0; i < rate; ++i) { // one bin of a Hann-windowed DFT
      const double window = 1.0 - std::cos(2 * std::numbers::pi * static_cast<double>(i) / rate);
      const double sample = window * static_cast<double>(samples_[start + i]);
      real += sample * std::cos(step * static_cast<double>(i));
      imaginary += sample * std::sin(step * static_cast<double>(i));
    }
    power += (real * real + imaginary * imaginary) * 4.0 / (static_cast<double>(rate) * rate);
  }
  const double mean = seconds == 0 ? 0.0 : power / static_cast<double>(seconds);
  return 10 * std::log10(mean / (tone_amplitude * tone_amplitude) + 1e-9);
}

std::optional<heard_mark> heard_audio::find(const sent_mark& mark) const {
  const auto first = std::lower_bound(arrivals_.begin(), arrivals_.end(), mark.sent - packet_time);
  const auto last = std::upper_bound(first, arrivals_.end(), mark.sent + longest_delay);
  const auto from = static_cast<std::size_t>(first - arrivals_.begin()) * frame_size;
  const auto to = static_cast<std::size_t>(last - arrivals_.begin()) * frame_size;
  const auto best = best_match(samples_, chirp(mark.shape, rate), from, to);
  if (best.likeness < least_likeness)
    return std::nullopt;
  const auto into_frame = std::chrono::nanoseconds((best.position % frame_size) * 1'000'000'000 / rate);
  return heard_mark{mark.sent, arrivals_[best.position / frame_size] + into_frame - mark.sent};
}

} // namespace plenary::load
