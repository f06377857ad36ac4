#pragma once

#include "actors/audio/frame.hpp"
#include "schema/ids.hpp"

#include <chrono>
#include <cstdint>
#include <ratio>

namespace plenary::audio {

/// A count of samples at the mixing rate: a length, or a position on a stream's time line.
using sample_count = std::int64_t;

/// Samples that pass in `time`.
template <class Rep, class Period>
constexpr sample_count samples_in(std::chrono::duration<Rep, Period> time) {
  return std::chrono::duration_cast<std::chrono::duration<sample_count, std::ratio<1, sample_rate>>>(time)
      .count();
}

/// The monotonic clock as a position in samples.
inline sample_count sample_clock(mono_time time) {
  return samples_in(time.time_since_epoch());
}

/// Whole milliseconds that `samples` last.
constexpr std::chrono::milliseconds duration_of(sample_count samples) {
  return std::chrono::milliseconds(samples * 1000 / sample_rate);
}

} // namespace plenary::audio
