#pragma once

#include "actors/call/media_news.hpp"
#include "schema/peer.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace plenary::media_path {

/// A whole change of the media, from its reason to the room, must be done in this time.
inline constexpr std::chrono::milliseconds patience{5000};

/// Wait before a place that is being decided is asked for again; the first time there is none.
inline constexpr std::chrono::milliseconds retry_pause{100};

/// A caller whose node is held, cut off from the majority, stays; so long until the place is asked for again.
inline constexpr std::chrono::milliseconds held_pause{200};

/// True for what another attempt, after asking the directory again, may mend.
bool may_pass(errc code);

/// What the change under way waits for; `idle`: there is none.
enum class phase { idle, locating, making, offering, completing, entering, waiting };

/// What the call waits for.
enum class awaited { nothing, leg, completion, room };

struct wish {
  room_key room;
  participation how{};
};

/// To be done: ask the directory [located].
struct locate {
  std::uint64_t turn = 0;
  room_key room;
};
/// To be done [waited].
struct wait {
  std::uint64_t turn = 0;
  std::chrono::milliseconds delay{0};
};
/// To be done [patience_over after `patience`].
struct start_patience {
  std::uint64_t clock = 0;
};
/// To be told: a call that had media before moves it, from now on.
struct move_started {};
struct move_ended {
  bool done = false;
};

/// The change under way: what it is for, how far it is, and how often it was tried. It asks questions and
/// sets timers; answers to older ones mean nothing.
///
///   start --> [a step] --enter--> [the next one] ... --end--> [idle]
///               |   ^
///         pause v   | its turn comes
///             [waiting]
struct pursuit {
  phase now = phase::idle;
  awaited by_call = awaited::nothing;
  std::optional<wish> wanted;             ///< the room that the call is in or on its way to
  std::optional<room_key> near;           ///< where the first leg is to be placed
  std::optional<peer::room_place> place;  ///< of `wanted`, as it was found in this change
  std::optional<peer::room_place> moving; ///< the room's message that overtook its answer
  std::optional<error> leaving;           ///< the leg was told to leave its room, for this reason
  bool counted = false;                   ///< this change moves a call that had media before
  int attempt = 0;
  std::size_t refusals = 0;   ///< of our re-INVITE in this change
  std::uint64_t turn = 0;     ///< of timers and questions to the directory; older ones mean nothing
  std::uint64_t clocks = 0;   ///< patience timers started
  std::uint64_t deadline = 0; ///< the patience timer in force; 0: none

  /// True when the answer of this turn is what the change waits for in this phase.
  bool awaits(phase where, std::uint64_t asked) const { return now == where && turn == asked; }
  bool is_overdue(std::uint64_t clock) const { return deadline != 0 && clock == deadline; }
  /// True for a caller whom a room has had before.
  bool had_room() const { return wanted && by_call == awaited::nothing; }

  /// True when the call waits for this; it does no longer.
  bool answers(awaited what);
  /// What the call hears of the change's end in failure, when it waits for something.
  std::optional<news> failed_with(const error& why);

  /// The patience of a change begins, whichever change it is.
  start_patience start();
  /// Where is the room that is wanted?
  locate ask();
  /// Nothing to do until somebody says go on.
  void stall();
  wait pause(std::chrono::milliseconds length);
  /// Everything again, after a while.
  wait pause_before_retry();
  /// The re-INVITE again: it was refused. We do not own the Call-ID: 0 to 2 s (RFC 3261 section 14.1).
  wait pause_before_offer();
  /// A leg is made for it: once a change, that is a move, unless it is the call's first leg.
  std::optional<move_started> count();
  /// The change is over.
  std::optional<move_ended> end(bool done);
  /// No change any more, and nobody counts it.
  void forget();
};

} // namespace plenary::media_path
