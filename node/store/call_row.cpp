#include "node/store/call_row.hpp"

#include "schema/json.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

using nlohmann::json;

json from_time(const std::optional<wall_time>& time) {
  return time ? json(time->time_since_epoch().count()) : json();
}

std::optional<wall_time> to_time(const json& value) {
  if (value.is_null())
    return std::nullopt;
  return wall_time{std::chrono::nanoseconds{value.get<std::int64_t>()}};
}

json from_room(const std::optional<room_key>& room) {
  return room ? json{{"customer", room->customer.value}, {"name", room->name}} : json();
}

std::optional<room_key> to_room(const json& value) {
  if (value.is_null())
    return std::nullopt;
  return room_key{customer_id{value.at("customer").get<std::string>()}, value.at("name").get<std::string>()};
}

json from_cause(const std::optional<hangup_cause>& cause) {
  return cause ? json{{"q850", cause->q850}, {"name", cause->name}} : json();
}

std::optional<hangup_cause> to_cause(const json& value) {
  if (value.is_null())
    return std::nullopt;
  return hangup_cause{value.at("q850").get<int>(), value.at("name").get<std::string>()};
}

json from_caller(const caller_details& caller) {
  return {{"asserted_identity", caller.asserted_identity},
          {"privacy", caller.privacy},
          {"diverted_from", caller.diverted_from},
          {"diversion_reason", caller.diversion_reason},
          {"headers", caller.headers}};
}

caller_details to_caller(const json& value) {
  return {value.at("asserted_identity").get<std::string>(), value.at("privacy").get<std::string>(),
          value.at("diverted_from").get<std::string>(), value.at("diversion_reason").get<std::string>(),
          value.at("headers").get<std::map<std::string, std::string>>()};
}

/// Earlier programs know `code` and `message` alone.
json from_failure(const std::optional<call_failure>& what) {
  if (!what)
    return {};
  return {{"code", to_string(what->reason)}, {"message", what->detail}, {"failure", to_string(what->code)}};
}

call_failure to_failure(const json& value, const std::optional<hangup_cause>& cause) {
  const auto reason = parse_errc(value.at("code").get<std::string>());
  const auto code = parse_failure_code(value.value("failure", ""));
  return {code ? *code : likely_code(cause ? cause->name : "", reason), reason,
          value.at("message").get<std::string>()};
}

/// Rows of programs before these members were known do not have them; rows of later ones may say more.
void read_later_members(const json& row, call_record& record) {
  if (auto found = row.find("sip_call_id"); found != row.end())
    record.sip_call_id = found->get<std::string>();
  if (auto found = row.find("caller"); found != row.end())
    record.caller = to_caller(*found);
  if (auto found = row.find("ended_by"); found != row.end() && !found->is_null())
    record.ended_by = parse_call_ending(found->get<std::string>());
  if (auto found = row.find("error"); found != row.end() && !found->is_null())
    record.error = to_failure(*found, record.cause);
}

call_status to_status(const json& value) {
  auto status = parse_call_status(value.get<std::string>());
  if (!status)
    throw json::other_error::create(501, "unknown call status", &value);
  return *status;
}

call_record to_record(const json& row) {
  call_record record;
  record.id.value = row.at("id").get<std::string>();
  record.customer.value = row.at("customer").get<std::string>();
  record.application.value = row.at("application").get<std::string>();
  record.provider_call_id = row.at("provider_call_id").get<std::string>();
  record.status = to_status(row.at("status"));
  record.direction = row.at("direction") == "outbound" ? call_direction::outbound : call_direction::inbound;
  record.from = row.at("from").get<std::string>();
  record.to = row.at("to").get<std::string>();
  record.node.value = row.at("node").get<std::string>();
  record.room = to_room(row.at("room"));
  record.created_at = to_time(row.at("created_at")).value_or(wall_time{});
  record.answered_at = to_time(row.at("answered_at"));
  record.ended_at = to_time(row.at("ended_at"));
  record.cause = to_cause(row.at("cause"));
  record.variables = row.at("variables").get<std::map<std::string, std::string>>();
  record.last_sequence = row.at("last_sequence").get<std::uint64_t>();
  read_later_members(row, record);
  return record;
}

} // namespace

std::string to_row(const call_record& record) {
  return to_text({
      {"id", record.id.value},
      {"customer", record.customer.value},
      {"application", record.application.value},
      {"provider_call_id", record.provider_call_id},
      {"status", to_string(record.status)},
      {"direction", to_string(record.direction)},
      {"from", record.from},
      {"to", record.to},
      {"node", record.node.value},
      {"room", from_room(record.room)},
      {"created_at", from_time(record.created_at)},
      {"answered_at", from_time(record.answered_at)},
      {"ended_at", from_time(record.ended_at)},
      {"cause", from_cause(record.cause)},
      {"variables", record.variables},
      {"last_sequence", record.last_sequence},
      {"sip_call_id", record.sip_call_id},
      {"caller", from_caller(record.caller)},
      {"ended_by", record.ended_by ? json(to_string(*record.ended_by)) : json()},
      {"error", from_failure(record.error)},
  });
}

result<call_record> from_row(std::string_view text) {
  try {
    return to_record(json::parse(text));
  } catch (const json::exception& why) {
    return fail(errc::storage, fmt::format("stored call record is damaged: {}", why.what()));
  }
}

} // namespace plenary
