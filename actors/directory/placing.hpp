#pragma once

#include "actors/directory/membership.hpp"
#include "actors/directory/room_table.hpp"
#include "schema/room_news.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

/// Where rooms live, as one node sees and decides it. A pure machine around `membership` and `room_table`:
/// the directory actor performs what it wants, and so does the cluster's simulation.
///
/// The *home* of a room's name is the first of its placement list. It alone decides where a new room of that
/// name opens, so that two first joiners on two nodes meet; it asks the *owner* to open it. The owners tell
/// everybody what they own (room_table), so that every node answers for every room.
///
///   want --> [wanted] --known and reachable------------------------------------------> found
///               |  home elsewhere: ask it --------------answered-----------------------^   | 5 s, or held
///               |  home here:                                                          |   +--> not_found
///               +--> [opening] --owner chosen: ask it, or host it here --taken---------+
///
///   one of this node's rooms:  host --> [hosted] --room_emptied------------------------------> gone
///                                          |  a newer epoch elsewhere: vacate ------> [vacated] --> gone
///                                          +--draining: another node takes it --^
namespace plenary::placing {

/// Nobody waits longer for a room's place; then the join fails with `conference_unavailable`.
inline constexpr std::chrono::seconds locate_patience{5};

/// Who was on the way when the node became held waits so long for the majority to come back: less than the
/// patience of a change of media, so that a caller who was in a room hears of the hold in time.
inline constexpr std::chrono::seconds hold_patience{2};

/// Rooms that a draining node moves at one time, callers who have not followed yet included: so few that
/// those of one room move together, for who is ahead hears nobody (bench/cluster_bench).
inline constexpr std::size_t rooms_on_the_move = 10;

/// Rooms moved with each tick all the same: callers who do not follow hold up nobody else.
inline constexpr std::size_t rooms_a_tick = 1;

/// The two clocks at one moment.
struct moment {
  mono_time mono{};
  wall_time wall{};
};

/// A room of this node.
struct hosted_room {
  std::uint64_t epoch = 0;
  std::size_t callers = 0;
  bool leaving = false; ///< this node drains and has asked another one to open it
};

// -- what happens -------------------------------------------------------------------------------------------

using link_up = membership::link_up;
using status_came = membership::status_came;
using link_down = membership::link_down;
using draining_set = membership::draining_set;
using tick = membership::tick;

/// A peer says which rooms it has, or what changed.
struct rooms_said {
  node_name from;
  peer::rooms_changed what;
};
/// Somebody on this node wants to go there [found or not_found].
struct want {
  std::uint64_t number = 0; ///< the performer's
  room_key key;
};
/// A peer asks [answer].
struct asked {
  std::uint64_t question = 0; ///< the performer's
  node_name from;
  std::variant<peer::locate_room, peer::open_room, peer::vacate_room> what;
};
/// What the peer says to `ask`; `unavailable` when its link ended first.
struct answered {
  std::uint64_t number = 0;
  result<peer_reply> answer;
};
using plenary::room_counted;
using plenary::room_emptied;

/// The last caller of a vacated room has moved.
struct vacated_ended {};

using event = std::variant<link_up, status_came, link_down, draining_set, tick, rooms_said, want, asked,
                           answered, room_emptied, room_counted, vacated_ended>;

// -- what is to be done, in this order ----------------------------------------------------------------------

using phase_changed = membership::phase_changed;
using member_joined = membership::member_joined;
using cut = membership::cut;
using permitted = membership::permitted;

/// A member is gone; so many rooms have no owner.
struct member_lost {
  node_name name;
  std::size_t rooms = 0;
};
/// The link that stood for this peer is no more; then, that there is a new one.
struct link_ended {
  node_name peer;
};
struct link_made {
  node_name peer;
};
/// What this node tells with its heartbeats has changed.
struct status_changed {};
/// Ask a peer over its present link [answered, always].
struct ask {
  std::uint64_t number = 0;
  node_name peer;
  peer_request what;
};
/// Tell a peer, in this order with the questions.
struct tell {
  node_name peer;
  peer::rooms_changed what;
};
struct answer {
  std::uint64_t question = 0;
  result<peer_reply> what;
};
struct found {
  std::uint64_t number = 0;
  peer::room_place place;
  std::chrono::nanoseconds waited{0};
};
struct not_found {
  std::uint64_t number = 0;
  room_key key;
  error why;
};
/// Start this room here.
struct host {
  owned_room room;
  open_reason reason = open_reason::first_join;
  std::chrono::milliseconds lost_for{0}; ///< how long it had no owner
};
/// The room of this node lives elsewhere now; its callers follow.
struct vacate {
  room_key key;
  peer::room_place to;
};
/// Another node's older half of this node's room comes in.
struct half_comes {
  room_key key;
  node_name from;
};
/// The home has chosen an owner.
struct placed {};
/// An owner that was chosen does not take the room.
struct not_opened {
  room_key key;
  error why;
};
/// Somebody meant a room of an epoch that does not count any more.
struct stale_refused {};

using effect = std::variant<phase_changed, member_joined, member_lost, cut, permitted, link_ended, link_made,
                            status_changed, ask, tell, answer, found, not_found, host, vacate, half_comes,
                            placed, not_opened, stale_refused>;

// -- the machine --------------------------------------------------------------------------------------------

/// Somebody wants a room's place.
struct wanted_place {
  room_key key;
  mono_time since{};
  bool asking = false;        ///< the home has been asked and has not answered
  bool before_a_hold = false; ///< asked for before this node was held: it waits for a moment
};

/// Who waits for a room that is being opened: one of this node, or a peer's question.
struct waiter {
  bool is_ours = true;
  std::uint64_t number = 0;
};

/// A peer, and the rooms that it told before it was a member.
struct linked_peer {
  std::uint64_t link = 0; ///< a later link has a larger number
  std::optional<peer::rooms_changed> rooms;
};

/// A question on its way: for a place, to open a room, or to take a room that is drained away.
struct pending {
  enum class kind { locate, open, drain };
  kind what = kind::locate;
  std::uint64_t wanted = 0; ///< `locate`
  owned_room room{};        ///< `open`, `drain`: as it shall be
  node_name peer{};
  std::uint64_t link = 0;
};

/// Everything the machine remembers; a value.
struct state {
  membership::state members;
  room_table table{node_name{}};
  std::map<node_name, linked_peer> peers;
  std::unordered_map<room_key, hosted_room> rooms; ///< of this node
  std::size_t vacated = 0;                         ///< rooms that still mix for callers who have not moved
  std::map<std::uint64_t, wanted_place> wanted;
  std::map<room_key, std::vector<waiter>> openings;
  std::map<std::uint64_t, pending> questions;
  std::uint64_t last_question = 0;
  std::uint64_t last_link = 0;
};

struct outcome {
  state next;
  std::vector<effect> effects;
};

/// A node that starts at `now`.
state start(membership::settings fixed, mono_time now);

/// One step. An event that has no meaning in the state changes nothing.
outcome step(state before, const event& what, const moment& now);

/// Callers of this node's rooms.
std::uint64_t callers_here(const state& now);

/// What this node tells with its heartbeats; `calls` are signalled here.
member_status status(const state& now, std::uint64_t calls);

} // namespace plenary::placing
