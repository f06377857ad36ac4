#pragma once

#include "schema/peer.hpp"

#include <cstdint>
#include <optional>

namespace plenary::media_path {

struct leg {
  std::uint32_t number = 0;
  node_name node;
  sdp_session session;
  bool fresh = false; ///< made for the INVITE itself: no use once the 200 is out
};

/// To be done: close it; a leg that is still being made, when it is there.
struct close_leg {
  std::uint32_t number = 0;
};

/// The legs of one call: one carries the caller, another may be made to take over from it, and the one before
/// it stays as long as it speaks for the caller in the room.
///
///   make --> [next] --take_over--> [current] --take_over of the next one, while inside a room--> [old]
///               |                      | in none                                                   |
///               +-------drop, lost-----+------------------------> gone <-------close_old, lost-----+
///
/// Whoever is gone is inside no room. A number is given once.
struct legs {
  std::uint32_t last_number = 0;
  std::optional<leg> current;          ///< where the caller's media goes
  std::optional<leg> next;             ///< being made, offered or completed
  std::optional<std::uint32_t> old;    ///< was current, still in its room
  std::optional<std::uint32_t> inside; ///< the current or the old leg, when it is in a room
  bool displaced = false;              ///< the room that the current leg is in lives elsewhere now

  bool is_current(std::uint32_t number) const { return current && current->number == number; }
  bool is_next(std::uint32_t number) const { return next && next->number == number; }
  bool is_at(const node_name& node) const { return current && current->node == node; }
  /// True when the leg that carries the caller is in a room.
  bool is_inside() const { return current && inside == current->number; }

  /// A further leg is on its way. There must be no next one.
  const leg& make(bool fresh);
  /// The next leg is the caller's. The one before it is to be closed, unless it is in a room: then it is old.
  std::optional<close_leg> take_over();

  std::optional<close_leg> drop_current() { return drop(current); }
  std::optional<close_leg> drop_next() { return drop(next); }
  std::optional<close_leg> close_old();

private:
  std::optional<close_leg> drop(std::optional<leg>& which);
  std::optional<close_leg> gone(std::uint32_t number);
};

} // namespace plenary::media_path
