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

bool is_silent(const wide_frame& mix) {
  std::int32_t bits = 0;
  for (const auto sample : mix)
    bits |= sample;
  return bits == 0;
}

} // namespace plenary::audio
