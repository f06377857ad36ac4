#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace plenary::audio {

/// Takes the tones of telephone keys out of one caller's sound at the mixing rate: faded out and in within
/// 5 ms, silent between.
class tone_clamp {
public:
  /// The sound begins anew: with a tone (closed: nothing is heard) or without.
  void reset(bool closed);

  /// Of `pcm`, which follows what was given before, [from, to) is a tone; equal: nothing is.
  void apply(std::span<std::int16_t> pcm, std::size_t from, std::size_t to);

  /// `pcm` only goes on as what came before did: concealment.
  void go_on(std::span<std::int16_t> pcm);

private:
  void shape(std::span<std::int16_t> pcm, bool closed);

  float gain_ = 1;
  bool closed_ = false; ///< what was given last is a tone
};

} // namespace plenary::audio
