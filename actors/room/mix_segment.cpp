#include "actors/room/mix_segment.hpp"

#include "schema/result.hpp"

#include <ctime>
#include <utility>

namespace plenary {

boot_time boot_clock_now() {
  timespec now{};
  PLENARY_ASSERT(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

std::optional<mix_segment> mix_log::mixed(boot_time now) {
  if (!current_)
    current_ = {now, now};
  current_->last = now;
  if (now - current_->first < longest)
    return std::nullopt;
  return stop();
}

std::optional<mix_segment> mix_log::stop() {
  return std::exchange(current_, std::nullopt);
}

} // namespace plenary
