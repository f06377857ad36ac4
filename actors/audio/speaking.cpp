#include "actors/audio/speaking.hpp"

#include "actors/audio/mix_minus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace plenary::audio {
namespace {

// Private streams beyond the talkers: for those who spoke last and wait for a silence to go back in.
constexpr std::size_t lingering_streams = 2;

// In silence the change of stream cannot be heard once both encoders have flushed their look-ahead. Without a
// silence, what counts as quiet grows by 10 dB for each second of waiting.
constexpr std::uint32_t silence_ticks = 2;
constexpr std::uint32_t patience_ticks = 50;
constexpr float patience_per_tick = 0.2F;
constexpr dbov quiet{-70};

// What a listener costs is mostly the wait for its sender's memory: a later one's is fetched meanwhile.
constexpr std::size_t fetched_ahead = 4;

/// Encodings that differ only in what their codec ignores are equal.
encoding normalized(const encoding& format) {
  return format.codec == codec_kind::opus ? format
                                          : encoding{format.codec, 0, 0, false, 0, false, format.ptime};
}

const frame* sound_of(const talkers& mix, participant_slot slot) {
  for (const auto& place : mix.places())
    if (place.speaker == slot && !place.orphaned)
      return mix.sound(place);
  return nullptr;
}

bool is_alone(const talkers& mix, const frame* own) {
  return std::all_of(mix.places().begin(), mix.places().end(), [&mix, own](const talkers::place& place) {
    const auto* sound = mix.sound(place);
    return sound == nullptr || sound == own;
  });
}

} // namespace

speaking::speaking(const mixer_config& config)
    : complexity_(config.opus_complexity)
    , most_private_(static_cast<std::size_t>(std::clamp(config.loudest, 1, 16)) + lingering_streams)
    , most_ears_(config.private_ears)
    , noise_(config.comfort_noise, most_private_) {}

bool speaking::has_own_ear(participant_slot slot) const {
  return slot != private_stream::nobody && !is_shared(outlets_[slot].as);
}

void speaking::drop_empty_classes() {
  std::erase_if(classes_, [](const auto& each) { return each->members() == 0; });
}

result<encoding_class*> speaking::class_of(const encoding& format) {
  const auto found = std::find_if(classes_.begin(), classes_.end(),
                                  [&format](const auto& each) { return each->format() == format; });
  auto* wanted = found == classes_.end() ? nullptr : found->get();
  if (wanted == nullptr)
    wanted = classes_
                 .emplace_back(
                     std::make_unique<encoding_class>(format, complexity_, most_private_, noise_.is_on()))
                 .get();
  if (auto admitted = wanted->admit(); !admitted) {
    drop_empty_classes();
    return tl::unexpected(admitted.error());
  }
  return wanted;
}

result<encoding_class*> speaking::admit(const listening& as, std::size_t most_ears) {
  const bool own = !is_shared(as.hears);
  if (own && ears_ >= most_ears)
    return fail(errc::limit_reached,
                fmt::format("{} participants hear the room each in a way of their own", ears_));
  auto hears = class_of(normalized(as.format));
  if (!hears || !own)
    return hears;
  if (auto admitted = (*hears)->admit_ear(); !admitted) {
    (*hears)->dismiss();
    drop_empty_classes();
    return tl::unexpected(admitted.error());
  }
  ++ears_;
  return hears;
}

void speaking::seat(participant_slot slot, const listening& as, encoding_class& hears) {
  outlets_[slot] = outlet{as.sink, &hears, as.hears, true};
  if (as.sink == nullptr)
    return;
  hears.listen(slot);
  if (!is_shared(as.hears)) {
    hears.promote(slot, shared_gain_);
    hears.find(slot)->loudness = as.hears.loudness();
  }
}

result<void> speaking::join(participant_slot slot, const listening& as) {
  auto hears = admit(as, most_ears_);
  if (!hears)
    return tl::unexpected(hears.error());
  if (slot >= outlets_.size())
    outlets_.resize(slot + 1);
  seat(slot, as, **hears);
  return {};
}

void speaking::leave(participant_slot slot) {
  auto* left = outlets_[slot].hears;
  left->leave(slot);
  if (has_own_ear(slot)) {
    left->dismiss_ear();
    --ears_;
  }
  left->dismiss();
  outlets_[slot] = outlet{};
  drop_empty_classes();
}

result<void> speaking::change_ear(participant_slot slot, const ear& as) {
  auto& to = outlets_[slot];
  auto& hears = *to.hears;
  const bool had = has_own_ear(slot);
  if (!had && !is_shared(as)) {
    const auto taken = admit({to.sink, hears.format(), as}, most_ears_);
    if (!taken)
      return tl::unexpected(taken.error());
    hears.dismiss(); // was a member before
    // Goes on from what all hear, and then its own way within a frame.
    if (to.sink != nullptr && hears.find(slot) == nullptr)
      hears.promote(slot, shared_gain_);
  } else if (had && is_shared(as)) {
    hears.dismiss_ear();
    --ears_;
    if (auto* own = hears.find(slot))
      own->idle_ticks = 1; // the first to be taken when another needs one
  }
  to.as = as;
  return {};
}

result<void> speaking::change(participant_slot slot, const listening& as) {
  const auto& before = outlets_[slot];
  if (before.sink == as.sink && before.hears->format() == normalized(as.format))
    return change_ear(slot, as.hears);
  auto hears = admit(as, most_ears_ + (has_own_ear(slot) ? 1 : 0));
  if (!hears)
    return tl::unexpected(hears.error());
  leave(slot);
  seat(slot, as, **hears);
  return {};
}

void speaking::run(const talkers& mix, std::span<const background_floor> backgrounds, std::uint64_t number,
                   tick_report& report) {
  noise_.run(mix, backgrounds);
  limit_shared(mix, number);
  give_talkers_their_own(mix);
  for (auto& each : classes_) {
    take_back(*each);
    speak_shared(*each, number, report);
    for (auto& own : each->private_streams())
      if (own.owner != private_stream::nobody)
        speak_private(own, mix, number, report);
  }
}

void speaking::limit_shared(const talkers& mix, std::uint64_t number) {
  // A promoted listener continues the gain that it has heard so far, the one of the tick before.
  shared_gain_before_ = shared_gain_;
  shared_silence_ = mix.is_silent() && noise_.is_steady_for(private_stream::nobody);
  if (mix.is_silent()) {
    shared_mix_.fill(0);
    shared_level_ = silence_level;
    shared_gain_ = limiter{};
  } else {
    shared_gain_.process(mix.sum(), shared_mix_);
    shared_level_ = measure(shared_mix_);
  }
  // Behind the limiter, whose gain would let it pump; what it leaves free has room for it.
  noise_.add_to(shared_mix_, number, private_stream::nobody);
}

void speaking::give_talkers_their_own(const talkers& mix) {
  for (auto& each : classes_)
    for (auto& own : each->private_streams())
      own.idle_ticks = has_own_ear(own.owner) ? 0 : own.idle_ticks + 1;
  for (const auto& place : mix.places()) {
    if (place.orphaned || place.tail || mix.sound(place) == nullptr ||
        outlets_[place.speaker].sink == nullptr)
      continue;
    auto& hears = *outlets_[place.speaker].hears;
    if (auto* own = hears.find(place.speaker))
      own->idle_ticks = 0;
    else
      hears.promote(place.speaker, shared_gain_before_);
  }
}

void speaking::take_back(encoding_class& from) {
  for (auto& own : from.private_streams()) {
    if (own.owner == private_stream::nobody || own.idle_ticks < silence_ticks)
      continue;
    const dbov enough = quiet + static_cast<float>(own.idle_ticks) * patience_per_tick;
    const bool calm = shared_silence_ ? own.stream.silent_ticks() >= silence_ticks
                                      : own.idle_ticks > patience_ticks && shared_level_ < enough;
    if (calm || from.listeners().empty())
      from.demote(own);
  }
}

void speaking::speak_shared(encoding_class& to, std::uint64_t number, tick_report& report) {
  if (to.listeners().empty())
    return;
  if (to.shared().run(shared_mix_, shared_silence_, number, noise_.step()))
    ++report.encoded;
  const auto listeners = to.listeners();
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    if (i + fetched_ahead < listeners.size())
      __builtin_prefetch(outlets_[listeners[i + fetched_ahead]].sink);
    deliver(listeners[i], to.shared(), number, report);
  }
}

void speaking::speak_private(private_stream& own, const talkers& mix, std::uint64_t number,
                             tick_report& report) {
  const auto* sound = sound_of(mix, own.owner);
  const float before = std::exchange(own.loudness, outlets_[own.owner].as.loudness());
  const bool alone = is_alone(mix, sound) || (before == 0 && own.loudness == 0);
  if (alone) {
    own_mix_.fill(0);
    own.gain = limiter{};
  } else {
    if (sound != nullptr)
      subtract(mix.sum(), *sound, own_sum_);
    else
      own_sum_ = mix.sum();
    scale(own_sum_, before, own.loudness);
    own.gain.process(own_sum_, own_mix_);
  }
  noise_.add_to(own_mix_, number, own.owner);
  const bool silent = alone && noise_.is_steady_for(own.owner);
  if (own.stream.run(own_mix_, silent, number, noise_.step()))
    ++report.encoded;
  deliver(own.owner, own.stream, number, report);
}

void speaking::deliver(participant_slot slot, const outbound_stream& stream, std::uint64_t number,
                       tick_report& report) {
  auto payload = stream.payload();
  if (payload.empty())
    payload = stream.comfort_for(slot, number);
  if (payload.empty())
    return;
  auto& to = outlets_[slot];
  to.sink->send(payload, stream.first_tick(number), stream.begins_talkspurt() || to.fresh);
  to.fresh = false;
  ++report.sent;
  if (const auto second = stream.second_payload(); !second.empty()) {
    to.sink->send_second(second, number);
    ++report.sent;
  }
}

} // namespace plenary::audio
