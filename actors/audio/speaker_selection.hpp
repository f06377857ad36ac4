#pragma once

#include "actors/audio/level.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace plenary::audio {

/// dB that a speaker who already has a place counts as louder: hysteresis.
inline constexpr float holder_bonus = 6;

/// Someone who wants a place in the mix of this tick.
struct contender {
  std::uint32_t speaker = 0; ///< the caller's number for the speaker
  dbov loudness;
  bool holds_place = false; ///< had a place on the tick before
  int buffer = -1;          ///< the caller's number for the decoded frame, -1 for none
  bool speech = true;       ///< more than background
  std::uint32_t number = 0; ///< decides between equals, before `speaker`
};

/// Keeps the loudest contenders of one tick. Who has a place counts as 6 dB louder, so that two equally loud
/// speakers do not take turns; among equals the lower number wins, wherever they are, so that a replay and
/// another node choose alike.
class speaker_selection {
public:
  explicit speaker_selection(std::size_t places);

  /// Forgets the tick before.
  void begin() { chosen_.clear(); }

  /// Enters a contender; returns the one who finds no place because of it, perhaps the same.
  std::optional<contender> enter(const contender& candidate);

  /// The loudest first.
  std::span<const contender> chosen() const { return chosen_; }

private:
  std::size_t places_;
  std::vector<contender> chosen_;
};

} // namespace plenary::audio
