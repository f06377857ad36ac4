// The other nodes: who is a member, what each owns, and what a draining node gives to whom.

#include "actors/directory/epoch.hpp"
#include "actors/directory/placing_steps.hpp"

#include <algorithm>

namespace plenary::placing {

bool placing_steps::is_member(const node_name& node) const {
  const auto peer = state_.members.peers.find(node);
  return peer != state_.members.peers.end() && peer->second.admitted;
}

std::uint64_t placing_steps::link_to(const node_name& peer) const {
  const auto known = state_.peers.find(peer);
  return known == state_.peers.end() ? 0 : known->second.link;
}

void placing_steps::end_link(const node_name& peer) {
  if (state_.peers.erase(peer) > 0)
    emit(link_ended{peer});
}

// -- membership ---------------------------------------------------------------------------------------------

void placing_steps::step_members(const membership::event& what) {
  auto outcome = membership::step(std::move(state_.members), what, now_.mono);
  state_.members = std::move(outcome.next);
  for (const auto& each : outcome.effects)
    std::visit([this](const auto& done) { perform(done); }, each);
}

void placing_steps::perform(const membership::phase_changed& what) {
  emit(what);
  emit(status_changed{});
}

void placing_steps::perform(const membership::member_joined& what) {
  emit(what);
  if (const auto rooms = state_.peers.at(what.name).rooms)
    learn(what.name, *rooms);
}

void placing_steps::perform(const membership::member_lost& what) {
  emit(member_lost{what.name, state_.table.lose(what.name, now_.mono, what.silent_for)});
  end_link(what.name);
}

void placing_steps::perform(const membership::cut& what) {
  emit(what);
}

void placing_steps::perform(const membership::permitted& what) {
  emit(what);
}

// -- who owns what ------------------------------------------------------------------------------------------

void placing_steps::learn(const node_name& peer, const peer::rooms_changed& said) {
  const auto learnt = state_.table.learn(peer, said);
  for (const auto& lost : learnt.vacate)
    if (state_.rooms.erase(lost.ours.key) > 0) {
      ++state_.vacated;
      emit(vacate{lost.ours.key, lost.to});
    }
  for (const auto& key : learnt.halves)
    half(key, peer);
  tell_changes();
  pursue_all();
}

void placing_steps::half(const room_key& key, const node_name& from) {
  emit(stale_refused{});
  emit(half_comes{key, from});
}

/// It may have admitted this node before, and already given up its halves of rooms of this node: that must be
/// told now, for it is not learnt later.
void placing_steps::keep_for_later(const node_name& from, const peer::rooms_changed& said) {
  auto& known = state_.peers.at(from).rooms;
  if (said.all) {
    known = said;
    return;
  }
  if (!known)
    return;
  known->opened.insert(known->opened.end(), said.opened.begin(), said.opened.end());
  for (const auto& closed : said.closed)
    if (std::erase(known->opened, closed) > 0 && state_.table.has_half(closed))
      half(closed.key, from);
}

void placing_steps::tell_changes() {
  const auto changes = state_.table.take_changes();
  if (!changes)
    return;
  for (const auto& [name, peer] : state_.peers)
    emit(tell{name, *changes});
}

// -- leaving ------------------------------------------------------------------------------------------------

void placing_steps::drain_rooms(std::size_t at_least) {
  const auto leaving = std::count_if(state_.rooms.begin(), state_.rooms.end(),
                                     [](const auto& each) { return each.second.leaving; });
  const auto moving = static_cast<std::size_t>(leaving) + state_.vacated;
  auto more = std::max(moving < rooms_on_the_move ? rooms_on_the_move - moving : 0, at_least);
  for (auto& [key, room] : state_.rooms)
    if (!room.leaving && more > 0) {
      drain_room(key, room);
      --more;
    }
}

void placing_steps::drain_room(const room_key& key, hosted_room& room) {
  const auto chosen = chosen_owner(key);
  if (!chosen || link_to(*chosen) == 0)
    return; // nobody to give it to: it stays until its callers leave
  if (!membership::may_open(state_.members, now_.mono))
    return; // a lost member may have taken it already, and the news been lost with it
  room.leaving = true;
  const owned_room successor{key, epoch::next(room.epoch, *chosen, now_.wall),
                             state_.table.find(key)->created_at};
  ask_peer({.what = pending::kind::drain, .room = successor, .peer = *chosen},
           peer::open_room{successor, open_reason::owner_drained, {}});
}

void placing_steps::drained_there(const pending& question, const result<peer_reply>& answer) {
  const auto known = state_.rooms.find(question.room.key);
  if (known == state_.rooms.end())
    return;
  known->second.leaving = false;
  if (answer && link_to(question.peer) == question.link) // else tried again with the next tick
    learn(question.peer, {false, {question.room}, {}});
}

} // namespace plenary::placing
