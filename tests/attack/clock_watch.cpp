#include "tests/attack/clock_watch.hpp"

#include <sched.h>

#include <algorithm>

namespace plenary::attack {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds period{5};
constexpr milliseconds noted_loss{15};
constexpr milliseconds reach{300};

} // namespace

clock_watch::clock_watch() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  ::sched_getaffinity(0, sizeof allowed, &allowed);
  for (int processor = 0; processor < CPU_SETSIZE && threads_.size() < 16; ++processor)
    if (CPU_ISSET(processor, &allowed))
      threads_.emplace_back([this, processor] { run(processor); });
}

clock_watch::~clock_watch() {
  stopping_ = true;
  for (auto& thread : threads_)
    thread.join();
}

void clock_watch::run(int processor) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(processor, &only);
  ::sched_setaffinity(0, sizeof only, &only);
  auto due = steady_clock::now() + period;
  while (!stopping_) {
    std::this_thread::sleep_until(due);
    const auto now = steady_clock::now();
    if (now - due > noted_loss) {
      const std::lock_guard lock(mutex_);
      lost_.push_back({due, now});
    }
    due = now + period;
  }
}

std::vector<test::time_span> clock_watch::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

milliseconds covered(const test::time_span& pause, std::vector<test::time_span> lost) {
  std::ranges::sort(lost, {}, &test::time_span::from);
  auto counted_to = pause.from - reach;
  steady_clock::duration sum{};
  for (const auto& span : lost) {
    const auto from = std::max(span.from, counted_to);
    const auto to = std::min(span.to, pause.to);
    if (to > from) {
      sum += to - from;
      counted_to = to;
    }
  }
  return std::chrono::duration_cast<milliseconds>(sum);
}

} // namespace plenary::attack
