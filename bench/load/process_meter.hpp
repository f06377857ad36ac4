#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace plenary::load {

/// A reading of a process and of the core that it is pinned to.
struct meter_reading {
  std::chrono::nanoseconds user{0};       ///< CPU time, /proc/PID/stat utime
  std::chrono::nanoseconds system{0};     ///< stime
  std::chrono::nanoseconds core_busy{0};  ///< the server's core: all processes, steal included
  std::chrono::nanoseconds core_steal{0}; ///< taken by other machines of the host
  std::uint64_t rss_kib = 0;
};

/// Reads /proc now. A process that is gone reads as zero.
meter_reading read_meter(pid_t pid);

} // namespace plenary::load
