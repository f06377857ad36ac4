#pragma once

#include "actors/call/legs.hpp"
#include "actors/call/media_news.hpp"
#include "actors/call/offers.hpp"
#include "actors/call/pursuit.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The way of a call's media as one pure machine, between the call and its legs: which leg carries the
/// caller, on which node it must be for the room, and how the media moves to another leg (make before break)
/// when the room lives or goes elsewhere or the leg is lost. It is made of three values: the `legs`, the
/// `offers` that caller and node make each other, and the `pursuit` of what the call wants.
///
///             +--> [locating] --on the leg's node----------------------------------+
///   join,     |        |  elsewhere, or no leg                                     |
///   lost, ----+        v                                                           v
///   moves,         [making: a new leg, next number] --not answered yet--------> [entering] --in--> [idle]
///   place -------->    |                                                           ^
///                      | the caller talks                                          |
///                      v                                                           |
///                  [offering: re-INVITE] --answered--> [completing] --its leg now--+
///                      ^    | refused, glare
///                      +----+ [waiting]
///
/// Before the INVITE is answered a lost or misplaced leg is just made anew: nobody knows its address yet. The
/// old leg stays in its room until the new one has entered; every failure is tried again from [locating]
/// while `patience` lasts, then the call hears `conference_unavailable` and the flow goes on. The
/// directory says so itself where the node is held: a join fails at once, and who was in the room waits. What
/// a leg says that is neither the caller's nor in the room changes nothing.
namespace plenary::media_path {

/// Everything the machine remembers; a value.
struct state {
  media_path::legs legs;
  media_path::offers offers;
  media_path::pursuit pursuit;
  bool invite_has_offer = true; ///< false: the first description is our offer
  bool accepted = false;        ///< the 200 was sent: from now on the media moves by re-INVITE
  bool over = false;            ///< the call ends
};

// -- from the call
// -------------------------------------------------------------------------------------------

/// Make the first leg, near this room [opened, always].
struct place {
  std::optional<room_key> room;
};
/// The caller's answer to the offer that went out with the 200 [answer_taken].
struct complete {
  std::string answer;
};
/// [joined or failed, then left once]
struct join {
  wish what;
};
/// The call ends: out of the room, nothing new.
struct leave {};
/// Let go of every leg.
struct close {};
/// The 200 goes out.
struct accepted {};

// -- from legs, directory, signalling and timers ------------------------------------------------------------

struct located {
  std::uint64_t turn = 0;
  result<peer::room_place> where;
};
struct made_leg {
  node_name node;
  sdp_session session;
};
struct leg_made {
  std::uint32_t number = 0;
  result<made_leg> leg;
};
struct offer_answered {
  result<std::string> answer;
};
struct completed {
  std::uint32_t number = 0;
  result<void> done;
};
struct entered {
  std::uint32_t number = 0;
  result<void> done;
};
struct left_room {
  std::uint32_t number = 0;
  leave_reason reason = leave_reason::requested;
};
struct room_moves {
  std::uint32_t number = 0;
  peer::room_place to;
};
struct participant_changed {
  std::uint32_t number = 0;
  participation_change change;
};
struct media_timed_out {
  std::uint32_t number = 0;
};
struct leg_lost {
  std::uint32_t number = 0;
};
/// The caller's re-INVITE or UPDATE.
struct offer_received {
  std::optional<std::string> offer;
};
/// The leg took it, or why not; always follows `renegotiate_leg`.
struct offer_taken {
  std::uint32_t number = 0;
  result<sdp_session> session;
};
struct waited {
  std::uint64_t turn = 0;
};
struct patience_over {
  std::uint64_t clock = 0;
};

using event = std::variant<place, complete, join, leave, close, accepted, located, leg_made, offer_answered,
                           completed, entered, left_room, room_moves, participant_changed, media_timed_out,
                           leg_lost, offer_received, offer_taken, waited, patience_over>;

// -- to be done, beside what the three values want; answered by the event in brackets
// ----------------------------------------------------------

/// Place and open a leg: near the room, or on this node; it continues the session with an offer, or answers
/// the INVITE [leg_made, always].
struct make_leg {
  std::uint32_t number = 0;
  std::optional<room_key> room;
  std::optional<sdp_session> continuing;
};
/// [completed]
struct complete_leg {
  std::uint32_t number = 0;
  std::string answer;
};
/// [entered]
struct enter {
  std::uint32_t number = 0;
  wish what;
  std::uint64_t epoch = 0;
};
struct exit_leg {
  std::uint32_t number = 0;
};
/// The call hears this.
struct tell {
  news what;
};

using effect =
    std::variant<locate, make_leg, send_offer, complete_leg, enter, exit_leg, close_leg, renegotiate_leg,
                 answer_offer, refuse_offer, wait, start_patience, tell, move_started, move_ended>;

struct outcome {
  state next;
  std::vector<effect> effects; ///< to be done in this order
};

/// One step. An event that has no meaning in the state changes nothing.
outcome step(state before, const event& what);

} // namespace plenary::media_path
