#include "actors/webhook/envelope.hpp"

#include "schema/caller_json.hpp"
#include "schema/result.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

/// Keeps the members in the order in which people read them.
using ordered_json = nlohmann::ordered_json;

ordered_json call_members(const call_record& record) {
  ordered_json members = {{"id", record.id.value},
                          {"customer_id", record.customer.value},
                          {"application_id", record.application.value},
                          {"provider_call_id", record.provider_call_id},
                          {"status", to_string(record.status)},
                          {"direction", to_string(record.direction)},
                          {"from", record.from},
                          {"to", record.to},
                          {"route_mode", "webhook"},
                          {"routing_target", record.application.value}};
  add_caller(members, record);
  return members;
}

ordered_json data_members(const call_record& record, std::string_view name, const nlohmann::json& data) {
  PLENARY_ASSERT(data.is_object() || data.is_null());
  ordered_json members = data.is_null() ? ordered_json::object() : ordered_json(data);
  members["event_key"] = fmt::format("{}:{}", record.id.value, name);
  return members;
}

std::string to_bytes(const ordered_json& envelope) {
  return envelope.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// `~` stands in no id and no name, and needs no escape in a URL.
std::string room_stream(const room_event& what, const application_id& application) {
  return fmt::format("room~{}~{}~{}~{}", what.key.customer.value, what.key.name, what.epoch,
                     application.value);
}

ordered_json room_data(const room_event& what) {
  PLENARY_ASSERT(what.data.is_object() || what.data.is_null());
  ordered_json members = what.data.is_null() ? ordered_json::object() : ordered_json(what.data);
  members["room"] = {{"name", what.key.name},
                     {"customer_id", what.key.customer.value},
                     {"node", what.node.value},
                     {"epoch", what.epoch}};
  members["event_key"] =
      fmt::format("{}:{}:{}:{}", placement_key(what.key), what.epoch, what.sequence, what.name);
  return members;
}

} // namespace

std::string event_id(const call_id& call, std::uint64_t sequence) {
  constexpr std::string_view prefix = "call_";
  std::string_view name = call.value;
  if (name.starts_with(prefix))
    name.remove_prefix(prefix.size());
  return fmt::format("evt_{}_{}", name, sequence);
}

outbox_event make_event(const call_record& record, std::string_view name, wall_time now,
                        const nlohmann::json& data) {
  auto sequence = record.last_sequence + 1;
  auto id = event_id(record.id, sequence);
  ordered_json envelope{{"id", id},
                        {"event", name},
                        {"created_at", to_rfc3339(now)},
                        {"sequence", sequence},
                        {"call", call_members(record)},
                        {"variables", record.variables},
                        {"data", data_members(record, name, data)}};
  if (record.variables.empty())
    envelope["variables"] = ordered_json::object();
  return {std::move(id), record.application, record.id, std::string{name}, sequence,
          now,           to_bytes(envelope), ""};
}

outbox_event make_room_event(const room_event& what, const application_id& application, wall_time now) {
  auto stream = room_stream(what, application);
  auto id = fmt::format("evt_{}~{}", stream, what.sequence);
  ordered_json envelope{{"id", id},
                        {"event", what.name},
                        {"created_at", to_rfc3339(now)},
                        {"sequence", what.sequence},
                        {"call", nullptr},
                        {"variables", ordered_json::object()},
                        {"data", room_data(what)}};
  return {std::move(id),      application,      {}, what.name, what.sequence, now,
          to_bytes(envelope), std::move(stream)};
}

} // namespace plenary
