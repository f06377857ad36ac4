#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace plenary::attack {

/// What a process holds of the machine.
struct footprint {
  std::int64_t resident_kib = 0;
  std::int64_t descriptors = 0;
  std::chrono::milliseconds processor_time{0}; ///< since its start
};

/// Of this process, from /proc.
footprint footprint_of(pid_t process);

/// Share of one processor that the process used in the second that this call waits for.
double load_of(pid_t process);

/// What a grown process may hold on to: memory that the allocator keeps, more under a sanitizer, which gives
/// back late.
std::int64_t kept_memory_kib();

} // namespace plenary::attack
