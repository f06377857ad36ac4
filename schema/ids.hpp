#pragma once

#include <chrono>
#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace plenary {

/// UTC wall-clock time as it stands in records and events; never used to measure durations.
using wall_time = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Monotonic time of this node, the only clock of the audio path and of timers.
using mono_time = std::chrono::steady_clock::time_point;

/// A string with a meaning: two different ids cannot be mixed up.
template <class Tag>
struct named_id {
  std::string value;

  friend auto operator<=>(const named_id&, const named_id&) = default;
};

/// `call_<UTC stamp>.<nanoseconds>_<node>`: sorts by time and names the node that holds the call.
using call_id = named_id<struct call_id_tag>;
/// Configured id of an application, for example `app_demo`.
using application_id = named_id<struct application_id_tag>;
/// Configured id of a customer, the scope of room names.
using customer_id = named_id<struct customer_id_tag>;
/// Name of a node, 1 to 63 of `a-z 0-9 -`.
using node_name = named_id<struct node_name_tag>;

/// A room's identity: equal names of two customers are two rooms.
struct room_key {
  customer_id customer;
  std::string name; ///< 1 to 128 of `A-Z a-z 0-9 . - _`, case-sensitive

  friend auto operator<=>(const room_key&, const room_key&) = default;
};

/// The placement directory's key of a room: `<customer>/<name>`.
std::string placement_key(const room_key& key);

/// True for 1 to 128 characters of `A-Z a-z 0-9 . - _`.
bool is_room_name(std::string_view name);

/// True for 1 to 63 characters of `a-z 0-9 -` that start and end with a letter or digit.
bool is_node_name(std::string_view name);

/// Makes call ids of one node: unique as long as the wall clock is not set back across a restart.
class call_id_source {
public:
  explicit call_id_source(node_name node);

  /// The next id; strictly greater than every id that this source gave before, whatever the clock does.
  call_id next(wall_time now);

private:
  node_name node_;
  wall_time last_{};
};

/// The node that a call id names, or nothing when the text is no call id.
std::optional<node_name> node_of(const call_id& id);

/// RFC 3339 UTC with milliseconds, for example `2026-05-29T12:00:00.123Z`.
std::string to_rfc3339(wall_time time);

} // namespace plenary

template <class Tag>
struct std::hash<plenary::named_id<Tag>> {
  std::size_t operator()(const plenary::named_id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.value);
  }
};

template <>
struct std::hash<plenary::room_key> {
  std::size_t operator()(const plenary::room_key& key) const noexcept {
    return std::hash<std::string>{}(key.customer.value) * 31 + std::hash<std::string>{}(key.name);
  }
};
