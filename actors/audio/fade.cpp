#include "actors/audio/fade.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plenary::audio {
namespace {

constexpr auto steps = static_cast<std::int32_t>(fade_samples);

constexpr std::size_t order = 32;
constexpr std::size_t learned = 720; // 15 ms, the longest pitch period

std::int16_t scaled(std::int16_t sample, std::int32_t step) {
  return static_cast<std::int16_t>(sample * step / steps);
}

/// The weights of the latest samples, newest first, that predict the next one best (Burg's method, which is
/// stable and needs no window).
std::array<float, order> predictor_of(std::span<const std::int16_t, learned> pcm) {
  std::array<float, learned> forward;
  std::array<float, learned> backward;
  std::copy(pcm.begin(), pcm.end(), forward.begin());
  std::copy(pcm.begin(), pcm.end(), backward.begin());
  std::array<float, order> weights{};
  for (std::size_t m = 0; m < order; ++m) {
    float cross = 0;
    float energy = 1; // a quantizing step: silence predicts silence
    for (std::size_t i = m + 1; i < learned; ++i) {
      cross += forward[i] * backward[i - 1];
      energy += forward[i] * forward[i] + backward[i - 1] * backward[i - 1];
    }
    const float reflection = 2 * cross / energy;
    const auto before = weights;
    weights[m] = reflection;
    for (std::size_t k = 0; k < m; ++k)
      weights[k] = before[k] - reflection * before[m - 1 - k];
    for (auto i = learned - 1; i > m; --i) {
      const float ahead = forward[i];
      forward[i] = ahead - reflection * backward[i - 1];
      backward[i] = backward[i - 1] - reflection * ahead;
    }
  }
  return weights;
}

} // namespace

void fade_in(frame& pcm) {
  for (std::int32_t i = 0; i < steps; ++i) {
    auto& sample = pcm[static_cast<std::size_t>(i)];
    sample = scaled(sample, i);
  }
}

void continue_tail(frame& last) {
  const auto weights = predictor_of(std::span(last).last<learned>());
  std::array<float, order + fade_samples> wave{};
  for (std::size_t i = 0; i < order; ++i)
    wave[i] = last[frame_samples - order + i];
  last.fill(0);
  for (std::size_t i = 0; i < fade_samples; ++i) {
    float next = 0;
    for (std::size_t k = 0; k < order; ++k)
      next += weights[k] * wave[order + i - 1 - k];
    wave[order + i] = std::clamp(next, -32768.0F, 32767.0F);
    // A raised cosine: it begins and ends without a bend of its own.
    const auto phase =
        std::numbers::pi * (static_cast<double>(i) + 1) / static_cast<double>(fade_samples + 1);
    last[i] = static_cast<std::int16_t>(std::lrint(wave[order + i] * (0.5 + 0.5 * std::cos(phase))));
  }
}

void cross_fade(std::span<const std::int16_t> from, std::span<std::int16_t> to) {
  const auto length = std::min(from.size(), to.size());
  for (std::size_t i = 0; i < length; ++i) {
    const auto weight = fade_weight(i, length);
    to[i] = static_cast<std::int16_t>(std::lrint((1 - weight) * from[i] + weight * to[i]));
  }
}

} // namespace plenary::audio
