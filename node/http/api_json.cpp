#include "node/http/api_json.hpp"

#include <algorithm>

namespace plenary {

namespace {

using nlohmann::json;

json time_json(const std::optional<wall_time>& time) {
  return time ? json(to_rfc3339(*time)) : json(nullptr);
}

/// Whole seconds from answer to end; 0 for a call that was never answered, null while it goes on.
json duration_json(const call_record& call) {
  if (!call.ended_at)
    return nullptr;
  auto length = *call.ended_at - call.answered_at.value_or(*call.ended_at);
  return std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(length).count());
}

json participant_json(const participant_snapshot& participant) {
  return {{"call_id", participant.call.value},
          {"muted", participant.muted},
          {"end_on_exit", participant.end_on_exit},
          {"speaking", participant.speaking},
          {"joined_at", to_rfc3339(participant.joined_at)}};
}

} // namespace

json call_json(const call_record& call) {
  return {{"id", call.id.value},
          {"status", to_string(call.status)},
          {"direction", to_string(call.direction)},
          {"from", call.from},
          {"to", call.to},
          {"application_id", call.application.value},
          {"customer_id", call.customer.value},
          {"provider_call_id", call.provider_call_id},
          {"metadata", json::object()},
          {"route_mode", "webhook"},
          {"routing_target", call.application.value},
          {"created_at", to_rfc3339(call.created_at)},
          {"answered_at", time_json(call.answered_at)},
          {"ended_at", time_json(call.ended_at)},
          {"duration_seconds", duration_json(call)},
          {"hangup_cause",
           call.cause ? json{{"q850", call.cause->q850}, {"name", call.cause->name}} : json(nullptr)},
          {"room", call.room ? json(call.room->name) : json(nullptr)},
          {"node", call.node.value},
          {"variables", call.variables}};
}

json room_summary_json(const room_snapshot& room) {
  return {{"name", room.key.name},
          {"node", room.node.value},
          {"epoch", room.epoch},
          {"created_at", to_rfc3339(room.created_at)},
          {"participant_count", room.participants.size()}};
}

json room_json(const room_snapshot& room) {
  auto document = room_summary_json(room);
  document["participants"] = json::array();
  for (const auto& participant : room.participants)
    document["participants"].push_back(participant_json(participant));
  return document;
}

bool is_ready(const readiness& state) {
  return !state.draining &&
         std::all_of(state.checks.begin(), state.checks.end(), [](const auto& check) { return check.ok; });
}

json readiness_json(const readiness& state) {
  auto checks = json::array();
  for (const auto& check : state.checks)
    checks.push_back({{"name", check.name}, {"ok", check.ok}, {"detail", check.detail}});
  return {{"status", state.draining    ? "draining"
                     : is_ready(state) ? "ready"
                                       : "not_ready"},
          {"checks", checks}};
}

} // namespace plenary
