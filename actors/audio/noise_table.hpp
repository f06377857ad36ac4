#pragma once

#include "actors/audio/frame.hpp"
#include "actors/audio/level.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace plenary::audio {

/// Levels at which a room's comfort noise may rest, the loudest first.
inline constexpr std::array<dbov, 4> noise_steps{dbov{-60}, dbov{-63}, dbov{-66}, dbov{-69}};

/// RMS in sample values of noise at a level.
float noise_amplitude(dbov level);

/// The one noise of all rooms: low-pass noise of a telephone's band that begins again after 60 ticks without
/// a seam. Which part of it a tick hears follows from the tick's number, so what is encoded ahead and what is
/// mixed continue each other.
class noise_table {
public:
  /// Ticks after which the noise begins again: a whole number of packets of any length.
  static constexpr std::size_t ticks = 60;

  /// Made when first asked for.
  static const noise_table& get();

  /// Adds the noise of tick `number`; its RMS glides from `from` to `to` within 5 ms. Up to 1000 each; the
  /// sum is clamped.
  void add_to(frame& pcm, std::uint64_t number, float from, float to) const;

private:
  noise_table();

  std::vector<std::int16_t> samples_;
};

} // namespace plenary::audio
