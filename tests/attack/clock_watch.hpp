#pragma once

#include "tests/support/rtp_stream.hpp"

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace plenary::attack {

/// Notes when a thread that only sleeps did not get a processor: one such thread stands on each processor
/// that this process may use, so what they lost was the machine's doing and nobody else's.
class clock_watch {
public:
  clock_watch();
  ~clock_watch();
  clock_watch(const clock_watch&) = delete;
  clock_watch& operator=(const clock_watch&) = delete;

  /// When more than 15 ms were lost, since the start.
  std::vector<test::time_span> lost() const;

private:
  void run(int processor);

  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<test::time_span> lost_;
  std::vector<std::thread> threads_;
};

/// How much of `pause` is covered by what was lost in it or up to 300 ms before it, which a jitter buffer may
/// hold back; overlapping losses count once.
std::chrono::milliseconds covered(const test::time_span& pause, std::vector<test::time_span> lost);

} // namespace plenary::attack
