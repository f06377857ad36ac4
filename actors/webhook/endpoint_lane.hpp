#pragma once

#include "schema/ids.hpp"

#include <chrono>
#include <cstddef>

namespace plenary {

/// How many deliveries one endpoint may have on their way, and when it rests after failures.
///
///   open --(5 failures in a row)--> resting --(pause over)--> probing (1 in flight) --(success)--> open
///                                      ^------------------------------(failure, pause doubled)----'
///
/// The pause goes from 1 s to 60 s: a dead endpoint costs one attempt of one event per pause, not one of
/// each.
class endpoint_lane {
public:
  explicit endpoint_lane(std::size_t max_in_flight)
      : max_in_flight_(max_in_flight) {}

  /// How many events may be taken up now.
  std::size_t room(wall_time now) const;

  /// One event is on its way.
  void begin() { ++in_flight_; }

  /// An attempt ended.
  void end(bool delivered, wall_time now);

  std::size_t in_flight() const { return in_flight_; }

  /// End of the pause; in the past when the lane does not rest.
  wall_time rests_until() const { return rests_until_; }

private:
  bool troubled() const;

  std::size_t max_in_flight_;
  std::size_t in_flight_ = 0;
  int failures_in_a_row_ = 0;
  wall_time rests_until_{};
};

} // namespace plenary
