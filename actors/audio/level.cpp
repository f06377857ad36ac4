#include "actors/audio/level.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace plenary::audio {
namespace {

constexpr float full_scale = 32768.0F;
constexpr std::size_t lanes = 8;

} // namespace

dbov measure(const frame& pcm) {
  // Independent lanes let the compiler use vector registers without reordering float sums by itself.
  std::array<float, lanes> squares{};
  for (std::size_t i = 0; i < frame_samples; i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const auto sample = static_cast<float>(pcm[i + lane]);
      squares[lane] += sample * sample;
    }
  const float energy = std::accumulate(squares.begin(), squares.end(), 0.0F);
  if (energy == 0)
    return silence_level;
  const float mean = energy / (static_cast<float>(frame_samples) * full_scale * full_scale);
  return std::max(dbov{10 * std::log10(mean)}, silence_level);
}

} // namespace plenary::audio
