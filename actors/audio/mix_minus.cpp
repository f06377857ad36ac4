#include "actors/audio/mix_minus.hpp"

namespace plenary::audio {

void add(wide_frame& sum, const frame& talker) {
  for (std::size_t i = 0; i < frame_samples; ++i)
    sum[i] += talker[i];
}

void subtract(const wide_frame& sum, const frame& own, wide_frame& out) {
  for (std::size_t i = 0; i < frame_samples; ++i)
    out[i] = sum[i] - own[i];
}

} // namespace plenary::audio
