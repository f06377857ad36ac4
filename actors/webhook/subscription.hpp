#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

/// Every event of a room: `room.started`, `room.ended`, `room.recovered`, `room.merged`, `room.moved`,
/// `participant.joined`, `participant.left`.
std::span<const std::string_view> room_event_names();

/// True for the name of a room event, `room.*` and `participant.*`.
bool is_subscription(std::string_view text);

/// True when one of the subscriptions is this event's name or the star of its kind.
bool subscribes(const std::vector<std::string>& subscriptions, std::string_view event);

} // namespace plenary
