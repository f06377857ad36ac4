#pragma once

#include "actors/audio/media_clock.hpp"
#include "actors/audio/receive_stream.hpp"

#include <array>
#include <cstdint>

namespace plenary::audio {

/// Finds how long packets must wait so that 98 % of them are there in time. A packet's transit is its arrival
/// minus its position on the stream's time line; only differences of transits mean anything. The least
/// transit of the latest seconds is the base, so clock drift moves the base and never looks like jitter.
class delay_estimator {
public:
  explicit delay_estimator(const jitter_limits& limits);

  /// Learns from a packet that lasts `duration`.
  void add(sample_count arrival, sample_count transit, sample_count duration);

  /// Transit of a packet that met no delay.
  sample_count base() const;

  /// Delay above base() at which packets should be played.
  sample_count target() const { return target_; }

  /// Least target from now on, for example to wait for redundancy; 0 for none.
  void set_floor(sample_count floor);

  /// Forgets the base, for a new time line; what is known of the jitter stays.
  void restart();

private:
  static constexpr std::size_t bins = 64;

  void learn_base(sample_count arrival, sample_count transit);
  void learn_peak(sample_count arrival, sample_count delay);
  void follow_base();
  void update_target();

  sample_count least_;
  sample_count most_;
  sample_count floor_ = 0;
  sample_count target_;
  std::array<float, bins> weights_{}; ///< of delays above base, 5 ms each
  float increment_ = 1;               ///< grows instead of letting all weights shrink
  static constexpr sample_count unknown = sample_count{1} << 60; ///< far, yet differences do not overflow
  sample_count weights_base_ = unknown; ///< the base that the weights' delays are above
  std::array<sample_count, 3> peaks_{}; ///< largest delay of this window and those before it
  sample_count peak_start_ = 0;
  sample_count window_start_ = 0;
  sample_count current_least_ = unknown;
  sample_count previous_least_ = unknown;
  sample_count last_arrival_ = 0;
  sample_count last_transit_ = 0;
};

} // namespace plenary::audio
