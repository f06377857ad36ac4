#include "actors/audio/fade.hpp"

#include <algorithm>
#include <cmath>

namespace plenary::audio {
namespace {

constexpr auto steps = static_cast<std::int32_t>(fade_samples);

std::int16_t scaled(std::int16_t sample, std::int32_t step) {
  return static_cast<std::int16_t>(sample * step / steps);
}

} // namespace

void fade_in(frame& pcm) {
  for (std::int32_t i = 0; i < steps; ++i) {
    auto& sample = pcm[static_cast<std::size_t>(i)];
    sample = scaled(sample, i);
  }
}

void mirror_tail(frame& last) {
  std::reverse(last.begin(), last.end());
  for (std::int32_t i = 0; i < steps; ++i) {
    auto& sample = last[static_cast<std::size_t>(i)];
    sample = scaled(sample, steps - i);
  }
  std::fill(last.begin() + fade_samples, last.end(), std::int16_t{0});
}

void cross_fade(std::span<const std::int16_t> from, std::span<std::int16_t> to) {
  const auto length = std::min(from.size(), to.size());
  for (std::size_t i = 0; i < length; ++i) {
    const auto weight = fade_weight(i, length);
    to[i] = static_cast<std::int16_t>(std::lrint((1 - weight) * from[i] + weight * to[i]));
  }
}

} // namespace plenary::audio
