#pragma once

#include "actors/audio/frame.hpp"
#include "actors/audio/level.hpp"

#include <cstdint>
#include <optional>

namespace plenary::audio {

/// Brings one participant's voice slowly to the loudness of everybody's, or by a fixed gain to another one.
/// It measures speech alone: sound that rises and falls as speech does, well above the background. Noise,
/// silence and tones move nothing.
class leveller {
public:
  /// Gain at most, either way, that is found by itself; dB.
  static constexpr float most = 12;

  /// `automatic`: the gain follows the voice; else it goes to `fixed_db` within a second.
  void set(bool automatic, float fixed_db);

  /// Takes the level of a frame that the sender sent, decoded or announced, before any gain; `quietest`: of
  /// late.
  void take(dbov level, dbov quietest);

  /// Amplifies the next frame that is heard. Exact while the gain is 0 dB; no sample is clipped but at the
  /// sudden beginning of a sound that is far louder than what came before.
  void apply(frame& pcm);

  /// Gain that the voice is heard with, dB.
  float gain_db() const { return automatic_ ? gain_ : fixed_; }

  /// How loud the participant speaks, before any gain; nothing before half a second of speech.
  std::optional<dbov> speech_level() const;

private:
  bool is_speech(dbov level, dbov quietest);
  void learn(dbov level, dbov quietest);
  void move_gain();

  bool automatic_ = false;
  std::uint8_t talking_ = 0; ///< frames for which speech counts as going on
  std::uint16_t frames_ = 0; ///< of speech in `energy_`
  float fixed_ = 0;
  float target_ = 0;
  float gain_ = 0;
  float applied_ = 1;     ///< as a factor, at the end of the latest frame
  bool shouting_ = false; ///< `applied_` is lower than the gain, for what would not fit
  float before_ = 0;      ///< level of the latest frame; 0: none yet
  float modulation_ = 0;
  double energy_ = 0; ///< mean of speech, full scale is 1
};

} // namespace plenary::audio
