#include "actors/webhook/endpoint_lane.hpp"

#include "schema/result.hpp"

#include <algorithm>

namespace plenary {

namespace {

constexpr int failures_before_rest = 5;
constexpr std::chrono::seconds first_pause{1};
constexpr std::chrono::seconds max_pause{60};
constexpr int max_doublings = 6; // 64 s, above the longest pause

} // namespace

bool endpoint_lane::troubled() const {
  return failures_in_a_row_ >= failures_before_rest;
}

std::size_t endpoint_lane::room(wall_time now) const {
  if (now < rests_until_)
    return 0;
  auto limit = troubled() ? std::size_t{1} : max_in_flight_;
  return limit - std::min(limit, in_flight_);
}

void endpoint_lane::end(bool delivered, wall_time now) {
  PLENARY_ASSERT(in_flight_ > 0);
  --in_flight_;
  if (delivered) {
    failures_in_a_row_ = 0;
    rests_until_ = {};
    return;
  }
  // Attempts that began before the pause and end within it tell nothing new.
  if (now < rests_until_)
    return;
  ++failures_in_a_row_;
  if (troubled())
    rests_until_ =
        now + std::min(max_pause, first_pause * (1 << std::min(failures_in_a_row_ - failures_before_rest,
                                                               max_doublings)));
}

} // namespace plenary
