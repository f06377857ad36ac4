#include "node/ctl/explain.hpp"

#include "node/ctl/text_table.hpp"
#include "node/ctl/views.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

using nlohmann::json;

json timeline_of(const json& call) {
  auto timeline = json::array();
  auto add = [&](const char* member, std::string what) {
    if (auto at = field_text(call, member); !at.empty())
      timeline.push_back({{"at", at}, {"what", std::move(what)}});
  };
  add("created_at",
      fmt::format("{} call from {} to {} reached {}; application {} answers it",
                  field_text(call, "direction"), field_text(call, "from"), field_text(call, "to"),
                  field_text(call, "node"), field_text(call, "application_id")));
  add("answered_at", "answered");
  add("ended_at", fmt::format("ended: {}, {}, after {} s", field_text(call, "status"),
                              field_text(call, "hangup_cause"), field_text(call, "duration_seconds")));
  return timeline;
}

/// What the list of nodes says of one of them, for example `live`; nothing without a list.
std::string state_of(const json& nodes, const std::string& name) {
  for (const auto& node : list_of(nodes, "nodes"))
    if (field_text(node, "name") == name)
      return field_text(node, "state");
  return nodes.is_null() ? "" : "not a member now";
}

std::string with_state(const json& nodes, const std::string& name) {
  auto state = state_of(nodes, name);
  return state.empty() ? name : fmt::format("{} ({})", name, state);
}

json participant_of(const json& room, const std::string& call) {
  for (const auto& participant : list_of(room, "participants"))
    if (field_text(participant, "call_id") == call)
      return participant;
  return nullptr;
}

void tell_of_room(json& now, const json& call, const json& room, const json& nodes) {
  auto name = field_text(call, "room");
  if (room.is_null()) {
    now.push_back(fmt::format("it is in room {}, whose owner does not answer now", name));
    return;
  }
  now.push_back(fmt::format("it is in room {}: owner {}, epoch {}, {} participants", name,
                            with_state(nodes, field_text(room, "node")), field_text(room, "epoch"),
                            field_text(room, "participant_count")));
  if (field_text(room, "node") != field_text(call, "node"))
    now.push_back(
        "the room is not on the node of its signalling: its media goes straight to the room's node");
  auto own = participant_of(room, field_text(call, "id"));
  if (own.is_null())
    now.push_back("the room does not list it: it is entering, leaving or being moved");
  else
    now.push_back(fmt::format("in the room since {}, {}, {}", field_text(own, "joined_at"),
                              is_true(own, "muted") ? "muted" : "not muted",
                              is_true(own, "speaking") ? "speaking" : "silent"));
}

} // namespace

json call_story(const json& call, const json& room, const json& nodes) {
  auto now = json::array();
  if (field_text(call, "ended_at").empty()) {
    now.push_back(fmt::format("it is {}; its signalling is on {}", field_text(call, "status"),
                              with_state(nodes, field_text(call, "node"))));
    if (!field_text(call, "room").empty())
      tell_of_room(now, call, room, nodes);
    else
      now.push_back("it is in no room");
  }
  if (auto events = field_text(call, "last_sequence"); !events.empty())
    now.push_back(fmt::format("events committed so far: {}", events));
  return {{"call", call}, {"room", room}, {"timeline", timeline_of(call)}, {"now", std::move(now)}};
}

std::string story_view(const json& story) {
  auto text = printable(field_text(story.at("call"), "id")) + "\n\n";
  for (const auto& step : story.at("timeline"))
    text += fmt::format("{}  {}\n", printable(field_text(step, "at")), printable(field_text(step, "what")));
  text += "\n";
  for (const auto& sentence : story.at("now"))
    text += fmt::format("- {}\n", printable(sentence.get<std::string>()));
  return text;
}

} // namespace plenary
