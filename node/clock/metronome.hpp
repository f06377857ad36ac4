#pragma once

#include "actors/edge/tick_source.hpp"
#include "node/watch/heartbeats.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace plenary {

/// The node's tick source: one thread that sleeps to absolute times of CLOCK_MONOTONIC and serves 20 phase
/// slots of 1 ms, so that rooms of different slots do not wait for each other.
class metronome final : public tick_source {
public:
  static constexpr std::size_t slots = 20;

  /// `real_time` asks for SCHED_FIFO; real_time() tells whether it was granted. The thread joins `seen`, if
  /// given, which outlives it, and beats with every slot that it serves.
  explicit metronome(bool real_time, heartbeats* seen = nullptr);
  ~metronome() override;

  std::unique_ptr<tick_subscription> subscribe(callback on_tick) override;

  /// True when the thread runs under SCHED_FIFO.
  bool real_time() const { return real_time_; }

private:
  class subscription;
  using slot = std::vector<std::pair<std::uint64_t, std::shared_ptr<callback>>>;

  void run(bool real_time, heartbeats* seen);
  bool is_taken(std::size_t which);
  void serve(std::size_t which, mono_time due, std::uint64_t number);
  void cancel(std::size_t which, std::uint64_t id);

  std::mutex mutex_;
  std::array<slot, slots> slots_;
  std::uint64_t next_id_ = 1;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> real_time_{false};
  std::thread thread_;
};

} // namespace plenary
