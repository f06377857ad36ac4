#pragma once

#include "bench/load/media_engine.hpp"
#include "bench/load/process_meter.hpp"
#include "bench/load/session.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace plenary::load {

/// A duration in milliseconds.
inline double ms(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// Middle, 99th percentile and maximum of some durations.
struct spread {
  std::chrono::nanoseconds p50{0};
  std::chrono::nanoseconds p99{0};
  std::chrono::nanoseconds max{0};
};
spread spread_of(std::vector<std::chrono::nanoseconds> values);

/// Tone levels against the sent level; the worst over all checked callers.
struct tone_check {
  double faintest_talker_db = 0;   ///< of those who must be heard
  double loudest_self_db = -90;    ///< a talker's own tone in what it hears
  double loudest_foreign_db = -90; ///< a tone of another room
  std::size_t callers = 0;         ///< checked
  bool passed = false;
};

/// What the checked callers heard in one window.
struct heard_in_window {
  tone_check tones;
  std::vector<heard_mark> marks;
  std::size_t marks_expected = 0;
};

/// Decodes and judges the kept streams. Fails with `malformed` when a stream is no Opus of 20 ms.
result<heard_in_window> listen(const std::vector<participant>& participants, const window_record& window);

/// Packets of all callers to whom somebody talks.
cadence_report add_up(const std::vector<participant>& participants, std::size_t talkers,
                      const window_record& window);

} // namespace plenary::load
