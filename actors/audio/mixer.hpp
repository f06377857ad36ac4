#pragma once

#include "actors/audio/codec.hpp"
#include "actors/audio/ear.hpp"
#include "actors/audio/frame_source.hpp"
#include "actors/audio/level.hpp"
#include "schema/participation.hpp"
#include "schema/result.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace plenary::audio {

/// Options of one room's mixer.
struct mixer_config {
  int loudest = 5;                     ///< talkers in the mix at most, 1 to 16
  int opus_complexity = 5;             ///< 0 to 10
  std::size_t max_participants = 2000; ///< 1 to 10000
  bool noise_suppression = false;      ///< for those who hold a place; false: their sound is exact
  bool levelling = false;              ///< voices are brought to one loudness before the loudest are chosen
  bool comfort_noise = false;          ///< see room_noise; false: a silent room is digital silence
  std::size_t private_ears = 64;       ///< participants whose ear is not the shared one, at most; 0 to 1000
};

/// A participant's index in one mixer; reused after remove().
using participant_slot = std::uint32_t;

/// One leg in a room. The pointers stay the caller's and must outlive the participant.
struct participant_io {
  frame_source* source = nullptr; ///< may be null: the leg cannot be heard (hold)
  frame_sink* sink = nullptr;     ///< may be null: the leg cannot hear (hold)
  encoding format;                ///< what its sink carries
  bool muted = false;             ///< true: never heard; its packets are dropped undecoded
  level_setting level{};          ///< automatic where the room's levelling is on
  ear hears{};                    ///< what its sink carries of the room
  std::uint32_t number = 0; ///< decides between equally loud ones: the lower one is heard; kept for life
};

/// How loud a participant is.
struct participant_loudness {
  std::optional<dbov> speech; ///< before any gain; nothing before it has spoken
  float gain_db = 0;
};

/// What one tick did, for metrics.
struct tick_report {
  std::uint32_t decoded = 0;
  std::uint32_t concealed = 0;
  std::uint32_t encoded = 0; ///< encoder runs, not packets
  std::uint32_t sent = 0;    ///< payloads handed to sinks
};

/// Mixes one room: a function of its state, the sources' frames and the tick, with no clock, socket or
/// actor inside. tick() does not allocate, lock or log.
class mixer {
public:
  explicit mixer(const mixer_config& config);
  ~mixer();
  mixer(const mixer&) = delete;
  mixer& operator=(const mixer&) = delete;

  /// Takes a participant in. Fails with `limit_reached` (participants, ears) or `internal` (no encoder).
  result<participant_slot> add(const participant_io& io);

  /// Takes a participant out; its slot may be used again at once.
  void remove(participant_slot slot);

  /// Changes sinks, sources, format, mute, level or ear of a participant (hold, new codec, mute). Fails like
  /// add(); then everything stays as it was.
  result<void> update(participant_slot slot, const participant_io& io);

  /// Turns the suppression of noise on or off, without a step in anybody's sound; allocates.
  void suppress_noise(bool on);

  std::size_t size() const;

  /// First half of tick `number`, due at `due`: every source is advanced once, and the loudest are summed.
  void hear(mono_time due, std::uint64_t number, tick_report& report);

  /// Second half of that tick: every sink gets at most one payload, or two of 10 ms.
  void speak(std::uint64_t number, tick_report& report);

  /// Both halves at once.
  tick_report tick(mono_time due, std::uint64_t number);

  /// True when the participant was in the mix of the latest tick and has spoken within 400 ms.
  bool is_speaking(participant_slot slot) const;

  /// How loud the participant has spoken of late.
  participant_loudness loudness_of(participant_slot slot) const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace plenary::audio
