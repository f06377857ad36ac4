#include "actors/audio/speaker_activity.hpp"

#include "actors/audio/speaker_selection.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace plenary::audio {
namespace {

// The gate opens 6 dB above the background, but never above -44 dBov (so that speech at -40 passes on any
// line) and never below -54 dBov (so that the rustle of a quiet line stays out).
constexpr float gate_over_floor = 6;
constexpr dbov highest_floor{-50};
constexpr dbov lowest_floor{-60};
constexpr float gate_hysteresis = 3;

// Below this nobody hears a frame over the comfort noise of a room.
constexpr dbov audible{-68};

// The background falls to a quieter frame within some frames and rises by 2 dB a second.
constexpr float floor_fall = 0.25F;
constexpr float floor_rise = 0.04F;

constexpr float loudness_fall = 0.5F;

// 200 ms of quiet frames and a leg dozes: when no place is free it is decoded once in 160 ms, or when its
// packets grow.
constexpr std::uint8_t frames_until_dozing = 10;
constexpr std::uint64_t probe_period = 8;

// Packets of constant size say nothing about their sound: every second one is decoded.
constexpr std::uint64_t constant_size_period = 2;
constexpr float constant_size_spread = 0.6F;

// An encoder that finds no voice in a dozing leg's packets confirms that they are noise. libopus 1.3.1 told a
// voice in the first packet of speech over any noise, at 16 to 64 kbit/s and complexities 5 to 10.
constexpr std::uint64_t no_voice_period = 50;

// libopus 1.3.1 makes 45 +- 3 bytes of steady noise at 24 kbit/s and 65 +- 4.5 at 32 kbit/s (standard
// deviation); the first four packets of loud speech over it had 53 to 69 and 78 to 91.
constexpr float growth_deviations = 3;
constexpr float growth_bytes = 1;
constexpr float size_memory = 1.0F / 16;
constexpr float first_spread = 3;

// A leg whose announced levels are 20 dB too loud for a second is not believed any more.
constexpr float level_tolerance = 20;
constexpr std::uint8_t wrong_levels_until_distrust = 50;

// Urgency in dB: who has a place is heard before anybody else, then those whose packets grow or who were
// never heard yet; each tick of waiting counts for 1 dB.
constexpr float holder_urgency = 100;
constexpr float growth_urgency = 60;
constexpr std::uint8_t newcomer_waiting = 60;
constexpr std::uint8_t longest_waiting = 90;

} // namespace

speaker_activity::speaker_activity()
    : floor_(highest_floor)
    , waiting_(newcomer_waiting) {}

bool speaker_activity::is_dozing() const {
  return quiet_frames_ >= frames_until_dozing;
}

std::optional<decode_wish> speaker_activity::consider(const preview& announced, bool holds_place,
                                                      std::uint64_t turn) {
  announced_.reset();
  lone_ = false;
  if (!announced.audio || announced.concealed)
    return consider_gap(announced.concealed, holds_place);
  if (announced.level && wrong_levels_ < wrong_levels_until_distrust)
    return consider_level(*announced.level, holds_place);
  const bool no_voice = announced.voice.has_value() && !*announced.voice;
  const bool voice_begins = std::exchange(told_no_voice_, no_voice) && announced.voice.value_or(false);
  const bool grown = (take_size(announced.payload_bytes) && !no_voice) || (is_dozing() && voice_begins);
  // DTX renews the noise of the background every 400 ms: one packet alone, which is sound only if it is
  // louder.
  lone_ = std::exchange(in_gap_, false) && no_voice && !announced.followed;
  // A probe of a decoder that has to come right first costs several frames.
  const bool blind = sizes_are_constant() && !announced.stale;
  const auto period = no_voice ? no_voice_period : blind ? constant_size_period : probe_period;
  const bool probed = !is_dozing() || turn % period == 0;
  const bool idle = !holds_place && !grown && (lone_ || !probed);
  const auto waiting = static_cast<float>(waiting_);
  const float reason = holds_place ? holder_urgency : grown ? growth_urgency : idle ? 0 : waiting;
  return decode_wish{loudness_.value + reason, false, idle};
}

std::optional<decode_wish> speaker_activity::consider_gap(bool concealed, bool holds_place) {
  loudness_ = std::max(loudness_ - loudness_fall, silence_level);
  // Concealment is worth its work only for somebody who is being heard.
  if (concealed && holds_place)
    return decode_wish{loudness_.value + holder_urgency, false, false};
  in_gap_ = in_gap_ || !concealed;
  // A sender that resumes after DTX has found speech: its first frames are worth decoding.
  if (!concealed)
    quiet_frames_ = std::min<std::uint8_t>(quiet_frames_, frames_until_dozing - 1);
  return std::nullopt;
}

std::optional<decode_wish> speaker_activity::consider_level(std::uint8_t level, bool holds_place) {
  announced_ = level;
  announced_loud_ = take_level(dbov{-static_cast<float>(level)}, holds_place);
  return decode_wish{loudness_.value + (holds_place ? holder_bonus : 0), true,
                     !announced_loud_ && !holds_place};
}

sounding speaker_activity::heard(dbov level, bool holds_place) {
  waiting_ = 0;
  if (announced_)
    distrust(level);
  const bool loud = announced_ ? announced_loud_ : take_level(level, holds_place);
  if (loud)
    return sounding::speech;
  return level < audible || lone_ ? sounding::nothing : sounding::background;
}

void speaker_activity::pass_over() {
  waiting_ = std::min<std::uint8_t>(waiting_ + 1, longest_waiting);
}

bool speaker_activity::take_level(dbov level, bool holds_place) {
  loudness_ = std::max(level, loudness_ - loudness_fall);
  if (level < floor_)
    floor_ = std::max(dbov{floor_.value + (level.value - floor_.value) * floor_fall}, lowest_floor);
  else
    floor_ = std::min(floor_ + floor_rise, highest_floor);
  const dbov gate = floor_ + gate_over_floor;
  if (level >= gate)
    quiet_frames_ = 0;
  else
    quiet_frames_ = std::min<std::uint8_t>(quiet_frames_ + 1, frames_until_dozing);
  return level >= (holds_place ? gate - gate_hysteresis : gate);
}

bool speaker_activity::take_size(std::uint16_t bytes) {
  const auto size = static_cast<float>(bytes);
  const bool known = size_ > 0;
  const bool grown = known && is_dozing() && size > size_ + size_spread_ * growth_deviations + growth_bytes;
  if (!known) {
    size_ = size;
    size_spread_ = first_spread;
    return false;
  }
  size_spread_ += (std::abs(size - size_) - size_spread_) * size_memory;
  size_ += (size - size_) * size_memory;
  return grown;
}

bool speaker_activity::sizes_are_constant() const {
  return size_spread_ < constant_size_spread;
}

void speaker_activity::distrust(dbov measured) {
  const dbov told{-static_cast<float>(*announced_)};
  if (told > measured + level_tolerance)
    ++wrong_levels_;
  else if (wrong_levels_ > 0)
    --wrong_levels_;
}

} // namespace plenary::audio
