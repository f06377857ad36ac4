#include "actors/audio/room_noise.hpp"

#include <algorithm>
#include <cmath>

namespace plenary::audio {
namespace {

constexpr std::uint8_t glow_ticks = 15; // 300 ms

// The floor follows those who speak by 3 dB a second; the noise goes to another of its levels when the floor
// is nearer to that one, by 10 dB a second.
constexpr float floor_pace = 0.06F;
constexpr float level_pace = 0.2F;
constexpr float step_hysteresis = 2.5F;

} // namespace

room_noise::room_noise(bool on, std::size_t places)
    : on_(on)
    , floor_(noise_steps[step_].value)
    , level_(floor_)
    , before_(noise_amplitude(dbov{level_}))
    , now_(before_) {
  glows_.reserve(4 * places + 1);
}

void room_noise::run(const talkers& mix, std::span<const background_floor> floors) {
  if (!on_)
    return;
  for (auto& each : glows_) {
    each.before = each.now;
    each.sounding = false;
  }
  note_who_sounds(mix, floors);
  follow_floor();
  for (auto& each : glows_) {
    each.now = each.sounding ? 0 : energy_of(each);
    each.left = each.sounding ? glow_ticks : static_cast<std::uint8_t>(std::max(0, each.left - 1));
  }
  std::erase_if(glows_, [](const glow& each) {
    return !each.sounding && each.left == 0 && each.before == 0 && each.now == 0;
  });
}

void room_noise::note_who_sounds(const talkers& mix, std::span<const background_floor> floors) {
  for (const auto& place : mix.places()) {
    auto* known = place.orphaned ? nullptr : find(place.speaker);
    if (place.orphaned)
      for (auto& each : glows_)
        each.orphaned = each.orphaned || each.speaker == place.speaker;
    if (place.orphaned || place.tail || mix.sound(place) == nullptr)
      continue;
    const auto& floor = floors[place.speaker];
    if (floor.is_thin())
      continue;
    if (known == nullptr && glows_.size() < glows_.capacity())
      known = &glows_.emplace_back(glow{.speaker = place.speaker});
    if (known == nullptr)
      continue;
    known->sounding = true;
    known->background = floor.heard();
  }
}

room_noise::glow* room_noise::find(std::uint32_t speaker) {
  const auto found = std::find_if(glows_.begin(), glows_.end(), [speaker](const glow& each) {
    return each.speaker == speaker && !each.orphaned;
  });
  return found == glows_.end() ? nullptr : &*found;
}

void room_noise::follow_floor() {
  dbov loudest = silence_level;
  bool heard = false;
  for (const auto& each : glows_)
    if (each.sounding) {
      loudest = std::max(loudest, each.background);
      heard = true;
    }
  if (heard) {
    const auto wanted = std::clamp(loudest.value, noise_steps.back().value, noise_steps.front().value);
    floor_ += std::clamp(wanted - floor_, -floor_pace, floor_pace);
  }
  for (std::size_t i = 0; i < noise_steps.size(); ++i)
    if (std::abs(floor_ - noise_steps[step_].value) > step_hysteresis &&
        std::abs(floor_ - noise_steps[i].value) < std::abs(floor_ - noise_steps[step_].value))
      step_ = i;
  level_ += std::clamp(noise_steps[step_].value - level_, -level_pace, level_pace);
  before_ = now_;
  now_ = noise_amplitude(dbov{level_});
}

/// What is left of a background: it falls, in dB, on a straight line to the floor.
float room_noise::energy_of(const glow& of) const {
  if (of.left == 0 || of.background.value <= level_)
    return 0;
  const auto share = static_cast<float>(of.left) / static_cast<float>(glow_ticks);
  const auto amplitude = noise_amplitude(dbov{level_ + (of.background.value - level_) * share});
  return amplitude * amplitude - now_ * now_;
}

void room_noise::add_to(frame& pcm, std::uint64_t number, std::uint32_t listener) const {
  if (!on_)
    return;
  float before = before_ * before_;
  float now = now_ * now_;
  for (const auto& each : glows_)
    if (each.orphaned || each.speaker != listener) {
      before += each.before;
      now += each.now;
    }
  noise_table::get().add_to(pcm, number, std::sqrt(before), std::sqrt(now));
}

bool room_noise::is_steady_for(std::uint32_t listener) const {
  if (!on_)
    return true;
  return before_ == now_ && level_ == noise_steps[step_].value &&
         std::all_of(glows_.begin(), glows_.end(), [listener](const glow& each) {
           const bool own = each.speaker == listener && !each.orphaned;
           return own || (each.before == 0 && each.now == 0);
         });
}

} // namespace plenary::audio
