#include "tests/support/tone.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace plenary::test {

namespace {

constexpr double full_scale = 32768.0;
constexpr double two_pi = 2 * std::numbers::pi;

double to_db(double amplitude) {
  return amplitude <= 0 ? silence_dbfs : std::max(silence_dbfs, 20 * std::log10(amplitude));
}

} // namespace

double tone_level_dbfs(std::span<const std::int16_t> samples, int sample_rate, double hertz) {
  if (samples.size() < static_cast<std::size_t>(sample_rate) / 25)
    return silence_dbfs;
  const auto size = static_cast<double>(samples.size());
  const std::complex<double> step = std::polar(1.0, -two_pi * hertz / sample_rate);
  std::complex<double> oscillator = 1.0;
  std::complex<double> sum = 0.0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double window = 0.5 - 0.5 * std::cos(two_pi * static_cast<double>(i) / size);
    sum += oscillator * (window * samples[i]);
    oscillator *= step;
  }
  return to_db(std::abs(sum) * 4 / size / full_scale); // the window's mean is 1/2, a sine's line holds 1/2
}

double level_dbfs(std::span<const std::int16_t> samples) {
  double power = 0;
  for (const double sample : samples)
    power += sample * sample;
  return samples.empty() ? silence_dbfs
                         : to_db(std::sqrt(2 * power / static_cast<double>(samples.size())) / full_scale);
}

std::vector<std::int16_t> make_tone(double hertz, double level, int sample_rate, double seconds) {
  std::vector<std::int16_t> samples(static_cast<std::size_t>(sample_rate * seconds));
  const double amplitude = (full_scale - 1) * std::pow(10.0, level / 20);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = static_cast<std::int16_t>(
        std::lround(amplitude * std::sin(two_pi * hertz * static_cast<double>(i) / sample_rate)));
  return samples;
}

std::uint8_t encode_ulaw(std::int16_t sample) {
  constexpr int bias = 0x84;
  const int sign = sample < 0 ? 0x80 : 0;
  const int magnitude = std::min(std::abs(static_cast<int>(sample)), 32635) + bias;
  int exponent = 7;
  for (int mask = 0x4000; exponent > 0 && (magnitude & mask) == 0; mask >>= 1)
    --exponent;
  const int mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return static_cast<std::uint8_t>(~(sign | (exponent << 4) | mantissa));
}

std::int16_t decode_ulaw(std::uint8_t byte) {
  const int bits = ~byte & 0xff;
  const int magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
  return static_cast<std::int16_t>((bits & 0x80) != 0 ? -magnitude : magnitude);
}

} // namespace plenary::test
