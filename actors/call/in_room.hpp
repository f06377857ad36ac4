#pragma once

#include "actors/call/action.hpp"
#include "actors/call/activity_words.hpp"

namespace plenary::activity {

/// `conference`: the caller stands in a room, or is on its way there.
///
///   begin: join --> [joining] --joined: standing--> [in] --left: finished-->
///                       |                             |
///                       +--failed: finished, refuses  +--stopped: leave     (in [joining] too)
///
/// The join comes before the answer, so that a caller whom no room takes hears 503 and is not charged.
struct in_room {
  room_key room;
  participation how{};
  bool is_in = false;

  /// Room and manners are the action's, customer and number the call's.
  in_room(const flow::conference& what, const call_record& of);

  effects begin() const;
  effects on(const joined& what);
  effects on(const failed& what) const;
  effects on(const left& what) const;
  effects on(const stopped&) const;
};

} // namespace plenary::activity
