#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace plenary::test {

/// Time that the machine kept from a thread that only sleeps: what an upper bound on real time must be
/// granted, for it is not the program's.
class lost_time {
public:
  lost_time()
      : thread_([this](const std::stop_token& stop) { run(stop); }) {}

  /// Since the start.
  std::chrono::milliseconds so_far() const { return std::chrono::milliseconds{lost_ms_.load()}; }

private:
  void run(const std::stop_token& stop) {
    using std::chrono::steady_clock;
    constexpr std::chrono::milliseconds period{5};
    auto started = steady_clock::now();
    for (std::int64_t slept = 1; !stop.stop_requested(); ++slept) {
      std::this_thread::sleep_for(period);
      const auto passed = steady_clock::now() - started;
      lost_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(passed - slept * period).count();
    }
  }

  std::atomic<std::int64_t> lost_ms_{0};
  std::jthread thread_;
};

} // namespace plenary::test
