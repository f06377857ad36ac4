#pragma once

#include "actors/audio/background_floor.hpp"
#include "actors/audio/levelling.hpp"
#include "actors/audio/mixer.hpp"
#include "actors/audio/noise_suppression.hpp"
#include "actors/audio/speaker_activity.hpp"
#include "actors/audio/talkers.hpp"
#include "actors/audio/voice_likeness.hpp"

#include <memory>
#include <vector>

namespace plenary::audio {

/// The hearing half of a mixer: steps every source, chooses whose frames to decode, decodes them, and gives
/// the loudest their places in the mix.
class hearing {
public:
  explicit hearing(const mixer_config& config);

  /// Hears a new participant; `source` may be null. `number`: see participant_io.
  void join(participant_slot slot, std::uint32_t number, frame_source* source, bool muted);

  /// Forgets a participant; a talker's fade-out still follows.
  void leave(participant_slot slot);

  /// Changes the source or mute of a participant; no change keeps its place in the mix.
  void change(participant_slot slot, frame_source* source, bool muted);

  /// Sets how a participant is levelled; "automatic" counts where the room's levelling is on.
  void set_level(participant_slot slot, const level_setting& level);

  /// Whether noise is taken out of the voices from the next tick on; not to be called within one.
  void suppress_noise(bool on);

  participant_loudness loudness_of(participant_slot slot) const;

  /// One tick: afterwards in_the_mix() holds the sum and who made it.
  void run(mono_time due, std::uint64_t number, tick_report& report);

  const talkers& in_the_mix() const { return talkers_; }

  /// The background of each participant, by slot.
  std::span<const background_floor> backgrounds() const { return backgrounds_; }

private:
  struct inlet {
    frame_source* source = nullptr;
    std::uint32_t number = 0;
    bool muted = false;
    bool holds_place = false;
    bool concealed = false;
    bool stale = false;
    std::uint8_t unsettled = 0; ///< frames until that of a decoder which began in mid-stream can be judged
    std::uint8_t announced = 0; ///< latest level that was announced, -dBov
    speaker_activity activity;
    voice_likeness likeness;
  };

  struct candidate {
    float urgency = 0;
    bool level_known = false;
    bool idle = false;
    participant_slot slot = 0;
    std::uint32_t number = 0;
  };

  void place_inlet(participant_slot slot, frame_source* source, bool muted);
  void take_pause(participant_slot slot);
  dbov rank_of(participant_slot slot) const;
  void advance_all(mono_time due, std::uint64_t number);
  void listen(participant_slot slot, const preview& announced, std::uint64_t number);
  void decode_urgent(tick_report& report);
  void decode(participant_slot slot, tick_report& report);
  float favour_of(participant_slot slot) const;
  void pass_over(const candidate& wish);
  void learn_level(participant_slot slot, dbov level);
  void suppress(participant_slot slot, frame& pcm);
  void level_frame(participant_slot slot, dbov level, frame& pcm);
  void note_places();

  std::size_t loudest_;
  bool levelling_;
  std::vector<inlet> inlets_;
  std::vector<background_floor> backgrounds_;
  std::vector<leveller> levellers_;
  std::vector<candidate> wishes_;
  bool suppresses_ = false;
  std::unique_ptr<noise_suppression> suppression_; ///< null: it was never on
  std::uint64_t number_ = 0;                       ///< of the tick
  talkers talkers_;
};

} // namespace plenary::audio
