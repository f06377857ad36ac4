#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace plenary {

/// What a service manager must know of a node.
enum class service_phase {
  starting, ///< its parts are on their way
  ready,    ///< takes calls
  waiting,  ///< takes no calls: it is no member of its cluster now, or not yet
  leaving,  ///< takes nothing new; may be called back over the API
  stopping  ///< ends, whatever comes
};

/// Decides what a service manager is told, and when (sd_notify(3)): READY=1 once, when the node takes calls
/// for the first time; STATUS= with every change; STOPPING=1 once; WATCHDOG=1 four times an interval, only
/// while the threads get on. A start that awaits its cluster asks for more time, as does a node that moves
/// its rooms away before it ends. Pure.
class service_story {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `watchdog`: the manager's interval; nothing: it does not watch. `longest_end`: for this long after it
  /// has begun to leave, a node asks for more time.
  service_story(std::optional<std::chrono::microseconds> watchdog, std::chrono::seconds longest_end);

  /// Lines for one datagram; empty: nothing is to be told. `alive`: every thread gets on.
  std::string step(time_point now, service_phase phase, bool alive);

private:
  static bool is_due(std::optional<time_point>& last, time_point now, std::chrono::microseconds period);
  bool needs_time(time_point now, service_phase phase);

  std::optional<std::chrono::microseconds> watchdog_;
  std::chrono::seconds longest_end_;
  std::optional<time_point> leaving_since_;
  std::optional<service_phase> told_;
  bool ready_told_ = false;
  std::optional<time_point> fed_;
  std::optional<time_point> asked_for_time_;
};

} // namespace plenary
