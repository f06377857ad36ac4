#pragma once

#include "actors/audio/background_floor.hpp"
#include "actors/audio/noise_table.hpp"
#include "actors/audio/talkers.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace plenary::audio {

/// The comfort noise of one room. It lies under everything at the room's floor, that of those who speak, from
/// -69 to -60 dBov; and whose sound ends leaves behind noise as loud as his background, which falls to that
/// floor within 300 ms. So no background is switched off, and nobody hears a dead line. Nothing allocates on
/// a tick.
class room_noise {
public:
  /// `places`: as of the talkers. Off: nothing is ever added.
  room_noise(bool on, std::size_t places);

  bool is_on() const { return on_; }

  /// One tick: `floors` are the backgrounds by speaker.
  void run(const talkers& mix, std::span<const background_floor> floors);

  /// Adds to what `listener` hears on tick `number` the noise, without that of its own background.
  void add_to(frame& pcm, std::uint64_t number, std::uint32_t listener) const;

  /// True when `listener` is given, on this tick as on the one before, noise of `noise_steps[step()]` alone,
  /// or none because it is off.
  bool is_steady_for(std::uint32_t listener) const;

  /// Where the floor rests or goes to.
  std::size_t step() const { return step_; }

private:
  struct glow {
    std::uint32_t speaker = 0;
    bool orphaned = false; ///< nobody's of the room any more
    bool sounding = false; ///< the speaker is heard: no glow yet
    std::uint8_t left = 0; ///< ticks that it lasts
    dbov background = silence_level;
    float before = 0; ///< energy above the floor on the tick before, in squares of sample values
    float now = 0;
  };

  void note_who_sounds(const talkers& mix, std::span<const background_floor> floors);
  glow* find(std::uint32_t speaker);
  void follow_floor();
  float energy_of(const glow& of) const;

  bool on_;
  std::size_t step_ = 1;
  float floor_;  ///< measured, dBov
  float level_;  ///< of the noise on this tick, dBov
  float before_; ///< amplitude on the tick before
  float now_;
  std::vector<glow> glows_;
};

} // namespace plenary::audio
