#pragma once

#include "actors/call/call_machine.hpp"
#include "tests/call/two_rooms.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <vector>

namespace plenary::call_machine {

inline state new_call(application app = {}) {
  if (app.answer_url.empty())
    app.answer_url = "http://c/answer";
  call_record record;
  record.id = {"call_20260529T120000.000000001_n"};
  record.customer = {"cust"};
  return {std::move(app), std::move(record)};
}

/// Names an effect in a few words.
struct effect_namer {
  std::string operator()(const commit& what) const {
    return fmt::format("commit {} {}", what.events.at(0).name, to_string(what.record.status));
  }
  std::string operator()(const ring&) const { return "ring"; }
  std::string operator()(const fetch& what) const { return "fetch " + what.url; }
  std::string operator()(const place_leg& what) const {
    return "place_leg " + (what.room ? what.room->name : "-");
  }
  std::string operator()(const complete_leg& what) const { return "complete_leg " + what.answer; }
  std::string operator()(const accept& what) const { return "accept " + what.sdp; }
  std::string operator()(const reject& what) const { return fmt::format("reject {}", what.status); }
  std::string operator()(const join& what) const {
    return fmt::format("join {}{}{}", what.room.name, what.how.muted ? " mute" : "",
                       what.how.end_on_exit ? " end" : "");
  }
  std::string operator()(const leave& what) const { return "leave " + what.room.name; }
  std::string operator()(const hang_up& what) const { return "hang_up " + what.cause.name; }
  std::string operator()(const close_leg&) const { return "close_leg"; }
  std::string operator()(const warn_ignored&) const { return "warn"; }
  std::string operator()(const source_failed&) const { return "source_failed"; }
  std::string operator()(const finish&) const { return "finish"; }
};

/// Drives a machine on simulated time, one second a step, and keeps all effects.
class player {
public:
  explicit player(state start = new_call())
      : now(std::move(start)) {}

  /// One step; gives its effects as one line.
  std::string tell(const event& what) {
    time += std::chrono::seconds{1};
    auto [next, effects] = step(std::move(now), what, time);
    now = std::move(next);
    std::string line;
    for (auto& each : effects) {
      line += (line.empty() ? "" : ", ") + std::visit(effect_namer{}, each);
      all.push_back(std::move(each));
    }
    return line;
  }

  std::string stored() { return tell(committed{}); }
  std::string document(const std::string& body, int status = 200) {
    return tell(document_fetched{{now.flow.fetch_number, flow::http_answer{status, body}}});
  }

  /// A call that talks in room `a`.
  void talk() {
    tell(incoming{});
    stored();
    document(R"({"actions":[{"conference":{"room":"a"}}]})");
    tell(leg_opened{opened_leg{"sdp", false}});
    tell(room_joined{{{"cust"}, "a"}});
    stored();
    tell(confirmed{});
  }

  /// On the way into a room, or in one.
  bool awaits_room() const { return std::holds_alternative<activity::in_room>(now.activity); }
  bool is_joined() const { return awaits_room() && std::get<activity::in_room>(now.activity).is_in; }

  state now;
  wall_time time{std::chrono::sys_days{std::chrono::May / 29 / 2026}};
  std::vector<effect> all;
};

} // namespace plenary::call_machine
