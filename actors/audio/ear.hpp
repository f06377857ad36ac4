#pragma once

#include "actors/audio/frame.hpp"
#include "schema/participation.hpp"

namespace plenary::audio {

/// What one participant hears of the room. All whose ear is the default one share an encoder; any other costs
/// what a talker costs.
struct ear {
  bool room = true; ///< false: nobody is heard, only the quiet of the room
  float gain = 1;   ///< times everybody's amplitude, 0 to 4

  /// Times everybody's amplitude, all in all.
  float loudness() const { return room ? gain : 0; }

  friend bool operator==(const ear&, const ear&) = default;
};

/// True for the ear that hears everybody as they are.
inline bool is_shared(const ear& what) {
  return what == ear{};
}

/// The ear of a participant.
ear ear_of(const participation& how);

/// The sum times a factor that goes evenly from `before` to `now` within the frame; exact when both are 1.
void scale(wide_frame& sum, float before, float now);

} // namespace plenary::audio
