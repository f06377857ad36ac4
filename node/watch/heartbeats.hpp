#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace plenary {

/// One thread's sign of life: beat() from that thread alone, read by others.
class heartbeat {
public:
  heartbeat(std::string name, pid_t thread)
      : name_(std::move(name))
      , thread_(thread) {}

  /// The thread has got on with its work, or has waked and found none. Wait-free.
  void beat() { beats_.store(beats_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }

  const std::string& name() const { return name_; }
  pid_t thread() const { return thread_; }
  std::uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }

private:
  std::string name_;
  pid_t thread_;
  std::atomic<std::uint64_t> beats_{0};
};

/// What one look at a thread saw.
struct thread_look {
  std::string name; ///< `mixing` or `metronome`
  pid_t thread = 0; ///< of this process, as the system numbers it
  std::uint64_t beats = 0;
  bool runnable = false;                  ///< runs, or waits for nothing but a processor
  std::chrono::nanoseconds worked_time{}; ///< of a processor, so far; in steps of a clock tick (10 ms)
};

/// The threads of a node that must never stand still. Outlives all of them.
class heartbeats {
public:
  /// The calling thread becomes one of them. The reference stays good as long as this object.
  heartbeat& join(std::string name);

  /// One look at each; safe from every thread.
  std::vector<thread_look> look() const;

private:
  mutable std::mutex mutex_;
  std::deque<heartbeat> members_;
};

} // namespace plenary
