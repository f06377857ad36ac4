#pragma once

#include "actors/edge/telemetry.hpp"
#include "actors/edge/work_pool.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace plenary {

/// Some threads of ordinary priority, whoever starts them, and one bounded queue of jobs, first come first
/// served.
class worker_pool final : public work_pool {
public:
  /// Jobs that wait at most, beside those that run: at 2 ms each, what two threads finish in a second.
  static constexpr std::size_t most_waiting = 1024;

  worker_pool(std::size_t threads, telemetry& meters);
  /// Stops.
  ~worker_pool() override;
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;

  bool post(std::function<void()> job) override;

  /// Drops what waits, and returns when what runs has ended; afterwards nothing is taken any more.
  void stop();

private:
  void run();

  telemetry& meters_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace plenary
