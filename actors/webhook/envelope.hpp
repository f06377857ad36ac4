#pragma once

#include "schema/call.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace plenary {

/// Id of the event of that call and sequence: the same whoever makes it, before and after a restart.
std::string event_id(const call_id& call, std::uint64_t sequence);

/// The next event of a call, with sequence `record.last_sequence + 1`; the caller stores that sequence in the
/// record before it commits both. `data` is an object or null; `event_key` is added to it.
outbox_event make_event(const call_record& record, std::string_view name, wall_time now,
                        const nlohmann::json& data = nullptr);

/// What happened in a room.
struct room_event {
  room_key key;
  node_name node; ///< that owns the room
  std::uint64_t epoch = 0;
  std::string name;           ///< one of room_event_names()
  std::uint64_t sequence = 0; ///< 1, 2, ... within the room's epoch
  nlohmann::json data;        ///< an object or null; becomes part of the event's `data`
};

/// The event as one application hears it: the envelope of call events with `call` null and with `data.room`.
/// Events of one room, epoch and application are in order; the id is the same whoever makes the event.
outbox_event make_room_event(const room_event& what, const application_id& application, wall_time now);

} // namespace plenary
