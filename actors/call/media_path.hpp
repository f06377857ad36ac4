#pragma once

#include "actors/call/call_machine.hpp"
#include "schema/peer.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The way of a call's media as one pure machine, between the call machine and the legs: which leg carries
/// the caller, on which node it must be for the room, and how the media moves to another leg (make before
/// break) when the room lives or goes elsewhere or the leg is lost.
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
/// while `patience` lasts, then the call machine hears `conference_unavailable` and the flow goes on. The
/// directory says so itself where the node is held: a join fails at once, and who was in the room waits. What
/// a leg says that is neither the caller's nor in the room changes nothing.
namespace plenary::media_path {

/// A whole change of the media, from its reason to the room, must be done in this time.
inline constexpr std::chrono::milliseconds patience{5000};

/// Wait before a place that is being decided is asked for again; the first time there is none.
inline constexpr std::chrono::milliseconds retry_pause{100};

/// A caller whose node is held, cut off from the majority, stays; so long until the place is asked for again.
inline constexpr std::chrono::milliseconds held_pause{200};

enum class phase { idle, locating, making, offering, completing, entering, waiting };

/// What the call machine waits for.
enum class awaited { nothing, leg, completion, room };

/// The caller's own re-INVITE: none, at the leg, or answered with our offer, whose answer comes with the ACK.
enum class caller_offer { none, asked, confirming };

struct leg {
  std::uint32_t number = 0;
  node_name node;
  sdp_session session;
  bool fresh = false; ///< made for the INVITE itself: no use once the 200 is out
};

struct wish {
  room_key room;
  participation how{};
};

/// Our re-INVITE that is not answered yet.
struct pending_offer {
  std::uint32_t number = 0; ///< of the leg that it is for
  sdp_session session;
};

/// Everything the machine remembers; a value.
struct state {
  bool invite_has_offer = true; ///< false: the first description is our offer
  phase now = phase::idle;
  awaited by_call = awaited::nothing;
  caller_offer theirs = caller_offer::none;
  bool accepted = false; ///< the 200 was sent: from now on the media moves by re-INVITE
  bool over = false;     ///< the call ends
  std::uint32_t last_number = 0;
  std::optional<leg> current;             ///< where the caller's media goes
  std::optional<leg> next;                ///< being made, offered or completed
  std::optional<std::uint32_t> old;       ///< was current, still in its room
  std::optional<std::uint32_t> inside;    ///< the current or the old leg, when it is in a room
  bool displaced = false;                 ///< the room that the current leg is in lives elsewhere now
  sdp_session session;                    ///< in effect with the caller
  std::optional<pending_offer> offered;   ///< at most one: RFC 3261 section 14.1
  bool offer_comes_in_200 = false;        ///< the caller's re-INVITE asked for our offer
  std::optional<wish> wanted;             ///< the room that the call is in or on its way to
  std::optional<room_key> near;           ///< where the first leg is to be placed
  std::optional<peer::room_place> place;  ///< of `wanted`, as it was found in this change
  std::optional<peer::room_place> moving; ///< the room's message that overtook its answer
  std::optional<error> leaving;           ///< the leg was told to leave its room, for this reason
  bool counted = false;                   ///< this change moves a call that had media before
  int attempt = 0;
  std::size_t refusals = 0;   ///< of our re-INVITE in this change
  std::uint64_t turn = 0;     ///< of timers and questions to the directory; older ones mean nothing
  std::uint64_t clocks = 0;   ///< patience timers started
  std::uint64_t deadline = 0; ///< the patience timer in force; 0: none
};

// -- from the call machine ----------------------------------------------------------------------------------

/// Make the first leg, near this room [leg_opened].
struct place {
  std::optional<room_key> room;
};
/// The caller's answer to the offer that went out with the 200 [leg_completed].
struct complete {
  std::string answer;
};
/// [room_joined or join_failed, then left_room once]
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

// -- to be done; answered by the event in brackets ----------------------------------------------------------

/// Ask the directory [located].
struct locate {
  std::uint64_t turn = 0;
  room_key room;
};
/// Place and open a leg: near the room, or on this node; it continues the session with an offer, or answers
/// the INVITE [leg_made, always].
struct make_leg {
  std::uint32_t number = 0;
  std::optional<room_key> room;
  std::optional<sdp_session> continuing;
};
/// re-INVITE [offer_answered].
struct send_offer {
  std::string sdp;
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
/// Also a leg that is still being made: it is closed when it is there.
struct close_leg {
  std::uint32_t number = 0;
};
/// [offer_taken]
struct renegotiate_leg {
  std::uint32_t number = 0;
  std::optional<std::string> offer;
};
struct answer_offer {
  std::string sdp;
};
struct refuse_offer {
  error why;
};
/// [waited]
struct wait {
  std::uint64_t turn = 0;
  std::chrono::milliseconds delay{0};
};
/// [patience_over after `patience`]
struct start_patience {
  std::uint64_t clock = 0;
};
/// The call machine hears this.
struct tell {
  call_machine::event what;
};
/// A call that had media before moves it, from now on.
struct move_started {};
struct move_ended {
  bool done = false;
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
