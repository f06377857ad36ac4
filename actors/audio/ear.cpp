#include "actors/audio/ear.hpp"

#include <cmath>

namespace plenary::audio {

ear ear_of(const participation& how) {
  return {.room = !how.deaf, .gain = static_cast<float>(std::pow(10.0, how.hear_gain_db / 20))};
}

void scale(wide_frame& sum, float before, float now) {
  if (before == 1 && now == 1)
    return;
  const float step = (now - before) / static_cast<float>(frame_samples);
  for (std::size_t i = 0; i < frame_samples; ++i) {
    const float factor = before + step * static_cast<float>(i + 1);
    sum[i] = static_cast<std::int32_t>(std::lrint(static_cast<float>(sum[i]) * factor));
  }
}

} // namespace plenary::audio
