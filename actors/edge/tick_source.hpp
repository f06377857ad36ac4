#pragma once

#include "schema/ids.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace plenary {

/// Period of every room's mix.
inline constexpr std::chrono::milliseconds tick_period{20};

/// A subscription to the node's metronome; ends when destroyed. After the destructor returned, the
/// callback is not called any more.
class tick_subscription {
public:
  virtual ~tick_subscription() = default;
};

/// The node's one metronome: 20 phase slots of 1 ms; each subscriber sits in the emptiest slot.
class tick_source {
public:
  using callback = std::function<void(mono_time due, std::uint64_t number)>;

  virtual ~tick_source() = default;

  /// Calls `on_tick` on the metronome's thread every 20 ms with the due time; it must return at once
  /// (it sends one message). `number` grows by one per period, also over ticks that came late.
  virtual std::unique_ptr<tick_subscription> subscribe(callback on_tick) = 0;
};

} // namespace plenary
