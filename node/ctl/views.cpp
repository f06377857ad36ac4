#include "node/ctl/views.hpp"

#include "node/ctl/text_table.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

using nlohmann::json;
using row = std::vector<std::string>;

/// The texts of these members of each entry.
std::vector<row> rows_of(const json& list, const std::vector<const char*>& names) {
  std::vector<row> rows;
  for (const auto& entry : list) {
    auto& cells = rows.emplace_back();
    for (const auto* name : names)
      cells.push_back(field_text(entry, name));
  }
  return rows;
}

std::string lines_of(const json& document, const std::vector<const char*>& names) {
  std::string text;
  for (const auto* name : names)
    if (auto value = field_text(document, name); !value.empty())
      text += fmt::format("{:<18}{}\n", name, printable(value));
  return text;
}

/// With a column of customers in front when the entries say whose they are.
std::string customer_table(const json& list, std::vector<table_column> head, std::vector<const char*> names) {
  if (!list.empty() && list.front().contains("customer_id")) {
    head.insert(head.begin(), {"CUSTOMER"});
    names.insert(names.begin(), "customer_id");
  }
  return text_table(head, rows_of(list, names));
}

} // namespace

std::string field_text(const json& document, const char* name) {
  auto found = document.is_object() ? document.find(name) : document.end();
  if (!document.is_object() || found == document.end() || found->is_null())
    return "";
  if (found->is_string())
    return found->get<std::string>();
  if (found->is_boolean())
    return found->get<bool>() ? "yes" : "no";
  if (found->is_object() && found->contains("name"))
    return field_text(*found, "name");
  return found->dump(-1, ' ', false, json::error_handler_t::replace);
}

bool is_true(const json& document, const char* name) {
  return field_text(document, name) == "yes";
}

json list_of(const json& document, const char* name) {
  auto found = document.is_object() ? document.find(name) : document.end();
  return document.is_object() && found != document.end() && found->is_array() ? *found : json::array();
}

std::string nodes_view(const json& document) {
  auto list = list_of(document, "nodes");
  auto rows = rows_of(list, {"name", "state", "rooms", "callers", "calls", "weight", "region", "version",
                             "address", "started_at", "lost_since"});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string links;
    for (const auto& link : list_of(list[i], "links"))
      links += (links.empty() ? "" : " ") + (link.is_string() ? link.get<std::string>() : std::string{});
    rows[i].insert(rows[i].begin() + 9, links);
    if (is_true(list[i], "self"))
      rows[i][0] += " *";
  }
  return text_table({{"NAME"},
                     {"STATE"},
                     {"ROOMS", text_side::right},
                     {"CALLERS", text_side::right},
                     {"CALLS", text_side::right},
                     {"WEIGHT", text_side::right},
                     {"REGION"},
                     {"VERSION"},
                     {"ADDRESS"},
                     {"LINKS"},
                     {"STARTED"},
                     {"LOST SINCE"}},
                    rows);
}

std::string customers_view(const json& document) {
  std::vector<row> rows;
  for (const auto& customer : list_of(document, "customers"))
    for (const auto& application : list_of(customer, "applications"))
      rows.push_back({field_text(customer, "id"), field_text(application, "id"),
                      field_text(application, "numbers"), field_text(application, "max_calls")});
  return text_table(
      {{"CUSTOMER"}, {"APPLICATION"}, {"NUMBERS", text_side::right}, {"MOST CALLS", text_side::right}}, rows);
}

std::string rooms_view(const json& document) {
  std::vector<table_column> head{
      {"ROOM"}, {"NODE"}, {"EPOCH", text_side::right}, {"PARTICIPANTS", text_side::right}, {"CREATED"}};
  std::vector<const char*> names{"name", "node", "epoch", "participant_count", "created_at"};
  return customer_table(list_of(document, "rooms"), std::move(head), std::move(names));
}

std::string room_view(const json& room) {
  return lines_of(room, {"name", "node", "epoch", "created_at", "participant_count", "noise_suppression"}) +
         "\n" +
         text_table(
             {{"CALL"},
              {"FROM"},
              {"LABEL"},
              {"MUTED"},
              {"SPEAKING"},
              {"LEVEL", text_side::right},
              {"GAIN", text_side::right},
              {"END ON EXIT"},
              {"JOINED"}},
             rows_of(list_of(room, "participants"), {"call_id", "from", "label", "muted", "speaking",
                                                     "level_db", "gain_db", "end_on_exit", "joined_at"}));
}

std::string calls_view(const json& document) {
  auto text = customer_table(list_of(document, "calls"),
                             {{"CALL"}, {"STATUS"}, {"FROM"}, {"TO"}, {"ROOM"}, {"NODE"}, {"CREATED"}},
                             {"id", "status", "from", "to", "room", "node", "created_at"});
  for (const auto& node : list_of(document, "nodes_without_answer"))
    text += fmt::format("calls of {} are missing: it did not answer\n", printable(node.dump()));
  return text;
}

std::string call_view(const json& call) {
  return lines_of(call, {"id", "status", "direction", "from", "to", "application_id", "node", "room",
                         "created_at", "answered_at", "ended_at", "duration_seconds", "hangup_cause",
                         "ended_by", "error", "sip_call_id"});
}

std::string drain_view(const json& progress) {
  bool draining = is_true(progress, "draining");
  return fmt::format("{}: {}, {} rooms and {} calls left\n", printable(field_text(progress, "node")),
                     !draining                   ? "not draining"
                     : is_true(progress, "done") ? "drained"
                                                 : "draining",
                     field_text(progress, "rooms_left"), field_text(progress, "calls_left"));
}

} // namespace plenary
