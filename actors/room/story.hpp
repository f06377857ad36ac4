#pragma once

#include "actors/edge/event_store.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/room/mix_segment.hpp"
#include "schema/participation.hpp"
#include "schema/peer.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plenary {

/// What a room tells: lines of the log, measurements, and events for the applications that asked for them.
class room_story {
public:
  room_story(room_key key, std::uint64_t epoch, const node_edges& edges);

  /// A room that lost its owner is told of when its callers are back.
  void opened(open_reason reason);
  void joined(const call_id& call, const participation& how);
  /// `told`: as an event too, for who has moved with the room has not left it.
  void left(const call_id& call, leave_reason reason, bool told);
  void controlled(const call_id& call) const;
  void stream_change_failed(const call_id& call, const error& why) const;
  /// `gap`: how long nobody was mixed.
  void recovered(std::chrono::nanoseconds gap);
  void vacated(const node_name& to) const;
  void merged(const node_name& from);
  void paused() const;
  void resumed() const;
  void mixed(std::optional<mix_segment> stretch) const;
  void closed(bool told);

private:
  void tell_subscribers(std::string_view event, const nlohmann::json& data);

  room_key key_;
  std::uint64_t epoch_;
  const node_edges* edges_;
  std::uint64_t told_ = 0; ///< sequence of the latest room event of this epoch
};

} // namespace plenary
