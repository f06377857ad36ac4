#include "actors/audio/noise_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace plenary::audio {
namespace {

constexpr std::size_t table_samples = noise_table::ticks * frame_samples;
constexpr float table_rms = 4096; // its peaks stay below 5.5 times that
constexpr unsigned seed = 20;

// Two poles at 3 kHz, 1 - exp(-2 pi 3000 / sample_rate): nine tenths of the energy lie in a telephone's band.
constexpr double low_pass = 0.325;

// A gain is a number of 2^-18: the largest product, 5.5 * 4096 * 1000 / 4096 * 2^18, fits 32 bits.
constexpr int gain_bits = 18;
constexpr float most_amplitude = 1000;
constexpr std::size_t glide_samples = 240; // 5 ms

std::int32_t gain_of(float amplitude) {
  const auto bounded = std::clamp(amplitude, 0.0F, most_amplitude);
  return static_cast<std::int32_t>(std::lrint(bounded / table_rms * static_cast<float>(1 << gain_bits)));
}

std::int16_t with_noise(std::int16_t sample, std::int16_t noise, std::int32_t gain) {
  constexpr std::int32_t half = 1 << (gain_bits - 1);
  const std::int32_t sum = sample + ((noise * gain + half) >> gain_bits);
  return static_cast<std::int16_t>(std::clamp<std::int32_t>(sum, std::numeric_limits<std::int16_t>::min(),
                                                            std::numeric_limits<std::int16_t>::max()));
}

} // namespace

float noise_amplitude(dbov level) {
  constexpr float full_scale = 32768;
  return full_scale * std::pow(10.0F, level.value / 20);
}

noise_table::noise_table()
    : samples_(table_samples) {
  std::mt19937 random(seed);
  std::vector<double> white(table_samples);
  for (auto& sample : white)
    sample = static_cast<double>(random()) / static_cast<double>(std::mt19937::max()) - 0.5;
  // The second time round the filter has seen the end before the beginning: no seam.
  std::vector<double> noise(table_samples);
  double once = 0;
  double twice = 0;
  double energy = 0;
  for (int round = 0; round < 2; ++round) {
    energy = 0;
    for (std::size_t i = 0; i < table_samples; ++i) {
      once += low_pass * (white[i] - once);
      twice += low_pass * (once - twice);
      noise[i] = twice;
      energy += twice * twice;
    }
  }
  const double scale = table_rms / std::sqrt(energy / static_cast<double>(table_samples));
  std::transform(noise.begin(), noise.end(), samples_.begin(), [scale](double sample) {
    return static_cast<std::int16_t>(std::clamp(std::lrint(scale * sample), -22000L, 22000L));
  });
}

const noise_table& noise_table::get() {
  static const noise_table table;
  return table;
}

void noise_table::add_to(frame& pcm, std::uint64_t number, float from, float to) const {
  const auto* noise = samples_.data() + number % ticks * frame_samples;
  const auto begin = gain_of(from);
  const auto end = gain_of(to);
  constexpr auto steps = static_cast<std::int32_t>(glide_samples);
  // Loops of constant length, which the compiler makes vectors of.
  if (begin != end)
    for (std::size_t i = 0; i < glide_samples; ++i)
      pcm[i] = with_noise(pcm[i], noise[i], begin + (end - begin) * static_cast<std::int32_t>(i) / steps);
  else
    for (std::size_t i = 0; i < glide_samples; ++i)
      pcm[i] = with_noise(pcm[i], noise[i], end);
  for (std::size_t i = glide_samples; i < frame_samples; ++i)
    pcm[i] = with_noise(pcm[i], noise[i], end);
}

} // namespace plenary::audio
