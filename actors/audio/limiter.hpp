#pragma once

#include "actors/audio/frame.hpp"

namespace plenary::audio {

/// Brings an exact sum below -1.5 dBFS by a smooth gain: bit-exact while nothing exceeds that, never wraps,
/// never clips. It looks ahead only within the frame it is given, so it adds no delay. A plain value: copying
/// it continues the same stream elsewhere.
class limiter {
public:
  /// Limits one frame; consecutive frames join without a step.
  void process(const wide_frame& mix, frame& out);

  /// Gain at the end of the latest frame, 1 when idle.
  float gain() const { return gain_; }

private:
  /// 1 ms: the gain is a straight line within each block.
  static constexpr std::size_t block_samples = 48;
  static constexpr std::size_t block_count = frame_samples / block_samples;

  void limit(const wide_frame& mix, frame& out);
  void attack(const std::int32_t* in, std::int16_t* out, float target);

  float gain_ = 1;
  int held_ = 0; ///< blocks until the gain may rise
};

} // namespace plenary::audio
