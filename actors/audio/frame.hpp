#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace plenary::audio {

/// Rate at which rooms mix, whatever the codecs of their members. Hz.
inline constexpr int sample_rate = 48000;

/// Length of one mix tick.
inline constexpr std::chrono::milliseconds frame_duration{20};

/// Samples of one tick at the mixing rate.
inline constexpr std::size_t frame_samples = 960;

/// One tick of mono sound, 16-bit linear, at the mixing rate.
using frame = std::array<std::int16_t, frame_samples>;

/// One tick of an exact sum: 2^15 full-scale talkers fit.
using wide_frame = std::array<std::int32_t, frame_samples>;

} // namespace plenary::audio
