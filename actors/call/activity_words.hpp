#pragma once

#include "actors/call/media_news.hpp"
#include "schema/call.hpp"
#include "schema/call_failure.hpp"
#include "schema/participation.hpp"

#include <optional>
#include <variant>
#include <vector>

/// What the action that runs hears, and what it wants.
namespace plenary::activity {

using media_path::failed;
using media_path::joined;
using media_path::left;
/// The call ends: nothing of the action may be left behind.
struct stopped {};

using event = std::variant<joined, failed, left, stopped>;

/// To be done: enter the room [joined or failed, then left once].
struct join {
  room_key room;
  participation how{};
};
/// To be done: leave the room, also when the join is not answered yet; its answers mean nothing any more.
struct leave {
  room_key room;
};
/// To the call: the caller stands in this room. Whoever is not answered yet may be answered now.
struct standing {
  room_key room;
};
/// To the call: the action is over, and the flow goes on.
struct finished {
  std::optional<call_failure> failure; ///< it could not be done, or not to its end
  call_ending by = call_ending::flow;  ///< who ended the call, when this was its last action
  bool refuses = false;                ///< a call that is not answered yet ends with the failure
};

using effect = std::variant<join, leave, standing, finished>;
using effects = std::vector<effect>; ///< to be done in this order

} // namespace plenary::activity
