#include "bench/load/cadence.hpp"

#include <algorithm>

namespace plenary::load {

namespace {

std::chrono::nanoseconds rtp_duration(std::int64_t samples) {
  return std::chrono::nanoseconds(samples * 1'000'000 / 48); // 48 kHz, RFC 7587 section 4.1
}

} // namespace

void cadence_meter::begin_window(mono_time start) {
  window_start_ = start;
  counts_ = {};
}

void cadence_meter::on_packet(mono_time arrival, std::uint32_t ssrc, std::uint16_t sequence,
                              std::uint32_t timestamp) {
  const bool first = ssrc_ != ssrc;
  if (first) {
    ssrc_ = ssrc;
    media_time_ = 0;
    promise_base_ = arrival;
  } else {
    media_time_ += static_cast<std::int32_t>(timestamp - last_timestamp_);
    const auto step = static_cast<std::int16_t>(sequence - last_sequence_);
    if (step <= 0)
      ++counts_.sequence_gaps; // reordered or repeated: on loopback as wrong as a hole
    else
      counts_.sequence_gaps += static_cast<std::uint64_t>(step - 1);
  }
  last_timestamp_ = timestamp;
  last_sequence_ = sequence;
  promise_base_ = std::min(promise_base_, arrival - rtp_duration(media_time_));
  if (arrival < window_start_)
    return;
  ++counts_.received;
  if (arrival - (promise_base_ + rtp_duration(media_time_)) > late_after)
    ++counts_.late;
}

cadence_report cadence_meter::report(mono_time end) const {
  auto report = counts_;
  report.expected = static_cast<std::uint64_t>((end - window_start_) / packet_time);
  // The window's two edges may cut one packet off each.
  report.missing = report.expected > report.received + 1 ? report.expected - report.received : 0;
  return report;
}

} // namespace plenary::load
