#pragma once

#include "schema/ids.hpp"

#include <atomic>

namespace plenary {

/// Whether the rooms of this node may mix now. The directory prolongs it while it is sure that nobody has
/// taken the rooms over; a process that was frozen finds it run out before its first tick. Safe from every
/// thread.
class mixing_permit {
public:
  /// Holds until this time; `mono_time::max()` for a node without peers.
  void hold_until(mono_time until) noexcept {
    until_.store(until.time_since_epoch().count(), std::memory_order_release);
  }

  bool holds(mono_time now) const noexcept {
    return now.time_since_epoch().count() < until_.load(std::memory_order_acquire);
  }

private:
  std::atomic<mono_time::rep> until_{mono_time::max().time_since_epoch().count()};
};

} // namespace plenary
