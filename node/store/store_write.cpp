#include "node/store/store_write.hpp"

#include "node/store/call_row.hpp"
#include "schema/json.hpp"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

namespace plenary {

namespace {

using nlohmann::json;

std::int64_t nanoseconds(wall_time time) {
  return time.time_since_epoch().count();
}

wall_time to_time(const json& value) {
  return wall_time{std::chrono::nanoseconds{value.get<std::int64_t>()}};
}

json from_outcome(const delivery_outcome& outcome) {
  return {{"event", outcome.event_id},
          {"what", static_cast<int>(outcome.what)},
          {"next", nanoseconds(outcome.next_attempt)},
          {"reason", outcome.reason}};
}

delivery_outcome to_outcome(const json& row) {
  return {row.at("event").get<std::string>(), static_cast<delivery_outcome::kind>(row.at("what").get<int>()),
          to_time(row.at("next")), row.at("reason").get<std::string>()};
}

outbox_event to_event(const json& row) {
  outbox_event event;
  event.id = row.at("id").get<std::string>();
  event.application.value = row.at("application").get<std::string>();
  event.call.value = row.at("call").get<std::string>();
  event.name = row.at("name").get<std::string>();
  event.sequence = row.at("sequence").get<std::uint64_t>();
  event.created_at = to_time(row.at("created_at"));
  event.body = row.at("body").get<std::string>();
  event.stream = row.at("stream").get<std::string>();
  if (event.stream == event.call.value)
    event.stream.clear();
  return event;
}

/// A record that does not read back is damage: the write as a whole is refused.
result<store_write> to_write(const json& row) {
  store_write write;
  for (const auto& text : row.at("calls")) {
    auto record = from_row(text.get<std::string>());
    if (!record)
      return tl::unexpected(record.error());
    write.batch.calls.push_back(std::move(*record));
  }
  for (const auto& event : row.at("events"))
    write.batch.events.push_back(to_event(event));
  for (const auto& outcome : row.at("outcomes"))
    write.outcomes.push_back(to_outcome(outcome));
  return write;
}

} // namespace

store_write merged(const std::vector<const store_write*>& writes) {
  store_write whole;
  std::unordered_map<call_id, std::size_t> places;
  std::unordered_set<std::string_view> settled;
  for (const auto* write : writes) {
    for (const auto& record : write->batch.calls) {
      auto [place, added] = places.try_emplace(record.id, whole.batch.calls.size());
      if (added)
        whole.batch.calls.push_back(record);
      else if (auto& known = whole.batch.calls[place->second]; !is_terminal(known.status))
        known = record;
    }
    whole.batch.events.insert(whole.batch.events.end(), write->batch.events.begin(),
                              write->batch.events.end());
    for (const auto& outcome : write->outcomes)
      if (settled.insert(outcome.event_id).second)
        whole.outcomes.push_back(outcome);
  }
  return whole;
}

json to_json(const std::vector<outbox_event>& events) {
  auto rows = json::array();
  for (const auto& event : events)
    rows.push_back({{"id", event.id},
                    {"application", event.application.value},
                    {"call", event.call.value},
                    {"stream", ordering_key(event)},
                    {"name", event.name},
                    {"sequence", static_cast<std::int64_t>(event.sequence)},
                    {"created_at", nanoseconds(event.created_at)},
                    {"body", event.body}});
  return rows;
}

std::string to_row(const store_write& write) {
  json row{{"calls", json::array()}, {"events", to_json(write.batch.events)}, {"outcomes", json::array()}};
  for (const auto& call : write.batch.calls)
    row["calls"].push_back(to_row(call));
  for (const auto& outcome : write.outcomes)
    row["outcomes"].push_back(from_outcome(outcome));
  return to_text(row);
}

result<store_write> write_from_row(std::string_view text) {
  try {
    return to_write(json::parse(text));
  } catch (const json::exception& why) {
    return fail(errc::storage, fmt::format("a spooled write is damaged: {}", why.what()));
  }
}

} // namespace plenary
