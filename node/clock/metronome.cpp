#include "node/clock/metronome.hpp"

#include "node/clock/real_time.hpp"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace plenary {

namespace {

constexpr auto slot_period = tick_period / static_cast<int>(metronome::slots);

void sleep_until(mono_time due) {
  auto since_boot = due.time_since_epoch();
  auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  timespec at{};
  at.tv_sec = seconds.count();
  at.tv_nsec = std::chrono::duration_cast<std::chrono::nanoseconds>(since_boot - seconds).count();
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) == EINTR) {
  }
}

} // namespace

/// Leaves the slot when destroyed.
class metronome::subscription final : public tick_subscription {
public:
  subscription(metronome& owner, std::size_t which, std::uint64_t id)
      : owner_(owner)
      , slot_(which)
      , id_(id) {}
  ~subscription() override { owner_.cancel(slot_, id_); }
  subscription(const subscription&) = delete;
  subscription& operator=(const subscription&) = delete;

private:
  metronome& owner_;
  std::size_t slot_;
  std::uint64_t id_;
};

metronome::metronome(bool real_time, heartbeats* seen)
    : thread_([this, real_time, seen] { run(real_time, seen); }) {}

metronome::~metronome() {
  stopping_ = true;
  thread_.join();
}

std::unique_ptr<tick_subscription> metronome::subscribe(callback on_tick) {
  std::lock_guard lock(mutex_);
  auto emptiest = std::min_element(slots_.begin(), slots_.end(),
                                   [](const slot& a, const slot& b) { return a.size() < b.size(); });
  auto id = next_id_++;
  emptiest->emplace_back(id, std::make_shared<callback>(std::move(on_tick)));
  return std::make_unique<subscription>(*this, static_cast<std::size_t>(emptiest - slots_.begin()), id);
}

void metronome::cancel(std::size_t which, std::uint64_t id) {
  std::shared_ptr<callback> dropped; // declared first: destroyed after the lock is released
  std::lock_guard lock(mutex_);
  auto& members = slots_[which];
  auto found =
      std::find_if(members.begin(), members.end(), [id](const auto& entry) { return entry.first == id; });
  if (found == members.end())
    return;
  dropped = std::move(found->second);
  members.erase(found);
}

void metronome::run(bool real_time, heartbeats* seen) {
  ::pthread_setname_np(::pthread_self(), "metronome");
  auto* const own = seen ? &seen->join("metronome") : nullptr;
  real_time_ = real_time && enter_real_time(metronome_priority);
  sharpen_timers();
  auto due = std::chrono::steady_clock::now();
  for (std::uint64_t step = 0; !stopping_; ++step) {
    // Waking costs more than a room's message: empty slots are passed over. The first one is always kept, so
    // that the thread sees new subscribers and the end within a period.
    if (step % slots == 0 || is_taken(step % slots)) {
      sleep_until(due);
      serve(step % slots, due, step / slots);
      if (own)
        own->beat();
    }
    due += slot_period;
  }
}

bool metronome::is_taken(std::size_t which) {
  std::lock_guard lock(mutex_);
  return !slots_[which].empty();
}

void metronome::serve(std::size_t which, mono_time due, std::uint64_t number) {
  std::lock_guard lock(mutex_);
  for (auto& [id, on_tick] : slots_[which])
    (*on_tick)(due, number);
}

} // namespace plenary
