#pragma once

#include "node/watch/heartbeats.hpp"

#include <map>
#include <optional>
#include <span>

namespace plenary {

/// A thread that stands still, and for how long it has been seen to.
struct stuck_thread {
  std::string name;
  pid_t thread = 0;
  std::chrono::milliseconds since{};
};

/// Judges by repeated looks whether every thread gets on. A thread stands still while its beats do not grow,
/// however that came to be: an endless loop, a lock that is never given back, a debugger. One that only waits
/// for a processor is held up by the machine and does not count. Pure: no clock, no thread.
class liveness {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `patience`: how long a thread may stand still. `longest_gap`: what counts between two looks at most, so
  /// that a process that was stopped as a whole is not taken for one with a stuck thread when it goes on.
  liveness(std::chrono::milliseconds patience, std::chrono::milliseconds longest_gap);

  /// The thread that has stood still the longest, beyond the patience; nothing when all get on.
  std::optional<stuck_thread> step(time_point now, std::span<const thread_look> looks);

private:
  struct memory {
    std::uint64_t beats = 0;
    std::chrono::nanoseconds worked_time{};
    std::chrono::milliseconds still{};
  };

  std::chrono::milliseconds patience_;
  std::chrono::milliseconds longest_gap_;
  std::optional<time_point> last_;
  std::map<pid_t, memory> known_;
};

} // namespace plenary
