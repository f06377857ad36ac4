#include "actors/audio/hearing.hpp"

#include <algorithm>

namespace plenary::audio {
namespace {

// Frames decoded per tick only in order to learn how loud they are, at most: 3 ms of Opus at 48 kHz. In a
// room of 2,000 who all send G.711 without pause a frame waits four ticks at most.
constexpr std::size_t most_unknown_decodes = 96;

// 60 ms after it began in mid-stream, a decoder's memory is that of the encoder; its first sound may be a
// thump.
constexpr std::uint8_t unsettled_frames = 3;

// A silent member costs little but the wait for its memory: that of a later one is fetched meanwhile.
constexpr participant_slot fetched_ahead = 4;

} // namespace

hearing::hearing(const mixer_config& config)
    : loudest_(static_cast<std::size_t>(std::clamp(config.loudest, 1, 16)))
    , levelling_(config.levelling)
    , talkers_(loudest_) {
  suppress_noise(config.noise_suppression);
}

void hearing::suppress_noise(bool on) {
  suppresses_ = on;
  if (on && !suppression_)
    suppression_ = std::make_unique<noise_suppression>(loudest_);
}

void hearing::join(participant_slot slot, std::uint32_t number, frame_source* source, bool muted) {
  if (slot >= inlets_.size()) {
    inlets_.resize(slot + 1);
    backgrounds_.resize(slot + 1);
    levellers_.resize(slot + 1);
  }
  backgrounds_[slot] = background_floor{};
  levellers_[slot] = leveller{};
  wishes_.reserve(inlets_.capacity());
  inlets_[slot].number = number;
  place_inlet(slot, source, muted);
}

void hearing::place_inlet(participant_slot slot, frame_source* source, bool muted) {
  const auto number = inlets_[slot].number;
  inlets_[slot] = inlet{};
  inlets_[slot].number = number;
  inlets_[slot].source = source;
  inlets_[slot].muted = muted;
}

void hearing::leave(participant_slot slot) {
  talkers_.forget(slot);
  if (suppression_)
    suppression_->forget(slot);
  inlets_[slot] = inlet{};
}

void hearing::change(participant_slot slot, frame_source* source, bool muted) {
  auto& from = inlets_[slot];
  if (from.source == source && from.muted == muted)
    return;
  talkers_.drop(slot);
  place_inlet(slot, source, muted);
}

void hearing::set_level(participant_slot slot, const level_setting& level) {
  levellers_[slot].set(level.automatic && levelling_,
                       level.automatic ? 0 : static_cast<float>(level.gain_db));
}

participant_loudness hearing::loudness_of(participant_slot slot) const {
  return {levellers_[slot].speech_level(), levellers_[slot].gain_db()};
}

/// What the choice of the loudest compares: how loud the participant is heard, and what favours it.
dbov hearing::rank_of(participant_slot slot) const {
  return inlets_[slot].activity.loudness() + levellers_[slot].gain_db() + favour_of(slot);
}

void hearing::run(mono_time due, std::uint64_t number, tick_report& report) {
  number_ = number;
  talkers_.begin();
  wishes_.clear();
  advance_all(due, number);
  decode_urgent(report);
  talkers_.choose();
  note_places();
}

void hearing::advance_all(mono_time due, std::uint64_t number) {
  const auto count = static_cast<participant_slot>(inlets_.size());
  for (participant_slot slot = 0; slot < count; ++slot) {
    auto& from = inlets_[slot];
    if (slot + fetched_ahead < count)
      __builtin_prefetch(inlets_[slot + fetched_ahead].source);
    if (from.source == nullptr)
      continue;
    const auto announced = from.source->advance(due);
    if (!from.muted)
      listen(slot, announced, number);
  }
}

void hearing::listen(participant_slot slot, const preview& announced, std::uint64_t number) {
  auto& from = inlets_[slot];
  from.concealed = announced.concealed;
  from.stale = announced.stale;
  from.announced = announced.level.value_or(0);
  if (announced.audio)
    from.likeness.present(number);
  // The slot's number spreads the probes of many quiet members over the ticks.
  const auto wished = from.activity.consider(announced, from.holds_place, number + slot);
  if (wished)
    wishes_.push_back({wished->urgency + levellers_[slot].gain_db() + favour_of(slot), wished->level_known,
                       wished->idle && from.unsettled == 0, slot, from.number});
  else
    from.unsettled = 0;
  if (!wished && from.holds_place)
    take_pause(slot);
}

/// The participant has a place, and no sound now.
void hearing::take_pause(participant_slot slot) {
  talkers_.pause(slot, inlets_[slot].number, rank_of(slot));
}

void hearing::decode_urgent(tick_report& report) {
  std::sort(wishes_.begin(), wishes_.end(), [](const candidate& a, const candidate& b) {
    if (a.idle != b.idle)
      return b.idle;
    if (a.urgency != b.urgency)
      return a.urgency > b.urgency;
    return a.number != b.number ? a.number < b.number : a.slot < b.slot;
  });
  std::size_t known = 0;
  std::size_t unknown = 0;
  for (const auto& wish : wishes_) {
    // Nobody who finds a place is left out, whatever the guess about the frame.
    if (wish.idle && known + unknown >= loudest_)
      break;
    // Announced levels are compared before decoding: only the loudest can win a place.
    if (wish.level_known ? known++ < loudest_ : unknown++ < most_unknown_decodes)
      decode(wish.slot, report);
    else
      pass_over(wish);
  }
}

void hearing::decode(participant_slot slot, tick_report& report) {
  auto& from = inlets_[slot];
  auto& pcm = talkers_.decode_buffer();
  from.source->decode(pcm);
  ++(from.concealed ? report.concealed : report.decoded);
  if (from.stale)
    from.unsettled = unsettled_frames + 1;
  if (from.unsettled > 1) {
    --from.unsettled;
    return;
  }
  from.unsettled = 0;
  const auto level = measure(pcm);
  from.likeness.heard(level);
  suppress(slot, pcm);
  level_frame(slot, level, pcm);
  const auto found = from.activity.heard(level, from.holds_place);
  if (found != sounding::nothing)
    talkers_.offer(slot, from.number, rank_of(slot), found == sounding::speech);
  else if (from.holds_place)
    take_pause(slot);
}

void hearing::suppress(participant_slot slot, frame& pcm) {
  if (!suppression_ || !inlets_[slot].holds_place)
    return;
  if (suppresses_)
    suppression_->process(slot, inlets_[slot].likeness.probability(), number_, pcm);
  else
    suppression_->finish(slot, number_, pcm);
}

/// dB that somebody counts as louder who sounds like a voice: background is ranked by its loudness alone.
float hearing::favour_of(participant_slot slot) const {
  const auto& from = inlets_[slot];
  return from.activity.is_dozing() ? 0 : from.likeness.favour();
}

/// Others are more urgent; what is announced of the frame counts all the same, and who is too quiet to be
/// chosen becomes louder.
void hearing::pass_over(const candidate& wish) {
  auto& from = inlets_[wish.slot];
  from.activity.pass_over();
  if (!wish.level_known)
    return;
  const dbov level{-static_cast<float>(from.announced)};
  from.likeness.heard(level);
  learn_level(wish.slot, level);
}

void hearing::learn_level(participant_slot slot, dbov level) {
  backgrounds_[slot].take(level, false);
  levellers_[slot].take(level, backgrounds_[slot].quietest());
  backgrounds_[slot].amplify(levellers_[slot].gain_db());
}

void hearing::level_frame(participant_slot slot, dbov level, frame& pcm) {
  if (inlets_[slot].concealed)
    backgrounds_[slot].take(level, true);
  else
    learn_level(slot, level);
  levellers_[slot].apply(pcm);
}

void hearing::note_places() {
  for (const auto& place : talkers_.places())
    if (!place.orphaned)
      inlets_[place.speaker].holds_place = !place.leaving;
}

} // namespace plenary::audio
