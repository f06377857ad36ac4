#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace plenary::load {

using mono_time = std::chrono::steady_clock::time_point;

/// What one packet of every caller holds.
inline constexpr std::chrono::milliseconds packet_time{20};

/// A received packet is late when it comes this long after the time that its RTP timestamp promises.
inline constexpr std::chrono::milliseconds late_after{60};

/// What one caller received in one window.
struct cadence_report {
  std::uint64_t expected = 0; ///< one per 20 ms
  std::uint64_t received = 0;
  std::uint64_t missing = 0; ///< expected and never received
  std::uint64_t late = 0;
  std::uint64_t sequence_gaps = 0; ///< sequence numbers never seen
};

/// Judges the stream that one caller receives against one packet per 20 ms. The promise of a timestamp is the
/// earliest arrival seen since the stream began, carried on by the RTP clock.
class cadence_meter {
public:
  /// Forgets the counts, keeps the promise that was learned.
  void begin_window(mono_time start);

  void on_packet(mono_time arrival, std::uint32_t ssrc, std::uint16_t sequence, std::uint32_t timestamp);

  /// The counts of the window that ends at `end`; it stays open.
  cadence_report report(mono_time end) const;

private:
  std::optional<std::uint32_t> ssrc_;
  mono_time promise_base_{};    // arrival promised to timestamp first_timestamp_
  std::int64_t media_time_ = 0; // samples since the stream's first packet, unwrapped
  std::uint32_t last_timestamp_ = 0;
  std::uint16_t last_sequence_ = 0;
  mono_time window_start_{};
  cadence_report counts_;
};

} // namespace plenary::load
