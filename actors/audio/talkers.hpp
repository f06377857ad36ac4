#pragma once

#include "actors/audio/frame.hpp"
#include "actors/audio/level.hpp"
#include "actors/audio/speaker_selection.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace plenary::audio {

/// The places in the mix and the sound in them. Who sounds keeps a place until louder ones take it, and for
/// 400 ms after speech without any sound; whoever enters is faded in, whoever leaves, in whatever way, is
/// faded out. All frames are allocated by the constructor.
class talkers {
public:
  explicit talkers(std::size_t places);

  /// A place in the mix.
  struct place {
    std::uint32_t speaker = 0;
    bool leaving = false;      ///< the place is lost; only the fade-out is heard, if anything
    bool orphaned = false;     ///< nobody of the room any more: nothing to subtract for anybody
    std::uint8_t hangover = 0; ///< ticks for which the speaker still counts as talking
    int before = -1;           ///< frame of the tick before
    int now = -1;              ///< frame of this tick
    bool tail = false;         ///< `now` is the fade-out
  };

  /// Starts a tick: the frames of the tick before become the past.
  void begin();

  /// Where the next frame is decoded to; only offer() keeps it.
  frame& decode_buffer() { return frames_[static_cast<std::size_t>(next_)]; }

  /// The frame in decode_buffer() competes for a place. `number` decides between equals; `speech`: it is more
  /// than background.
  void offer(std::uint32_t speaker, std::uint32_t number, dbov loudness, bool speech);

  /// A holder of a place has no sound on this tick, but keeps the place as long as it counts as talking.
  void pause(std::uint32_t speaker, std::uint32_t number, dbov loudness);

  /// Chooses the loudest of all who were offered, fades and sums them.
  void choose();

  /// The speaker loses its place at once; its fade-out follows on the next tick.
  void drop(std::uint32_t speaker);

  /// As drop(), and the speaker's number may be used by another: the fade-out is nobody's own voice any more.
  void forget(std::uint32_t speaker);

  /// True while the speaker has a place and has spoken within the hangover.
  bool is_talking(std::uint32_t speaker) const;

  /// Everybody who holds a place or is heard fading out; valid after choose().
  std::span<const place> places() const { return places_; }

  /// The frame of a place in the sum, null when the place adds nothing.
  const frame* sound(const place& of) const;

  /// The exact sum of all sounds.
  const wide_frame& sum() const { return sum_; }

  /// True when no place adds anything: the sum is digital silence.
  bool is_silent() const { return sounding_ == 0; }

private:
  place* find(std::uint32_t speaker);
  void enter(const contender& candidate);
  void seat(const contender& chosen);
  void shape(place& of);
  int take_buffer();
  void release(int& buffer);

  std::vector<frame> frames_;
  std::vector<int> free_;
  int next_ = -1;
  speaker_selection selection_;
  std::vector<place> places_;
  wide_frame sum_{};
  std::size_t sounding_ = 0;
};

} // namespace plenary::audio
