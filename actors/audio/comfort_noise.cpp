#include "actors/audio/comfort_noise.hpp"

#include "actors/audio/frame.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plenary::audio {

namespace {

// A pole at 3 kHz: 1 - exp(-2 pi 3000 / sample_rate). Noise in the band of a telephone.
constexpr float smoothing = 0.325F;
// RMS of white noise of -1 to 1 behind it: sqrt(1/3 * smoothing / (2 - smoothing)).
constexpr float smoothed_rms = 0.2543F;
// The gain comes within 1/e of its target in 100 samples, 2 ms.
constexpr float gain_step = 0.01F;

} // namespace

void comfort_noise::set(std::uint8_t level) {
  if (level > quietest)
    return stop();
  level_ = level;
  target_ = std::numeric_limits<std::int16_t>::max() * std::pow(10.0F, -static_cast<float>(level) / 20) /
            smoothed_rms;
}

void comfort_noise::stop() {
  level_.reset();
  target_ = 0;
}

void comfort_noise::add_to(std::span<std::int16_t> pcm) {
  constexpr float full_scale = std::numeric_limits<std::int16_t>::max();
  for (auto& sample : pcm) {
    random_ = random_ * 1664525U + 1013904223U; // Numerical Recipes' generator; its high bits are taken
    const auto white = static_cast<float>(static_cast<std::int32_t>(random_)) * 0x1p-31F;
    smoothed_ += smoothing * (white - smoothed_);
    gain_ += gain_step * (target_ - gain_);
    const auto sum = static_cast<float>(sample) + smoothed_ * gain_;
    sample = static_cast<std::int16_t>(std::lrint(std::clamp(sum, -full_scale, full_scale)));
  }
}

} // namespace plenary::audio
