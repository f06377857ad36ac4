#pragma once

#include "actors/audio/level.hpp"

#include <cstdint>

namespace plenary::audio {

/// How likely one participant's sound is a voice, by its levels alone: a voice pauses between syllables and
/// words, so a good part of its frames is 10 dB below its peaks; music, babble and noise go on. Who is new is
/// trusted. Small, because a room holds one per member.
class voice_likeness {
public:
  voice_likeness();

  /// There is sound on tick `number`, whether it will be decoded or not; ticks left out were silent.
  void present(std::uint64_t number);

  /// Takes the level of the present frame.
  void heard(dbov level);

  /// 0: steady sound, 1: a voice.
  float probability() const;

  /// dB that the participant counts as louder among those who want a place: up to 5 for a second when it
  /// begins after half a second of silence, down to -12 for steady sound.
  float favour() const;

private:
  void remember(float weight, bool pause);

  std::uint64_t latest_ = 0;
  float peak_ = silence_level.value;
  float pauses_; ///< part of the frames of the latest seconds
  float fresh_ = 0;
};

} // namespace plenary::audio
