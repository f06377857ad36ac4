#include "node/http/api_json.hpp"

#include "schema/caller_json.hpp"
#include "schema/participation_json.hpp"

#include <algorithm>
#include <cmath>

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

/// Decibels for people: to a tenth.
double rounded(float decibels) {
  return std::round(static_cast<double>(decibels) * 10) / 10;
}

json participant_json(const participant_snapshot& participant) {
  json document{{"call_id", participant.call.value},
                {"speaking", participant.speaking},
                {"joined_at", to_rfc3339(participant.joined_at)},
                {"levelling", participant.how.level.automatic},
                {"level_db", nullptr},
                {"gain_db", rounded(participant.gain_db)}};
  if (participant.level_db)
    document["level_db"] = rounded(*participant.level_db);
  add_participation(document, participant.how);
  return document;
}

json summary_json(const room_snapshot& room) {
  return {{"name", room.key.name},
          {"node", room.node.value},
          {"epoch", room.epoch},
          {"created_at", to_rfc3339(room.created_at)},
          {"participant_count", room.participants.size()}};
}

std::string_view state_name(const node_description& node) {
  return node.lost_since ? "lost" : to_string(node.status.phase);
}

wall_time started_at(const node_description& node) {
  return wall_time{std::chrono::nanoseconds{static_cast<std::int64_t>(node.identity.incarnation)}};
}

} // namespace

json call_json(const call_record& call) {
  json document = {{"id", call.id.value},
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
                   {"hangup_cause", call.cause ? json{{"q850", call.cause->q850}, {"name", call.cause->name}}
                                               : json(nullptr)},
                   {"room", call.room ? json(call.room->name) : json(nullptr)},
                   {"node", call.node.value},
                   {"last_sequence", call.last_sequence},
                   {"variables", call.variables},
                   {"sip_call_id", nullptr},
                   {"asserted_identity", nullptr},
                   {"privacy", nullptr},
                   {"diversion", nullptr},
                   {"headers", json::object()},
                   {"ended_by", call.ended_by ? json(to_string(*call.ended_by)) : json(nullptr)},
                   {"error", call.error ? failure_json<json>(*call.error) : json(nullptr)}};
  add_caller(document, call);
  return document;
}

json listed_room_json(const listed_room& room) {
  json document{{"name", room.key.name},
                {"node", room.place.owner.value},
                {"epoch", room.place.epoch},
                {"created_at", nullptr},
                {"participant_count", nullptr}};
  if (room.details)
    document.update(summary_json(*room.details));
  return document;
}

json room_json(const room_snapshot& room) {
  auto document = summary_json(room);
  document["noise_suppression"] = room.noise_suppression ? json(*room.noise_suppression) : json(nullptr);
  document["participants"] = json::array();
  for (const auto& participant : room.participants)
    document["participants"].push_back(participant_json(participant));
  return document;
}

json node_json(const node_description& node) {
  auto links = json::array();
  for (const auto& peer : node.status.links)
    links.push_back(peer.name.value);
  return {{"name", node.identity.name.value},
          {"self", node.self},
          {"address", node.identity.address},
          {"state", state_name(node)},
          {"lost_since", time_json(node.lost_since)},
          {"incarnation", std::to_string(node.identity.incarnation)}, // beyond what a double holds
          {"started_at", to_rfc3339(started_at(node))},
          {"version", node.identity.version},
          {"region", node.identity.region},
          {"weight", node.identity.weight},
          {"rooms", node.status.rooms},
          {"calls", node.status.calls},
          {"callers", node.status.callers},
          {"links", std::move(links)}};
}

json drain_json(const node_description& node) {
  bool draining = !node.lost_since && node.status.phase == member_phase::draining;
  return {{"node", node.identity.name.value},
          {"state", state_name(node)},
          {"draining", draining},
          {"done", draining && node.status.rooms == 0 && node.status.calls == 0},
          {"rooms_left", node.status.rooms},
          {"calls_left", node.status.calls}};
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
