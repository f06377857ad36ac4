#pragma once

#include "actors/audio/delay_estimator.hpp"
#include "actors/audio/packet_store.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace plenary::audio {

/// A packet as it comes from the ring, with what its codec says of it.
struct arrived_packet {
  packet_info info;
  std::span<const std::uint8_t> payload;
  std::uint8_t codec = 0; ///< the caller's index, given back in pieces
  std::uint32_t clock_rate = 48000;
  std::uint32_t duration = 0;  ///< samples at the mixing rate; 0: no sound inside (DTMF, comfort noise)
  bool quiet = false;          ///< DTX: the duration is silence
  bool redundant = false;      ///< carries the frame before it once more
  std::optional<bool> voice{}; ///< see decoder::voice()
  std::optional<std::uint8_t> noise{}; ///< the sender is silent from now on, with noise of this level, -dBov
};

/// What to append to the sound of one leg.
struct piece {
  enum class kind : std::uint8_t {
    packet,    ///< decode the packet, without its first `skip` samples
    recovered, ///< the frame before the packet, from its redundancy if it has any
    concealed,
    silence
  };
  kind what = kind::silence;
  bool frozen = false;     ///< fills time while nothing is there; the stream's time line stands still
  bool joint = false;      ///< packets before this one were dropped: cross-fade into it
  std::uint8_t packet = 0; ///< index in packets(), for packet and recovered
  std::uint32_t samples = 0;
  std::uint32_t skip = 0;
  std::uint32_t gap_before = 0; ///< samples concealed in a row before this piece
};

/// The adaptive jitter buffer of one stream: puts packets in order and says, without decoding anything, what
/// each tick plays. Memory is fixed; a function of its inputs only.
///
///          first packet has waited for the target delay
///   idle ------------------------------------------------> playing
///        <------------------------------------------------
///          DTX gap, or 100 ms of concealment in a row
class jitter_buffer {
public:
  /// Concealment ends after this much; the time before is for fading out.
  static constexpr sample_count longest_concealment = samples_in(std::chrono::milliseconds(100));

  explicit jitter_buffer(const jitter_limits& limits);

  /// Takes a packet in or drops it, and counts.
  void insert(const arrived_packet& packet);

  /// Plans the tick due at `due` for a listener who still has `queued` samples. Every plan is followed by
  /// finish() or abandon().
  std::span<const piece> plan(mono_time due, sample_count queued);

  /// The plan was carried out: its packets leave.
  void finish();

  /// The plan was not carried out: only what the tick would have played leaves; since nobody listens, the
  /// delay is corrected at once.
  void abandon(sample_count queued);

  /// Playout delay above target, negative below, as of the latest plan; 0 when idle or close enough.
  sample_count excess_delay() const;

  const packet_store& packets() const { return store_; }
  /// RTP clock of the newest packet in Hz, 48000 before the first; for packets that have no codec.
  std::uint32_t clock_rate() const { return clock_rate_ == 0 ? 48000 : clock_rate_; }
  /// True when the latest plan began to play: what it plays follows nothing.
  bool begins() const { return begins_; }
  /// True when a packet with sound waits behind those of the latest plan.
  bool holds_more() const { return taken_ < store_.size() && store_.at(taken_).duration > 0; }
  bool idle() const { return !playing_ && store_.empty() && count_ == 0; }

  /// Drops all packets and waits for a new beginning.
  void flush();

  /// Only received, late, duplicate, discarded and the delays are counted here.
  const receive_statistics& statistics() const { return statistics_; }

private:
  void restart(const packet_info& first);
  bool is_new_stream(const arrived_packet& packet);
  sample_count position_of(const arrived_packet& packet, std::int64_t sequence);
  void learn_redundancy(sample_count position, bool redundant);
  void trim(sample_count queued);
  bool plan_next(sample_count needed);
  bool start_or_wait();
  void plan_extra(sample_count queued);
  sample_count planned() const;
  void plan_packet();
  bool plan_gap(sample_count gap);
  void plan_underrun(sample_count needed);
  void conceal(sample_count samples, bool frozen);
  void add(const piece& next);
  void skip_ahead(sample_count samples);
  void stop();

  sample_count delay(sample_count queued) const { return now_ - (position_ - queued) - estimator_.base(); }

  packet_store store_;
  delay_estimator estimator_;
  sample_count longest_delay_;
  receive_statistics statistics_;

  // The stream's time line.
  bool known_ = false; ///< a packet of the stream has been seen
  std::uint32_t ssrc_ = 0;
  std::uint32_t previous_ssrc_ = 0;
  mono_time switched_{};
  std::int64_t newest_sequence_ = 0;
  sample_count newest_position_ = 0;
  sample_count newest_duration_ = 0;
  std::uint32_t newest_timestamp_ = 0;
  std::uint32_t clock_rate_ = 0;
  int late_in_a_row_ = 0;
  std::optional<sample_count> redundant_; ///< position of the latest packet that carried redundancy

  // Playout.
  bool playing_ = false;
  bool begins_ = false;
  bool announced_silence_ = false; ///< the latest packet said that none need follow
  bool started_ = false;           ///< next_sequence_ means something
  sample_count now_ = 0;
  sample_count position_ = 0; ///< of the next sample to be planned
  std::int64_t next_sequence_ = 0;
  std::uint32_t front_skip_ = 0; ///< samples of the oldest packet that were passed undecoded
  sample_count frozen_ = 0;      ///< samples played while position_ stood still
  sample_count concealed_ = 0;   ///< in a row
  bool joint_ = false;           ///< the next packet does not follow what was played
  sample_count excess_ = 0;
  std::array<piece, 24> pieces_{};
  std::size_t count_ = 0;
  std::size_t taken_ = 0; ///< packets of the store that the plan uses up
};

} // namespace plenary::audio
