#pragma once

#include "actors/directory/placing.hpp"

#include <utility>

namespace plenary::placing {

/// What the steps of the placing are made of: each changes the state and adds effects.
class placing_steps {
protected:
  placing_steps(state before, const moment& now)
      : state_(std::move(before))
      , now_(now) {}

  void emit(effect what) { effects_.push_back(std::move(what)); }
  outcome finish() { return {std::move(state_), std::move(effects_)}; }
  const node_name& self() const { return state_.members.fixed.self.name; }

  // -- the other nodes (placing_peers.cpp)

  bool is_member(const node_name& node) const;
  /// The number of the link to a peer; 0: there is none.
  std::uint64_t link_to(const node_name& peer) const;
  void end_link(const node_name& peer);
  void step_members(const membership::event& what);
  /// What a member says of its rooms.
  void learn(const node_name& peer, const peer::rooms_changed& said);
  /// What a peer says that is no member yet is learnt when it is one.
  void keep_for_later(const node_name& from, const peer::rooms_changed& said);
  void tell_changes();
  /// Moves rooms to others, so many at least, however many are on the move.
  void drain_rooms(std::size_t at_least);
  void drained_there(const pending& question, const result<peer_reply>& answer);

  // -- where rooms live (placing_rooms.cpp)

  /// The next thing to do for somebody who wants a room's place.
  void pursue(std::uint64_t number);
  void pursue_all();
  void located(std::uint64_t number, const result<peer_reply>& answer);
  std::optional<peer::room_place> reachable_place(const room_key& key) const;
  std::optional<node_name> home_of(const room_key& key) const;
  void open_somewhere(const room_key& key, const waiter& who);
  void opened_there(const pending& question, const result<peer_reply>& answer);
  /// Opens a room here, as the home or a draining owner asks.
  result<void> take(const node_name& from, const peer::open_room& asked);
  std::optional<node_name> chosen_owner(const room_key& key) const;
  void ask_peer(pending question, peer_request what);

  state state_;
  moment now_;

private:
  void perform(const membership::phase_changed& what);
  void perform(const membership::member_joined& what);
  void perform(const membership::member_lost& what);
  void perform(const membership::cut& what);
  void perform(const membership::permitted& what);
  void half(const room_key& key, const node_name& from);
  void drain_room(const room_key& key, hosted_room& room);
  bool is_held(const node_name& node) const;
  bool is_reachable(const peer::room_place& place, const room_key& key) const;
  void give(std::uint64_t number, const peer::room_place& place);
  void refuse(std::uint64_t number, std::string why);
  void deliver(const waiter& who, const result<peer::room_place>& place);
  void opened(const room_key& key, const result<peer::room_place>& place);

  std::vector<effect> effects_;
};

} // namespace plenary::placing
