#include "node/watch/watchdog.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace plenary {

namespace {

constexpr std::chrono::milliseconds look_period{250};
/// A guess: no work of an actor's turn comes near it, and callers have long missed the sound.
constexpr std::chrono::milliseconds most_patience{5000};
constexpr std::size_t longest_unsent = 4096;
/// From the end of a node's own patience to the end of its process.
constexpr std::chrono::seconds end_margin{10};

std::chrono::milliseconds patience_for(const service_environment& manager) {
  if (!manager.watchdog)
    return most_patience;
  const auto half = std::chrono::floor<std::chrono::milliseconds>(*manager.watchdog / 2);
  return std::min(most_patience, half);
}

} // namespace

watchdog::watchdog(const heartbeats& seen, logger& log, std::chrono::seconds longest_end,
                   service_environment manager)
    : seen_(seen)
    , log_(log)
    , story_(manager.socket.empty() ? std::nullopt : manager.watchdog, longest_end + end_margin)
    , judge_(patience_for(manager), 2 * look_period) {
  if (!manager.socket.empty()) {
    if (auto opened = service_socket::open(std::move(manager.socket)))
      socket_ = std::move(*opened);
    else
      log_.warning("service_manager_unreachable", {{"reason", opened.error().message}});
  }
  thread_ = std::thread([this] { run(); });
}

watchdog::~watchdog() {
  {
    std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void watchdog::enter(service_phase phase) {
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(phase_, phase) == phase)
      return;
    has_news_ = true;
  }
  changed_.notify_one();
}

void watchdog::run() {
  ::pthread_setname_np(::pthread_self(), "watchdog");
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, look_period, [this] { return has_news_ || ends_; });
    if (ends_ && !has_news_)
      return;
    has_news_ = false;
    const auto phase = phase_;
    lock.unlock();
    look(phase);
    lock.lock();
  }
}

void watchdog::look(service_phase phase) {
  const auto now = std::chrono::steady_clock::now();
  const auto stuck = judge_.step(now, seen_.look());
  tell_log(stuck);
  unsent_ += story_.step(now, phase, !stuck);
  // What a busy manager could not take is told with the next look; one that is away for good is not waited
  // for.
  if (unsent_.empty() || socket_.tell(unsent_) || unsent_.size() > longest_unsent)
    unsent_.clear();
}

void watchdog::tell_log(const std::optional<stuck_thread>& stuck) {
  if (std::exchange(was_stuck_, stuck.has_value()) == stuck.has_value())
    return;
  if (stuck)
    log_.error("thread_stuck", {{"thread", stuck->name},
                                {"id", static_cast<std::int64_t>(stuck->thread)},
                                {"since_ms", static_cast<std::int64_t>(stuck->since.count())}});
  else
    log_.warning("threads_go_on");
}

} // namespace plenary
