#pragma once

#include "actors/audio/frame.hpp"
#include "schema/result.hpp"

#include <memory>
#include <span>

struct SpeexResamplerState_;

namespace plenary::audio {

/// Converts between a telephone codec's rate and the mixing rate. The ratio is a whole number, so n samples
/// in give exactly n * out / in samples out. Nothing but make() allocates.
class resampler {
public:
  /// Rates in Hz; one must be a multiple of the other. Fails with `internal`.
  static result<resampler> make(int in_rate, int out_rate);

  /// Converts all of `in`; `out` must hold exactly the converted samples.
  void process(std::span<const std::int16_t> in, std::span<std::int16_t> out);

  /// Forgets the past.
  void reset();

private:
  struct closer {
    void operator()(SpeexResamplerState_* state) const;
  };
  std::unique_ptr<SpeexResamplerState_, closer> state_;
};

/// A resampler from the mixing rate for encoders, whose state can be copied: it remembers the latest frame,
/// which is longer than the filter, and a copy replays it before its first own frame.
class frame_downsampler {
public:
  /// Fails with `internal`.
  static result<frame_downsampler> make(int out_rate);

  /// Converts one frame; `out` must hold 20 ms at the target rate.
  void process(const frame& in, std::span<std::int16_t> out);

  /// Takes over the filter memory of another downsampler of the same rate.
  void copy_state_from(const frame_downsampler& other);

  /// Forgets the past.
  void reset();

private:
  explicit frame_downsampler(resampler made);

  resampler resampler_;
  frame latest_{};      ///< all zero: a new filter
  bool replay_ = false; ///< the filter's memory is older than `latest_`
};

} // namespace plenary::audio
