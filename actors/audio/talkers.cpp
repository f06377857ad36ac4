#include "actors/audio/talkers.hpp"

#include "actors/audio/fade.hpp"
#include "actors/audio/mix_minus.hpp"
#include "schema/result.hpp"

#include <algorithm>
#include <utility>

namespace plenary::audio {
namespace {

constexpr std::uint8_t hangover_ticks = 20;

} // namespace

talkers::talkers(std::size_t places)
    : frames_(2 * places + 2)
    , selection_(places) {
  // Each place needs its frame of this tick and of the one before; one more competes, one is being decoded.
  free_.reserve(frames_.size());
  for (std::size_t i = 0; i < frames_.size(); ++i)
    free_.push_back(static_cast<int>(i));
  places_.reserve(2 * places + 1);
  next_ = take_buffer();
}

int talkers::take_buffer() {
  PLENARY_ASSERT(!free_.empty());
  const int buffer = free_.back();
  free_.pop_back();
  return buffer;
}

void talkers::release(int& buffer) {
  if (buffer >= 0)
    free_.push_back(buffer);
  buffer = -1;
}

void talkers::begin() {
  selection_.begin();
  for (auto& each : places_) {
    release(each.before);
    if (each.tail)
      release(each.now);
    each.before = std::exchange(each.now, -1);
    each.tail = false;
  }
  std::erase_if(places_, [](const place& each) { return each.leaving && each.before < 0; });
}

talkers::place* talkers::find(std::uint32_t speaker) {
  const auto found = std::find_if(places_.begin(), places_.end(), [speaker](const place& each) {
    return each.speaker == speaker && !each.orphaned && !each.leaving;
  });
  return found == places_.end() ? nullptr : &*found;
}

bool talkers::is_talking(std::uint32_t speaker) const {
  return std::any_of(places_.begin(), places_.end(), [speaker](const place& each) {
    return each.speaker == speaker && !each.orphaned && !each.leaving && each.hangover > 0;
  });
}

void talkers::offer(std::uint32_t speaker, std::uint32_t number, dbov loudness, bool speech) {
  auto* held = find(speaker);
  if (held != nullptr && speech)
    held->hangover = hangover_ticks;
  else if (held != nullptr && held->hangover > 0)
    --held->hangover;
  enter({speaker, loudness, held != nullptr, next_, speech, number});
  next_ = take_buffer();
}

void talkers::pause(std::uint32_t speaker, std::uint32_t number, dbov loudness) {
  auto* held = find(speaker);
  if (held != nullptr && held->hangover > 0 && --held->hangover > 0)
    enter({speaker, loudness, true, -1, false, number});
}

void talkers::enter(const contender& candidate) {
  if (auto loser = selection_.enter(candidate))
    release(loser->buffer);
}

void talkers::choose() {
  for (auto& each : places_)
    each.leaving = true;
  for (const auto& chosen : selection_.chosen())
    seat(chosen);
  sum_.fill(0);
  sounding_ = 0;
  for (auto& each : places_) {
    shape(each);
    if (each.now < 0)
      continue;
    add(sum_, frames_[static_cast<std::size_t>(each.now)]);
    ++sounding_;
  }
}

void talkers::seat(const contender& chosen) {
  const auto held = std::find_if(places_.begin(), places_.end(), [&chosen](const place& each) {
    return each.speaker == chosen.speaker && !each.orphaned;
  });
  if (chosen.holds_place && held != places_.end()) {
    held->leaving = false;
    held->now = chosen.buffer;
    return;
  }
  place seated;
  seated.speaker = chosen.speaker;
  seated.hangover = chosen.speech ? hangover_ticks : std::uint8_t{0};
  seated.now = chosen.buffer;
  places_.push_back(seated);
}

void talkers::shape(place& of) {
  if (of.now >= 0) {
    if (of.before < 0)
      fade_in(frames_[static_cast<std::size_t>(of.now)]);
    return;
  }
  if (of.before < 0)
    return;
  of.now = std::exchange(of.before, -1);
  of.tail = true;
  continue_tail(frames_[static_cast<std::size_t>(of.now)]);
}

void talkers::drop(std::uint32_t speaker) {
  for (auto& each : places_)
    if (each.speaker == speaker)
      each.leaving = true;
}

void talkers::forget(std::uint32_t speaker) {
  for (auto& each : places_)
    if (each.speaker == speaker)
      each.leaving = each.orphaned = true;
}

const frame* talkers::sound(const place& of) const {
  return of.now >= 0 ? &frames_[static_cast<std::size_t>(of.now)] : nullptr;
}

} // namespace plenary::audio
