#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace plenary::test {

/// What stands for "nothing at all" in levels.
inline constexpr double silence_dbfs = -120.0;

/// Level of one frequency in dB; a sine of full scale has 0. Hann window; -120 for less than 40 ms.
double tone_level_dbfs(std::span<const std::int16_t> samples, int sample_rate, double hertz);

/// Level of everything (root mean square of a full-scale sine is 0 dB).
double level_dbfs(std::span<const std::int16_t> samples);

/// A sine of this level.
std::vector<std::int16_t> make_tone(double hertz, double level_dbfs, int sample_rate, double seconds);

/// ITU-T G.711 u-law.
std::uint8_t encode_ulaw(std::int16_t sample);
std::int16_t decode_ulaw(std::uint8_t byte);

} // namespace plenary::test
