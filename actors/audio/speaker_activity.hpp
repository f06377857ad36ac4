#pragma once

#include "actors/audio/frame_source.hpp"
#include "actors/audio/level.hpp"

#include <cstdint>
#include <optional>

namespace plenary::audio {

/// How much a participant's frame deserves to be decoded.
struct decode_wish {
  float urgency = 0; ///< expected loudness in dBov plus what speaks for decoding; the highest come first
  bool level_known = false; ///< the sender told the level: no need to decode in order to compare
  bool idle = false;        ///< most likely background: worth decoding while a place in the mix is free
};

/// What a decoded frame turned out to be.
enum class sounding : std::uint8_t {
  nothing,    ///< too quiet to be heard, or the comfort noise of a sender who is silent
  background, ///< sound, but no louder than what the line always carries
  speech      ///< louder than the background
};

/// What is known of one participant's sound: its loudness, its background noise, its packet sizes. It ranks
/// before decoding how likely a frame is speech, and says after it what the frame is. It silences nobody for
/// whom there is a place. Small, because a room holds one per member in one row.
class speaker_activity {
public:
  speaker_activity();

  /// Judges the announced frame; nothing when there is none. `turn` grows by one each tick and differs
  /// between participants, so that probes spread over the ticks.
  std::optional<decode_wish> consider(const preview& announced, bool holds_place, std::uint64_t turn);

  /// Takes the level of the decoded frame.
  sounding heard(dbov level, bool holds_place);

  /// The wished frame was not decoded because others were more urgent; it is more urgent next time.
  void pass_over();

  /// Loudness for the comparison of speakers: follows peaks at once and falls by 25 dB a second.
  dbov loudness() const { return loudness_; }

  /// True when the participant was found to send quiet noise: its frames are idle, but for probes.
  bool is_dozing() const;

private:
  std::optional<decode_wish> consider_gap(bool concealed, bool holds_place);
  std::optional<decode_wish> consider_level(std::uint8_t level, bool holds_place);
  bool take_level(dbov level, bool holds_place);
  bool take_size(std::uint16_t bytes);
  bool sizes_are_constant() const;
  void distrust(dbov measured);

  dbov loudness_ = silence_level;
  dbov floor_;
  float size_ = 0;
  float size_spread_ = 0;
  std::optional<std::uint8_t> announced_;
  bool announced_loud_ = false;
  bool lone_ = false;         ///< the frame is a lone packet without voice: DTX renews its noise
  bool in_gap_ = true;        ///< the tick before had nothing
  bool told_no_voice_ = true; ///< by the encoder of the latest packet
  std::uint8_t quiet_frames_ = 0;
  std::uint8_t waiting_;
  std::uint8_t wrong_levels_ = 0;
};

} // namespace plenary::audio
