#pragma once

#include "actors/audio/level.hpp"

#include <cstdint>

namespace plenary::audio {

/// How loud the background of one participant is, as the room hears it: the quietest that its sound was
/// within one to two seconds.
class background_floor {
public:
  /// Takes the level of a decoded frame. `concealed`: it is no sound of the sender's, and no measure.
  void take(dbov level, bool concealed);

  /// What is missed when the sound ends now: the background if that is what was heard last, with the gain
  /// that it was heard with, -42 dBov at most; `silence_level` when it is not known.
  dbov heard() const;

  /// The quietest sound of late, which a steady noise is as loud as; -50 dBov at most before it is known.
  dbov quietest() const;

  /// The participant is heard with this gain.
  void amplify(float decibels) { gain_ = decibels; }

  /// True when the latest frame was much quieter than the background: it is being cut off.
  bool is_thin() const { return thin_; }

private:
  float smooth_ = 0; ///< level over 60 ms; 0: nothing was heard yet
  float gain_ = 0;
  float earlier_ = -50;
  float now_ = 0;
  std::uint8_t frames_ = 0; ///< in the present window
  bool thin_ = false;
};

} // namespace plenary::audio
