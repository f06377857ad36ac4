#pragma once

#include "actors/call/activity.hpp"
#include "actors/call/dialog.hpp"
#include "actors/call/flow.hpp"
#include "actors/call/media_news.hpp"
#include "actors/call/story.hpp"

/// The whole life of an inbound call as one pure machine. It leads what happens to four values and holds no
/// rule of its own but their order: the `flow` says what to do, the `dialog` how the caller's side stands,
/// the `activity` what the action that runs does, and the `story` tells it all. Records and events are
/// committed before anything acts on them.
///
///   incoming --> story: call.created --committed--> dialog: 180, flow: ask the answer_url
///                                                                   |
///     +--> [the flow runs] --an action that takes time--> [it waits for what it needs] --+
///     |          | its end                                  nothing                     |
///     |          v                                          media:  place_leg           |
///     |       the end                                       answer: call.answered, 200  |
///     |                                                                                 v
///     +------------------------- finished <-- [the activity runs] <---------------------+
///                                                   | it stands in a room, unanswered:
///                                                   v     call.answered, 200, ACK; goes on meanwhile
///
///   any of these, on cancel, hang-up, end of the flow, timeout, drain:
///   story: the one terminal event --committed, leg known--> reject or hang_up, close_leg, finish
///
///   restarted --> story: call.failed, node_restart
///
/// An action that ends while the answer is on its way to the caller is over for the flow when the caller is
/// there. A call whose first commit fails is refused without a story. Whatever the store says, the caller is
/// let go in the end.
namespace plenary::call_machine {

/// Everything the machine remembers; a value.
struct state {
  state() = default;
  /// `record` holds what is known at the start: ids, numbers, node; the machine keeps the rest of it up to
  /// date.
  state(application settings, call_record known)
      : flow(std::move(settings))
      , story{std::move(known)} {}

  flow::state flow;
  call_machine::dialog dialog;
  call_machine::story story;
  activity::state activity;
  std::optional<flow::begin> next;             ///< the action that waits for the caller's side
  std::optional<activity::finished> held_back; ///< the action that ended while the answer was on its way
  bool finished = false;
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
/// The record was read back after the process, or its node, had died: the call is gone.
struct restarted {
  std::string cause = "node_restart"; ///< a name of hangup_causes.hpp
};

using event = std::variant<incoming, committed, document_fetched, leg_opened, leg_replaced, confirmed,
                           leg_completed, room_joined, join_failed, left_room, cancelled, remote_hangup,
                           media_timeout, answer_unusable, node_draining, hangup_requested, restarted>;

// -- to be done, beside what dialog and story want

using activity::join;
using activity::leave;
using flow::fetch; ///< [document_fetched]
using flow::source_failed;
using flow::warn_ignored;
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
