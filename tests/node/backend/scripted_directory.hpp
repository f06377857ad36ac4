#pragma once

#include "actors/protocol.hpp"
#include "tests/support/idle_event_store.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace plenary::test {

/// What a directory says, and what it was asked.
struct directory_script {
  std::deque<result<peer::room_place>> owners; ///< of any room, one after the other; the last one stays
  listed_rooms rooms;
  described_members members;
  std::function<result<peer_reply>(const ask_node&)> nodes;
  bool silent = false; ///< nodes do not answer at all
  std::vector<ask_node> asked;
  std::vector<std::string> told; ///< what peers did, in order; their requests are answered with done
};

inline result<peer::room_place> next_owner(directory_script& script) {
  auto owner = script.owners.front();
  if (script.owners.size() > 1)
    script.owners.pop_front();
  return owner;
}

/// A directory that answers the API's questions by the script and nothing else.
inline directory_actor::behavior_type scripted_directory(directory_actor::pointer self,
                                                         directory_script* script) {
  auto none = [] { return fail(errc::not_found, "not in the script"); };
  return {
      [none](const locate_room&) -> result<peer::room_place> { return none(); },
      [none](const find_room&) -> result<room_location> { return none(); },
      [script](const find_owner&) { return next_owner(*script); },
      [script](const list_rooms&) { return script->rooms; },
      [](const room_emptied&) {},
      [](const room_counted&) {},
      [none](const place_leg&) -> result<leg_location> { return none(); },
      [none](const start_leg&) -> result<leg_location> { return none(); },
      [none](const find_leg&) -> result<leg_location> { return none(); },
      [self, script](const ask_node& message) -> caf::result<result<peer_reply>> {
        script->asked.push_back(message);
        if (script->silent)
          return self->make_response_promise<result<peer_reply>>();
        return script->nodes(message);
      },
      [script](const describe_members&) { return script->members; },
      [script](const link_came_up& message) { script->told.push_back("up " + message.peer.name.value); },
      [script](const status_came& message) { script->told.push_back("status " + message.peer.value); },
      [script](const link_went_down& message) { script->told.push_back("down " + message.peer.value); },
      [script](const peer_request_came& message) {
        script->told.push_back("request " + message.peer.value);
        message.answer(peer_reply{peer::done{}});
      },
      [](directory_tick) {},
      [](const set_draining&) {},
      [](const describe_drain&) { return drain_progress{}; },
  };
}

/// Calls in memory; nothing else is asked of it.
class call_book final : public idle_event_store {
public:
  bool shared() const override { return is_shared; }
  void commit(commit_batch, callback<void> done) override { done({}); }
  void find_call(call_id id, callback<std::optional<call_record>> done) override {
    if (away)
      return;
    auto found = calls.find(id);
    done(found == calls.end() ? std::optional<call_record>{} : std::optional{found->second});
  }

  bool is_shared = false;
  bool away = false; ///< never answers
  std::map<call_id, call_record> calls;
};

} // namespace plenary::test
