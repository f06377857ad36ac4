#pragma once

#include "actors/call/flow.hpp"
#include "actors/call/media_news.hpp"
#include "schema/call.hpp"

/// The whole life of an inbound call as one pure machine. Records and events are committed before anything
/// acts on them.
///
///   [fresh] --incoming--> [creating: commit call.created] --committed--> ring, ask the answer_url
///                                                                              |
///      +------------------------- [preparing: flow runs, no leg] <-------------+
///      | first conference
///      v
///   [opening: place_leg] --leg_opened--> [joining: join] --room_joined--> [answering: commit call.answered]
///          |                                                                   | committed: accept
///          | leg made the offer (INVITE without SDP)                           v
///          +--> [answering] --> accept --> [confirming] --confirmed--> [talking: flow runs; end of it:
///          ending]
///                                              | our offer was answered: complete_leg       ^
///                                              +--> [completing] --leg_completed, join------+
///
///   any of these, on cancel, hang-up, end of the flow, timeout, drain:
///   [ending: commit the one terminal event] --committed, leg known--> reject or hang_up, close_leg, finish
///   [finished]
///
///   [fresh] --restarted--> [ending: call.failed, node_restart]
///
/// The join comes before the answer, so that a caller whom no room takes hears 503 and is not charged; only
/// an INVITE without SDP is answered first, since nobody knows yet how that caller can hear. A call whose
/// first commit fails is refused without a story. Whatever the store says, the caller is let go in the end.
namespace plenary::call_machine {

enum class phase {
  fresh,
  creating,
  preparing,
  opening,
  joining,
  answering,
  confirming,
  completing,
  talking,
  ending,
  finished
};

/// Everything the machine remembers; a value.
struct state {
  state() = default;
  /// `record` holds what is known at the start: ids, numbers, node; the machine keeps the rest of it up to
  /// date.
  state(application settings, call_record known)
      : flow(std::move(settings))
      , record(std::move(known)) {}

  phase now = phase::fresh;
  flow::state flow;
  call_record record;
  bool caller_gone = false; ///< BYE, CANCEL or a dead dialog: nothing more is sent to the caller
  bool accepted = false;    ///< the 200 was sent
  bool placing = false;     ///< place_leg was asked and not answered yet
  bool leg_open = false;
  bool late_offer = false;                    ///< the leg made the offer; its answer comes with the ACK
  bool committing = false;                    ///< a commit is under way
  std::string local_sdp;                      ///< to accept with
  std::optional<flow::conference> conference; ///< where the caller is, or is about to be
  bool joined = false;
  std::optional<hangup_cause> ending_cause; ///< set once; the first cause counts
  call_ending ended_by = call_ending::node; ///< beside it
};

/// What happens to the call.
struct incoming {};
/// The commit under way ended.
struct committed {
  result<void> stored;
};
struct document_fetched {
  flow::fetched what;
};
/// The leg that `place_leg` asked for.
using leg_opened = media_path::opened;
using media_path::opened_leg;
using leg_replaced = media_path::replaced;
/// ACK; `answer` when the offer was ours.
struct confirmed {
  std::optional<std::string> answer;
};
using leg_completed = media_path::answer_taken;
using room_joined = media_path::joined;
using join_failed = media_path::failed;
using left_room = media_path::left;
using media_timeout = media_path::fell_silent;
using media_path::answer_unusable;
/// CANCEL, or the INVITE died.
struct cancelled {};
/// BYE or the dialog's death, with its cause.
struct remote_hangup {
  hangup_cause cause;
  bool by_caller = true; ///< false: the dialog died
};
/// The node takes no calls any more and ends those it has.
struct node_draining {};
/// The API ends the call; also for a call whose state nobody can trust any more.
struct hangup_requested {
  std::string cause = "normal_clearing"; ///< a name of hangup_causes.hpp
};
/// The record was read back after the process had died: the call is gone.
struct restarted {};

using event = std::variant<incoming, committed, document_fetched, leg_opened, leg_replaced, confirmed,
                           leg_completed, room_joined, join_failed, left_room, cancelled, remote_hangup,
                           media_timeout, answer_unusable, node_draining, hangup_requested, restarted>;

/// An event of the call for the outbox.
struct told {
  std::string name; ///< for example `call.answered`
  std::uint64_t sequence = 0;
  nlohmann::json data; ///< an object
};

/// What the actor has to do; each is answered by the event in brackets where one is named.
/// Store record and events in one transaction [committed].
struct commit {
  call_record record;
  std::vector<told> events;
};
/// 180.
struct ring {};
/// Ask the customer [document_fetched].
struct fetch {
  flow::fetch request;
};
/// Make a leg near this room, or by the call's id [leg_opened, always].
struct place_leg {
  std::optional<room_key> room;
};
/// Hand the caller's answer to the leg [leg_completed].
struct complete_leg {
  std::string answer;
};
/// 200 with this SDP [confirmed].
struct accept {
  std::string sdp;
};
/// A final refusal of the INVITE.
struct reject {
  int status = 503;
  std::string reason;
  std::optional<std::chrono::seconds> retry_after;
  std::string detail{}; ///< why, in a few words; of 488: what did not fit
};
/// Enter the room [room_joined or join_failed, then left_room once].
struct join {
  room_key room;
  participation how{};
};
/// Leave the room, also when the join is not answered yet; its answers are ignored.
struct leave {
  room_key room;
};
/// BYE with this cause.
struct hang_up {
  hangup_cause cause;
};
struct close_leg {};
/// Log and count ignored members of a document.
struct warn_ignored {
  std::vector<std::string> members;
};
/// Log and count a source of actions that failed for good.
struct source_failed {
  flow::source_failed what;
};
/// The call is over: the actor ends.
struct finish {};

using effect = std::variant<commit, ring, fetch, place_leg, complete_leg, accept, reject, join, leave,
                            hang_up, close_leg, warn_ignored, source_failed, finish>;

struct outcome {
  state next;
  std::vector<effect> effects; ///< to be done in this order
};

/// One step at wall-clock time `now`. An event that has no meaning in the state changes nothing.
outcome step(state before, const event& what, wall_time now);

} // namespace plenary::call_machine
