#include "actors/audio/jitter_buffer.hpp"

#include <algorithm>
#include <cstdlib>

namespace plenary::audio {

namespace {

using std::chrono::milliseconds;

constexpr auto frame_length = static_cast<sample_count>(frame_samples);
// Smaller deviations from the target are left alone.
constexpr sample_count tolerance = samples_in(milliseconds(10));
// A tick and the longest pitch period: what the time scaler needs to shorten any voice.
constexpr sample_count scaling_span = frame_length + 720;
constexpr sample_count shortest_concealment = 120; // Opus conceals whole 2.5 ms

sample_count round_up(sample_count samples) {
  return (samples + shortest_concealment - 1) / shortest_concealment * shortest_concealment;
}

} // namespace

jitter_buffer::jitter_buffer(const jitter_limits& limits)
    : estimator_(limits)
    , longest_delay_(samples_in(std::max(limits.max_delay, limits.min_delay))) {}

std::span<const piece> jitter_buffer::plan(mono_time due, sample_count queued) {
  PLENARY_ASSERT(count_ == 0 && taken_ == 0);
  now_ = sample_clock(due);
  begins_ = false;
  trim(queued);
  // While the time line stands still the delay is not known: the missing packet may come or be lost.
  const auto excess = playing_ && frozen_ == 0 ? delay(queued) - estimator_.target() : 0;
  excess_ = std::abs(excess) > tolerance ? excess : 0;
  statistics_.target_delay = duration_of(estimator_.target());
  if (playing_)
    statistics_.playout_delay = duration_of(delay(queued));
  while (queued + planned() < frame_length && count_ < pieces_.size())
    if (!plan_next(frame_length - queued - planned()))
      break;
  if (excess_ > 0)
    plan_extra(queued);
  return std::span(pieces_).first(count_);
}

sample_count jitter_buffer::planned() const {
  sample_count samples = 0;
  for (std::size_t i = 0; i < count_; ++i)
    samples += pieces_[i].samples;
  return samples;
}

/// To shorten speech the scaler looks further ahead; nothing is made up for that.
void jitter_buffer::plan_extra(sample_count queued) {
  while (playing_ && queued + planned() < scaling_span && count_ < pieces_.size() && taken_ < store_.size() &&
         store_.at(taken_).sequence == next_sequence_ && store_.at(taken_).duration > 0 &&
         store_.at(taken_).position <= position_)
    plan_packet();
}

sample_count jitter_buffer::excess_delay() const {
  return excess_;
}

void jitter_buffer::finish() {
  for (; taken_ > 0; --taken_)
    store_.pop_front();
  count_ = 0;
}

void jitter_buffer::abandon(sample_count queued) {
  auto surplus = queued - frame_length;
  for (std::size_t i = 0; i < count_; ++i)
    surplus += pieces_[i].samples;
  auto rest_of_front = std::uint32_t{0};
  for (; count_ > 0 && surplus > 0; --count_) {
    const auto& last = pieces_[count_ - 1];
    const auto undone = std::min<sample_count>(surplus, last.samples);
    surplus -= undone;
    if (last.frozen)
      frozen_ -= std::min(undone, frozen_);
    else
      position_ -= undone;
    if (last.what == piece::kind::packet || last.what == piece::kind::silence) {
      // A packet of which a part was not played stays, at the front of the store.
      taken_ = last.packet;
      next_sequence_ = store_.at(taken_).sequence;
      rest_of_front = last.skip + last.samples - static_cast<std::uint32_t>(undone);
    }
    if (undone < last.samples)
      break;
  }
  const auto kept = taken_ < store_.size() ? rest_of_front : 0;
  finish();
  if (kept > 0)
    front_skip_ = kept;
  if (excess_ > 0)
    skip_ahead(excess_);
  else if ((excess_ < 0 && queued < frame_length) || (frozen_ > 0 && store_.empty()))
    stop(); // starts again when the oldest packet has waited for the target
}

void jitter_buffer::flush() {
  store_.clear();
  count_ = 0;
  taken_ = 0;
  front_skip_ = 0;
  started_ = false;
  stop();
}

void jitter_buffer::trim(sample_count queued) {
  while (playing_ && !store_.empty() && delay(queued) > longest_delay_ && store_.size() > 1) {
    position_ = std::max(position_, store_.at(1).position);
    next_sequence_ = store_.at(1).sequence;
    frozen_ = 0;
    front_skip_ = 0;
    joint_ = true;
    ++statistics_.discarded;
    store_.pop_front();
  }
}

bool jitter_buffer::plan_next(sample_count needed) {
  if (taken_ == store_.size()) {
    const auto before = count_;
    plan_underrun(needed);
    return count_ > before;
  }
  const auto& front = store_.at(taken_);
  if (front.duration == 0) {
    next_sequence_ = front.sequence + 1;
    ++taken_;
    return true;
  }
  if (!playing_)
    return start_or_wait();
  const auto gap = front.position + front_skip_ - position_;
  const auto missing = front.sequence - next_sequence_;
  if (gap - frozen_ < static_cast<sample_count>(front.duration) / 2) {
    plan_packet();
    return true;
  }
  if (missing == 0) { // the sender was silent: wait as for a first packet
    stop();
    return start_or_wait();
  }
  return plan_gap(gap);
}

bool jitter_buffer::start_or_wait() {
  const auto& front = store_.at(taken_);
  const auto wait = estimator_.base() + estimator_.target() - tolerance;
  if (now_ - front.position < wait)
    return false;
  playing_ = true;
  begins_ = true;
  started_ = true;
  position_ = front.position;
  next_sequence_ = front.sequence;
  if (taken_ == 0)
    trim(0);
  return true;
}

void jitter_buffer::plan_packet() {
  const auto& front = store_.at(taken_);
  piece next;
  next.what = front.quiet ? piece::kind::silence : piece::kind::packet;
  next.packet = static_cast<std::uint8_t>(taken_);
  next.skip = front_skip_;
  next.samples = front.duration - front_skip_;
  next.gap_before = static_cast<std::uint32_t>(concealed_);
  next.joint = joint_;
  joint_ = false;
  announced_silence_ = front.noise.has_value();
  add(next);
  position_ = front.position + front.duration;
  next_sequence_ = front.sequence + 1;
  front_skip_ = 0;
  frozen_ = 0;
  concealed_ = 0;
  ++taken_;
}

bool jitter_buffer::plan_gap(sample_count gap) {
  const auto& front = store_.at(taken_);
  position_ += frozen_;
  gap -= frozen_;
  frozen_ = 0;
  if (concealed_ >= longest_concealment) {
    stop();
    return start_or_wait();
  }
  if (gap != static_cast<sample_count>(front.duration)) {
    conceal(gap > static_cast<sample_count>(front.duration) ? gap - front.duration : gap, false);
    return true;
  }
  piece next;
  next.what = piece::kind::recovered;
  next.packet = static_cast<std::uint8_t>(taken_);
  next.samples = front.duration;
  next.gap_before = static_cast<std::uint32_t>(concealed_);
  add(next);
  position_ += gap;
  concealed_ += gap;
  next_sequence_ = front.sequence;
  return true;
}

void jitter_buffer::plan_underrun(sample_count needed) {
  if (!playing_)
    return;
  if (announced_silence_ || concealed_ >= longest_concealment)
    stop();
  else
    conceal(round_up(needed), true);
}

void jitter_buffer::conceal(sample_count samples, bool frozen) {
  piece next;
  next.what = piece::kind::concealed;
  next.frozen = frozen;
  next.samples = static_cast<std::uint32_t>(std::min(samples, frame_length));
  next.gap_before = static_cast<std::uint32_t>(concealed_);
  add(next);
  concealed_ += next.samples;
  (frozen ? frozen_ : position_) += next.samples;
}

void jitter_buffer::add(const piece& next) {
  pieces_[count_++] = next;
}

void jitter_buffer::skip_ahead(sample_count samples) {
  while (playing_ && samples > 0 && store_.size() > 1 && store_.at(0).position + front_skip_ <= position_) {
    next_sequence_ = store_.at(0).sequence; // what came before it is late: front_skip_ is this packet's
    const auto rest = static_cast<sample_count>(store_.at(0).duration) - front_skip_;
    const auto skipped = std::min(samples, rest);
    front_skip_ += static_cast<std::uint32_t>(skipped);
    position_ += skipped;
    samples -= skipped;
    if (skipped == rest) {
      next_sequence_ = store_.at(0).sequence + 1;
      front_skip_ = 0;
      store_.pop_front();
    }
  }
}

void jitter_buffer::stop() {
  playing_ = false;
  frozen_ = 0;
  concealed_ = 0;
  front_skip_ = 0;
  excess_ = 0;
}

} // namespace plenary::audio
