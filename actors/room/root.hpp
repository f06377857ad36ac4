#pragma once

#include "actors/room/roster.hpp"
#include "schema/peer.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

/// Who is in a room and what becomes of it. A pure machine; the room's actor
/// performs its effects.
///
///                first caller              last one left, end
///   [waiting] ----------------> [open] ------------------------------>
///   [closed]
///     |    |                      |                                     ^    ^
///     |    +-- patience, end -----|-------------------------------------+    |
///     |    +-- vacate ------------|-------------------------------------+    |
///     |                           | vacate: everybody hears `relocate`       |
///     |                           v                                          |
///     |                       [vacated] -- last one left, patience, end -----+
///
/// Who leaves a vacated room has moved with it: nobody is told of the leaving,
/// and `end_on_exit` counts at the new place only. Callers have numbers, which
/// no other caller of the room gets as long as it is open.
namespace plenary::room_root {

enum class phase { waiting, open, vacated, closed };

/// What a room begins with.
struct terms {
  std::size_t max_participants = 0;
  std::chrono::seconds patience{10}; ///< for the first caller to come, and for the last to move away
  bool recovers = false;             ///< the room lost its owner: tell when the first caller is back
};

/// Everything the machine remembers; a value.
struct state {
  terms with{};
  phase now = phase::waiting;
  roster members{};
  std::uint32_t last_number = 0;              ///< given to a caller
  std::optional<peer::room_place> moved_to{}; ///< in [vacated]
  mono_time deadline{};                       ///< of [waiting] and [vacated]
};

// -- what happens
// -------------------------------------------------------------------------------------------

/// The first event.
struct opened {
  mono_time now{};
};
/// A leg of a call wants in [refuse or take_in]. `again`: that very leg is in
/// already.
struct asks {
  call_id call;
  bool again = false;
};
/// The caller who was to be taken in is in.
struct entered {
  call_id call;
  participant who;
};
struct left {
  call_id call;
  leave_reason reason = leave_reason::requested;
};
/// Somebody has changed what a caller may do.
struct changed {
  call_id call;
  participation_change what;
};
struct ended {};
/// The room lives elsewhere, under a newer epoch.
struct vacate {
  peer::room_place to;
  mono_time now{};
};
/// A timer is over, perhaps an older one.
struct timeout {
  mono_time now{};
};

using event = std::variant<opened, asks, entered, left, changed, ended, vacate, timeout>;

// -- what is to be done, in this order
// ----------------------------------------------------------------------

struct refuse {
  error why;
};
/// Take the caller's stream in under this number [entered].
struct take_in {
  std::uint32_t number = 0;
};
/// Tell that the caller is in; the first one after the owner was lost: that the
/// room is back.
struct tell_joined {
  call_id call;
  participation how{};
};
struct tell_recovered {};
/// Let the stream go; tell that the caller has left, if it has not moved.
struct release {
  call_id call;
  leave_reason reason = leave_reason::requested;
  bool told = true;
};
/// Tell its leg what the caller may do from now on; `muted` always stands in it.
struct tell_changed {
  call_id call;
  participation_change what;
};
/// Noise is suppressed from now on, or no longer.
struct suppress_noise {
  bool on = false;
};
/// Tell the directory how many callers there are.
struct count {
  std::size_t callers = 0;
};
/// Every leg hears where the room lives.
struct relocate_all {
  peer::room_place to;
};
/// Wake the machine after so long [timeout].
struct start_timer {
  std::chrono::seconds after{0};
};
/// The room is over; tell so, if it does not live on elsewhere.
struct close {
  bool told = true;
};

using effect = std::variant<refuse, take_in, tell_joined, tell_recovered, release, tell_changed,
                            suppress_noise, count, relocate_all, start_timer, close>;

struct outcome {
  state next;
  std::vector<effect> effects;
};

/// Takes one event; what is not known, and everything after [closed], changes
/// nothing.
outcome step(state before, const event& what);

} // namespace plenary::room_root
