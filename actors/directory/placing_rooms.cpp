// Where rooms live: finding them, and opening them somewhere.

#include "actors/directory/epoch.hpp"
#include "actors/directory/placing_steps.hpp"

#include <fmt/format.h>

namespace plenary::placing {

// -- for those who want to go there -------------------------------------------------------------------------

void placing_steps::pursue(std::uint64_t number) {
  auto& wanted = state_.wanted.at(number);
  const bool held = state_.members.phase == member_phase::held;
  if (const auto place = reachable_place(wanted.key); place && !(held && is_held(place->owner)))
    return give(number, *place);
  const auto waited = now_.mono - wanted.since;
  if (held && (!wanted.before_a_hold || waited >= hold_patience))
    return refuse(number, "this node is cut off from the majority of the cluster");
  if (waited >= locate_patience)
    return refuse(number, "no node took the room in time");
  if (wanted.asking || !membership::decides(state_.members))
    return;
  const auto home = home_of(wanted.key);
  if (!home || (*home != self() && link_to(*home) == 0))
    return;
  wanted.asking = true;
  if (*home == self())
    open_somewhere(room_key{wanted.key}, {true, number});
  else
    ask_peer({.what = pending::kind::locate, .wanted = number, .peer = *home}, peer::locate_room{wanted.key});
}

void placing_steps::pursue_all() {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, wanted] : state_.wanted)
    numbers.push_back(number);
  for (const auto number : numbers)
    if (state_.wanted.contains(number))
      pursue(number);
}

/// A home that did not help is asked again with the next tick.
void placing_steps::located(std::uint64_t number, const result<peer_reply>& answer) {
  const auto still = state_.wanted.find(number);
  if (still == state_.wanted.end())
    return;
  still->second.asking = false;
  const auto* place = answer ? std::get_if<peer::room_place>(&*answer) : nullptr;
  if (place != nullptr && is_reachable(*place, still->second.key))
    give(number, *place);
}

void placing_steps::give(std::uint64_t number, const peer::room_place& place) {
  const auto wanted = state_.wanted.extract(number);
  emit(found{number, place, now_.mono - wanted.mapped().since});
}

void placing_steps::refuse(std::uint64_t number, std::string why) {
  auto wanted = state_.wanted.extract(number);
  emit(not_found{number, std::move(wanted.mapped().key), {errc::conference_unavailable, std::move(why)}});
}

bool placing_steps::is_reachable(const peer::room_place& place, const room_key& key) const {
  return place.owner == self() ? state_.rooms.contains(key) : link_to(place.owner) != 0;
}

std::optional<peer::room_place> placing_steps::reachable_place(const room_key& key) const {
  const auto place = state_.table.place_of(key);
  return place && is_reachable(*place, key) ? place : std::nullopt;
}

/// Whether the node, this one or a peer, plays silence.
bool placing_steps::is_held(const node_name& node) const {
  if (node == self())
    return state_.members.phase == member_phase::held;
  const auto peer = state_.members.peers.find(node);
  return peer != state_.members.peers.end() && peer->second.status.phase == member_phase::held;
}

std::optional<node_name> placing_steps::home_of(const room_key& key) const {
  return placement::owner(placement_key(key), membership::owners(state_.members));
}

std::optional<node_name> placing_steps::chosen_owner(const room_key& key) const {
  return placement::place(placement_key(key), membership::owners(state_.members),
                          membership::callers(state_.members, callers_here(state_)));
}

// -- for the home of a name ---------------------------------------------------------------------------------

void placing_steps::open_somewhere(const room_key& key, const waiter& who) {
  if (!membership::may_open(state_.members, now_.mono))
    return deliver(who, fail(errc::moving, "a node that was lost may not have stopped yet"));
  const auto chosen = chosen_owner(key);
  if (!chosen)
    return deliver(who, fail(errc::unavailable, "no node takes rooms"));
  auto [waiting, is_first] = state_.openings.try_emplace(key);
  waiting->second.push_back(who);
  if (!is_first)
    return;
  const auto* known = state_.table.find(key);
  const bool orphaned = known && !known->owner;
  const owned_room room{key, epoch::next(known ? known->epoch : 0, *chosen, now_.wall),
                        orphaned ? known->created_at : now_.wall};
  peer::open_room message{room, open_reason::first_join, {}};
  if (orphaned) {
    const auto ownerless = std::chrono::duration_cast<std::chrono::milliseconds>(now_.mono - *known->lost_at);
    message.reason = open_reason::owner_lost;
    message.lost_for = known->silent_for + ownerless;
  }
  emit(placed{});
  if (*chosen != self())
    return ask_peer({.what = pending::kind::open, .room = room, .peer = *chosen}, message);
  const auto taken = take(self(), message);
  opened(key, taken.map([&] { return peer::room_place{self(), room.epoch}; }));
}

/// An answer may come after the news that its node was lost, even after the node has come back.
void placing_steps::opened_there(const pending& question, const result<peer_reply>& answer) {
  const auto& room = question.room;
  if (!answer)
    return opened(room.key, tl::unexpected<error>(answer.error()));
  if (link_to(question.peer) != question.link)
    return opened(room.key, fail(errc::unavailable, "the chosen node has just been lost"));
  learn(question.peer, {false, {room}, {}});
  opened(room.key, peer::room_place{question.peer, room.epoch});
}

void placing_steps::opened(const room_key& key, const result<peer::room_place>& place) {
  const auto waiting = state_.openings.extract(key);
  if (!waiting)
    return;
  if (!place)
    emit(not_opened{key, place.error()});
  for (const auto& who : waiting.mapped())
    deliver(who, place);
}

void placing_steps::deliver(const waiter& who, const result<peer::room_place>& place) {
  if (!who.is_ours)
    return emit(answer{who.number, place.map([](const auto& at) { return peer_reply{at}; })});
  const auto still = state_.wanted.find(who.number);
  if (still == state_.wanted.end())
    return;
  still->second.asking = false;
  if (place)
    give(who.number, *place);
}

void placing_steps::ask_peer(pending question, peer_request what) {
  question.link = link_to(question.peer);
  const auto number = ++state_.last_question;
  emit(ask{number, question.peer, std::move(what)});
  state_.questions[number] = std::move(question);
}

// -- for the node that was chosen ---------------------------------------------------------------------------

result<void> placing_steps::take(const node_name& from, const peer::open_room& asked) {
  if (state_.members.phase != member_phase::live)
    return fail(errc::unavailable, "this node takes no rooms now");
  if (state_.table.is_ours(asked.room.key, asked.room.epoch))
    return {}; // asked twice
  // Who asks has not heard of it yet: a node may have opened the room and its answer been lost.
  if (const auto place = reachable_place(asked.room.key);
      place && place->owner != from && place->epoch < asked.room.epoch)
    return fail(errc::moved, fmt::format("the room is on {} already", place->owner.value));
  if (auto owned = state_.table.own(asked.room); !owned) {
    emit(stale_refused{});
    return owned;
  }
  state_.rooms[asked.room.key] = {asked.room.epoch, 0, false};
  emit(host{asked.room, asked.reason, asked.lost_for});
  tell_changes();
  return {};
}

} // namespace plenary::placing
