// What the jitter buffer does with a packet that arrives: sequence numbers, time line, loss.
#include "actors/audio/jitter_buffer.hpp"

#include <algorithm>
#include <cstdlib>

namespace plenary::audio {

namespace {

using std::chrono::milliseconds;

constexpr int most_sequence_jump = 1000;
// As many late packets in a row mean that the sender began anew (RFC 3550 appendix A.1 takes 2 in sequence).
constexpr int most_late_in_a_row = 10;
constexpr auto old_stream_lingers = milliseconds(500);
constexpr sample_count most_time_jump = samples_in(milliseconds(1000));
// Who sends redundancy was told of loss: packets wait for the copy in the next one, until none came for so
// long.
constexpr sample_count redundancy_lasts = samples_in(milliseconds(10000));
constexpr sample_count redundancy_margin = samples_in(milliseconds(20));

} // namespace

void jitter_buffer::insert(const arrived_packet& packet) {
  if (known_ && packet.info.ssrc != ssrc_ && packet.info.ssrc == previous_ssrc_ &&
      packet.info.arrival - switched_ < old_stream_lingers) {
    ++statistics_.late;
    return;
  }
  ++statistics_.received;
  if (packet.payload.size() > packet_store::max_payload) { // no room for it, however much makes way
    ++statistics_.discarded;
    return;
  }
  if (is_new_stream(packet))
    restart(packet.info);
  const auto step = static_cast<std::int16_t>(packet.info.sequence_number -
                                              static_cast<std::uint16_t>(newest_sequence_ & 0xffff));
  stored_packet made;
  made.sequence = newest_sequence_ + step;
  if (started_ && made.sequence < next_sequence_) {
    ++statistics_.late;
    ++late_in_a_row_;
    return;
  }
  late_in_a_row_ = 0;
  made.position = position_of(packet, made.sequence);
  made.duration = packet.duration;
  made.codec = packet.codec;
  made.quiet = packet.quiet;
  made.level = packet.info.level;
  made.voice = packet.voice;
  made.noise = packet.noise;
  made.tone = packet.info.tone;
  if (made.tone.before > 0)
    store_.mark_tone(made.position - made.tone.before, made.position);
  auto stored = store_.insert(made, packet.payload);
  while (stored == packet_store::outcome::no_room && !store_.empty() && taken_ == 0) {
    store_.pop_front();
    front_skip_ = 0;
    joint_ = true;
    ++statistics_.discarded;
    stored = store_.insert(made, packet.payload);
  }
  if (stored == packet_store::outcome::duplicate)
    ++statistics_.duplicate;
}

bool jitter_buffer::is_new_stream(const arrived_packet& packet) {
  if (!known_ || packet.info.ssrc != ssrc_ || late_in_a_row_ >= most_late_in_a_row)
    return true;
  const auto step = static_cast<std::int16_t>(packet.info.sequence_number -
                                              static_cast<std::uint16_t>(newest_sequence_ & 0xffff));
  return std::abs(step) > most_sequence_jump;
}

void jitter_buffer::restart(const packet_info& first) {
  PLENARY_ASSERT(count_ == 0);
  if (known_ && first.ssrc != ssrc_) {
    previous_ssrc_ = ssrc_;
    switched_ = first.arrival;
  }
  flush();
  estimator_.restart();
  known_ = true;
  ssrc_ = first.ssrc;
  late_in_a_row_ = 0;
  newest_sequence_ = first.sequence_number;
  newest_timestamp_ = first.timestamp;
  newest_position_ = 0;
  newest_duration_ = 0;
  redundant_.reset();
  clock_rate_ = 0;
}

sample_count jitter_buffer::position_of(const arrived_packet& packet, std::int64_t sequence) {
  const auto ahead = sequence - newest_sequence_;
  auto position = newest_position_;
  if (clock_rate_ != packet.clock_rate) // another codec's clock: its time line follows ours without a gap
    position += clock_rate_ == 0 ? 0 : std::max<sample_count>(ahead, 1) * newest_duration_;
  else
    position += sample_count{static_cast<std::int32_t>(packet.info.timestamp - newest_timestamp_)} *
                (sample_rate / static_cast<sample_count>(packet.clock_rate));
  const auto arrival = sample_clock(packet.info.arrival);
  if (packet.duration > 0) {
    if (std::abs(arrival - position - estimator_.base()) > most_time_jump) // the sender's clock was set anew
      estimator_.restart();
    estimator_.add(arrival, arrival - position, packet.duration);
  }
  if (ahead < 0)
    return position;
  learn_redundancy(position, packet.redundant);
  newest_sequence_ = sequence;
  newest_position_ = position;
  newest_timestamp_ = packet.info.timestamp;
  clock_rate_ = packet.clock_rate;
  if (packet.duration > 0)
    newest_duration_ = packet.duration;
  return position;
}

void jitter_buffer::learn_redundancy(sample_count position, bool redundant) {
  if (redundant)
    redundant_ = position;
  const bool waits = redundant_ && position - *redundant_ < redundancy_lasts;
  estimator_.set_floor(waits ? newest_duration_ + redundancy_margin : 0);
}

} // namespace plenary::audio
