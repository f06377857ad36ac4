#pragma once

#include "actors/audio/frame.hpp"

#include <compare>

namespace plenary::audio {

/// Level relative to overload: 0 is a full-scale square wave (RFC 6464 section 3).
struct dbov {
  float value = 0;

  friend auto operator<=>(const dbov&, const dbov&) = default;
  friend constexpr dbov operator+(dbov level, float decibels) { return {level.value + decibels}; }
  friend constexpr dbov operator-(dbov level, float decibels) { return {level.value - decibels}; }
};

/// What digital silence measures (RFC 6464 section 3).
inline constexpr dbov silence_level{-127};

/// RMS level of one frame, `silence_level` at least.
dbov measure(const frame& pcm);

} // namespace plenary::audio
