#include "actors/audio/ear.hpp"

#include <cmath>

namespace plenary::audio {

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
