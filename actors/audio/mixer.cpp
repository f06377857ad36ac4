#include "actors/audio/mixer.hpp"

#include "actors/audio/hearing.hpp"
#include "actors/audio/speaking.hpp"

#include <fmt/format.h>

namespace plenary::audio {

struct mixer::state {
  explicit state(const mixer_config& config)
      : most(config.max_participants)
      , hearing(config)
      , speaking(config) {}

  std::size_t most;
  std::size_t members = 0;
  std::vector<participant_slot> free;
  std::vector<bool> used;
  class hearing hearing;
  class speaking speaking;
};

mixer::mixer(const mixer_config& config)
    : state_(std::make_unique<state>(config)) {}

mixer::~mixer() = default;

result<participant_slot> mixer::add(const participant_io& io) {
  auto& self = *state_;
  if (self.members >= self.most)
    return fail(errc::limit_reached, fmt::format("room is full with {} participants", self.members));
  const auto slot = self.free.empty() ? static_cast<participant_slot>(self.used.size()) : self.free.back();
  if (auto joined = self.speaking.join(slot, {io.sink, io.format, io.hears}); !joined)
    return tl::unexpected(joined.error());
  if (slot == self.used.size())
    self.used.push_back(false);
  else
    self.free.pop_back();
  self.used[slot] = true;
  ++self.members;
  self.free.reserve(self.used.size());
  self.hearing.join(slot, io.number, io.source, io.muted);
  self.hearing.set_level(slot, io.level);
  return slot;
}

void mixer::remove(participant_slot slot) {
  auto& self = *state_;
  PLENARY_ASSERT(slot < self.used.size() && self.used[slot]);
  self.hearing.leave(slot);
  self.speaking.leave(slot);
  self.used[slot] = false;
  self.free.push_back(slot);
  --self.members;
}

result<void> mixer::update(participant_slot slot, const participant_io& io) {
  auto& self = *state_;
  PLENARY_ASSERT(slot < self.used.size() && self.used[slot]);
  if (auto changed = self.speaking.change(slot, {io.sink, io.format, io.hears}); !changed)
    return changed;
  self.hearing.change(slot, io.source, io.muted);
  self.hearing.set_level(slot, io.level);
  return {};
}

void mixer::suppress_noise(bool on) {
  state_->hearing.suppress_noise(on);
}

std::size_t mixer::size() const {
  return state_->members;
}

void mixer::hear(mono_time due, std::uint64_t number, tick_report& report) {
  state_->hearing.run(due, number, report);
}

void mixer::speak(std::uint64_t number, tick_report& report) {
  state_->speaking.run(state_->hearing.in_the_mix(), state_->hearing.backgrounds(), number, report);
}

tick_report mixer::tick(mono_time due, std::uint64_t number) {
  tick_report report;
  hear(due, number, report);
  speak(number, report);
  return report;
}

bool mixer::is_speaking(participant_slot slot) const {
  return state_->hearing.in_the_mix().is_talking(slot);
}

participant_loudness mixer::loudness_of(participant_slot slot) const {
  return state_->hearing.loudness_of(slot);
}

} // namespace plenary::audio
