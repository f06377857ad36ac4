#include "actors/audio/levelling.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace plenary::audio {
namespace {

// Everybody is brought between these: who is there already is left exactly as he is. What is measured lies
// some 0.7 dB below the active level of ITU-T P.56 (bench/sound).
constexpr float loudest_wanted = -26.7F;
constexpr float quietest_wanted = -27.5F;
constexpr float loudest_background = -36; // that a gain may make of it

// Speech of 20 ms frames changes by 3 to 5 dB from one to the next, steady noise by 1.1 at most, a tone by
// nothing.
constexpr float speech_modulation = 1.5F;
constexpr float modulation_memory = 1.0F / 25;
constexpr float most_change = 10;
constexpr float over_background = 8;
constexpr float below_voice = 20; // pauses within a sentence
constexpr float least_speech = -55;

constexpr std::uint16_t first_frames = 25;  // 0.5 s
constexpr std::uint16_t memory_frames = 75; // 1.5 s
constexpr std::uint8_t talking_frames = 15;

constexpr float automatic_pace = 0.06F; // 3 dB a second
constexpr float fixed_pace = 0.6F;
constexpr float shout_release = 1.0116F; // 5 dB a second

constexpr float loudest_sample = 30000;
constexpr std::size_t sudden_samples = 48; // 1 ms

float factor_of(float decibels) {
  return decibels == 0 ? 1.0F : std::pow(10.0F, decibels / 20);
}

float peak_of(const frame& pcm) {
  std::int16_t lowest = 0;
  std::int16_t highest = 0;
  for (std::size_t i = 0; i < frame_samples; ++i) {
    lowest = std::min(lowest, pcm[i]);
    highest = std::max(highest, pcm[i]);
  }
  return static_cast<float>(std::max(-static_cast<int>(lowest), static_cast<int>(highest)));
}

std::int16_t amplified(std::int16_t sample, float factor) {
  const float value = std::clamp(static_cast<float>(sample) * factor, -32768.0F, 32767.0F);
  return static_cast<std::int16_t>(value + (value < 0 ? -0.5F : 0.5F));
}

/// The factor goes from `from` to `to` within the first samples. Loops of constant length, which the compiler
/// makes vectors of.
template <std::size_t Length>
void glide(frame& pcm, float from, float to) {
  const float step = (to - from) / static_cast<float>(Length);
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(Length); ++i)
    pcm[static_cast<std::size_t>(i)] =
        amplified(pcm[static_cast<std::size_t>(i)], from + step * static_cast<float>(i));
  for (std::size_t i = Length; i < frame_samples; ++i)
    pcm[i] = amplified(pcm[i], to);
}

} // namespace

void leveller::set(bool automatic, float fixed_db) {
  automatic_ = automatic;
  fixed_ = fixed_db;
}

void leveller::take(dbov level, dbov quietest) {
  talking_ = static_cast<std::uint8_t>(std::max(0, talking_ - 1));
  if (is_speech(level, quietest))
    learn(level, quietest);
  move_gain();
}

void leveller::learn(dbov level, dbov quietest) {
  talking_ = talking_frames;
  const double energy = std::pow(10.0, level.value / 10.0);
  frames_ = std::min<std::uint16_t>(frames_ + 1, memory_frames);
  energy_ += (energy - energy_) / frames_;
  const auto voice = speech_level();
  if (!voice)
    return;
  const float wanted = std::clamp(voice->value, quietest_wanted, loudest_wanted) - voice->value;
  const float bearable = std::max(0.0F, loudest_background - quietest.value);
  target_ = std::clamp(std::min(wanted, bearable), -most, most);
}

bool leveller::is_speech(dbov level, dbov quietest) {
  const float change = before_ == 0 ? 0 : std::min(std::abs(level.value - before_), most_change);
  before_ = level.value;
  modulation_ += (change - modulation_) * modulation_memory;
  if (modulation_ < speech_modulation ||
      level.value < std::max(quietest.value + over_background, least_speech))
    return false;
  const auto voice = speech_level();
  return !voice || level.value > voice->value - below_voice;
}

std::optional<dbov> leveller::speech_level() const {
  if (frames_ < first_frames)
    return std::nullopt;
  return dbov{static_cast<float>(10 * std::log10(energy_))};
}

void leveller::move_gain() {
  if (!automatic_)
    gain_ += std::clamp(fixed_ - gain_, -fixed_pace, fixed_pace);
  else if (talking_ > 0)
    gain_ += std::clamp(target_ - gain_, -automatic_pace, automatic_pace);
}

void leveller::apply(frame& pcm) {
  if (gain_ == 0 && applied_ == 1)
    return;
  const float wanted = factor_of(gain_);
  const float bound = loudest_sample / std::max(peak_of(pcm), 1.0F);
  const bool sudden = wanted > 1 && applied_ > bound;
  float end = std::min(wanted, std::max(bound, 1.0F));
  // Behind a shout the gain comes back slowly.
  if (shouting_)
    end = std::min(end, applied_ * shout_release);
  shouting_ = end < wanted;
  if (sudden)
    glide<sudden_samples>(pcm, applied_, end);
  else
    glide<frame_samples>(pcm, applied_, end);
  applied_ = end;
}

} // namespace plenary::audio
