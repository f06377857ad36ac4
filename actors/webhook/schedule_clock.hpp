#pragma once

#include "schema/ids.hpp"

#include <algorithm>

namespace plenary {

/// The wall clock as far as it goes forward: what is planned by it happens in time when the system's clock is
/// set back. Set forward, it follows: what waits comes early.
class schedule_clock {
public:
  /// The time when the wall clock shows `wall`; `mono` is of a clock that nobody sets.
  wall_time at(wall_time wall, mono_time mono) {
    const auto running = std::chrono::duration_cast<wall_time::duration>(mono.time_since_epoch());
    ahead_ = std::max(ahead_, wall.time_since_epoch() - running);
    return wall_time{ahead_ + running};
  }

private:
  wall_time::duration ahead_ = wall_time::duration::min();
};

} // namespace plenary
