#pragma once

#include <chrono>
#include <optional>

namespace plenary {

/// Time since the machine started, also while it slept: comparable between the processes of one machine.
using boot_time = std::chrono::nanoseconds;

/// CLOCK_BOOTTIME now.
boot_time boot_clock_now();

/// A stretch of ticks that a room mixed without a break.
struct mix_segment {
  boot_time first{}; ///< when its first tick was mixed
  boot_time last{};  ///< when its latest one was

  friend bool operator==(const mix_segment&, const mix_segment&) = default;
};

/// Cuts a room's ticks into segments for the log, so that whoever merges the logs of several nodes can prove
/// that no two of them mixed one room at once. Pure.
class mix_log {
public:
  /// A segment is told when it is this old, and at every stop.
  static constexpr std::chrono::milliseconds longest{180};

  /// A tick was mixed; gives the segment that is complete with it.
  std::optional<mix_segment> mixed(boot_time now);

  /// Mixing stops for now; gives what was not told yet.
  std::optional<mix_segment> stop();

private:
  std::optional<mix_segment> current_;
};

} // namespace plenary
