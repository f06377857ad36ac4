// Where rooms live: finding them, and opening them somewhere.

#include "actors/directory/directory_actor.hpp"
#include "actors/directory/epoch.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"

namespace plenary {

namespace {

/// Nobody waits longer for a room's place; then the join fails with `conference_unavailable`.
constexpr std::chrono::seconds locate_patience{5};

/// Who was on the way when the node became held waits so long for the majority to come back: less than the
/// patience of a change of media, so that a caller who was in a room hears of the hold in time.
constexpr std::chrono::seconds hold_patience{2};

} // namespace

// -- for those who want to go there -------------------------------------------------------------------------

caf::result<result<peer::room_place>> directory_state::on_locate_room(const locate_room& message) {
  auto promise = self_->make_response_promise<result<peer::room_place>>();
  const auto number = next_wanted_++;
  wanted_[number] = {message.key, promise, edges_->mono_clock(), false, members_.phase != member_phase::held};
  pursue(number);
  return promise;
}

void directory_state::pursue(std::uint64_t number) {
  auto& wanted = wanted_.at(number);
  const bool held = members_.phase == member_phase::held;
  if (auto place = reachable_place(wanted.key); place && !(held && is_held(place->owner)))
    return found(number, *place);
  const auto waited = edges_->mono_clock() - wanted.since;
  if (held && (!wanted.before_a_hold || waited >= hold_patience))
    return not_found(number, errc::conference_unavailable,
                     "this node is cut off from the majority of the cluster");
  if (waited >= locate_patience)
    return not_found(number, errc::conference_unavailable, "no node took the room in time");
  if (wanted.asking || !membership::decides(members_))
    return;
  auto home = home_of(wanted.key);
  if (!home)
    return;
  wanted.asking = true;
  if (*home != edges_->node)
    return ask_home(number, *home);
  open_somewhere(wanted.key, [this, number](const result<peer_reply>& answer) {
    auto still = wanted_.find(number);
    if (still == wanted_.end())
      return;
    still->second.asking = false;
    if (answer)
      found(number, std::get<peer::room_place>(*answer));
  });
}

void directory_state::pursue_all() {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, wanted] : wanted_)
    numbers.push_back(number);
  for (auto number : numbers)
    if (wanted_.contains(number))
      pursue(number);
}

void directory_state::ask_home(std::uint64_t number, const node_name& home) {
  auto link = link_to(home);
  if (!link) {
    wanted_.at(number).asking = false;
    return;
  }
  const auto again = [this, number](const result<peer_reply>& answer) {
    auto still = wanted_.find(number);
    if (still == wanted_.end())
      return;
    still->second.asking = false;
    if (!answer)
      return; // asked again with the next tick
    const auto& place = std::get<peer::room_place>(*answer);
    if (place.owner == edges_->node ? rooms_.contains(still->second.key)
                                    : static_cast<bool>(link_to(place.owner)))
      found(number, place);
  };
  self_->request(link, ask_patience * 2, ask_peer{peer::locate_room{wanted_.at(number).key}, ask_patience})
      .then([again](const result<peer_reply>& answer) { again(answer); },
            [again](const caf::error&) { again(fail(errc::unavailable, "the link has ended")); });
}

void directory_state::found(std::uint64_t number, const peer::room_place& place) {
  auto wanted = wanted_.extract(number);
  const auto waited = edges_->mono_clock() - wanted.mapped().since;
  edges_->meters->observe(histogram::locate_duration, std::chrono::duration<double>(waited).count());
  wanted.mapped().promise.deliver(result<peer::room_place>{place});
}

void directory_state::not_found(std::uint64_t number, errc code, const std::string& why) {
  auto wanted = wanted_.extract(number);
  edges_->log->warning("room_not_placed", {{"room", wanted.mapped().key.name}, {"reason", why}});
  wanted.mapped().promise.deliver(result<peer::room_place>{fail(code, why)});
}

std::optional<peer::room_place> directory_state::reachable_place(const room_key& key) const {
  auto place = table_.place_of(key);
  if (!place)
    return std::nullopt;
  const bool reachable =
      place->owner == edges_->node ? rooms_.contains(key) : static_cast<bool>(link_to(place->owner));
  return reachable ? place : std::nullopt;
}

/// Whether the node, this one or a peer, plays silence.
bool directory_state::is_held(const node_name& node) const {
  if (node == edges_->node)
    return members_.phase == member_phase::held;
  const auto peer = members_.peers.find(node);
  return peer != members_.peers.end() && peer->second.status.phase == member_phase::held;
}

std::optional<node_name> directory_state::home_of(const room_key& key) const {
  return placement::owner(placement_key(key), membership::owners(members_));
}

// -- for the home of a name ---------------------------------------------------------------------------------

void directory_state::serve_locate(const peer::locate_room& asked, const answer_function& answer) {
  if (auto place = reachable_place(asked.key))
    return answer(peer_reply{*place});
  if (!membership::decides(members_) || home_of(asked.key) != edges_->node)
    return answer(fail(errc::unavailable, "this node is not the home of the room's name"));
  open_somewhere(asked.key, answer);
}

void directory_state::open_somewhere(const room_key& key, answer_function answer) {
  const auto now = edges_->mono_clock();
  const auto* known = table_.find(key);
  const bool orphaned = known && !known->owner;
  if (!membership::may_open(members_, now))
    return answer(fail(errc::moving, "a node that was lost may not have stopped yet"));
  auto chosen = placement::place(placement_key(key), membership::owners(members_),
                                 membership::callers(members_, callers_here()));
  if (!chosen)
    return answer(fail(errc::unavailable, "no node takes rooms"));
  auto [pending, is_first] = openings_.try_emplace(key);
  pending->second.waiting.push_back(std::move(answer));
  if (!is_first)
    return;
  const auto wall = edges_->wall_clock();
  const owned_room room{key, epoch::next(known ? known->epoch : 0, *chosen, wall),
                        orphaned ? known->created_at : wall};
  const auto lost_for =
      orphaned
          ? known->silent_for + std::chrono::duration_cast<std::chrono::milliseconds>(now - *known->lost_at)
          : std::chrono::milliseconds{0};
  edges_->meters->count(counter::rooms_placed);
  open_at(*chosen, room, orphaned ? open_reason::owner_lost : open_reason::first_join, lost_for);
}

void directory_state::open_at(const node_name& where, const owned_room& room, open_reason reason,
                              std::chrono::milliseconds lost_for) {
  const peer::open_room message{room, reason, lost_for};
  const auto link = where == edges_->node ? link_actor{} : link_to(where);
  const auto done = [this, room, where, link](const result<peer_reply>& answer) {
    if (!answer)
      return opened(room.key, tl::unexpected<error>(answer.error()));
    if (where != edges_->node) {
      // An answer may come after the news that its node was lost, even after the node has come back.
      if (link_to(where) != link)
        return opened(room.key, fail(errc::unavailable, "the chosen node has just been lost"));
      learn(where, {false, {room}, {}});
    }
    opened(room.key, peer::room_place{where, room.epoch});
  };
  if (where == edges_->node)
    return serve_open(where, message, done);
  if (!link)
    return done(fail(errc::unavailable, "the chosen node has just been lost"));
  self_->request(link, ask_patience * 2, ask_peer{message, ask_patience})
      .then([done](const result<peer_reply>& answer) { done(answer); },
            [done](const caf::error&) { done(fail(errc::unavailable, "the link has ended")); });
}

void directory_state::opened(const room_key& key, const result<peer::room_place>& place) {
  auto pending = openings_.extract(key);
  if (!pending)
    return;
  if (!place)
    edges_->log->warning("room_not_opened", {{"room", key.name}, {"reason", place.error().message}});
  for (const auto& answer : pending.mapped().waiting)
    answer(place ? result<peer_reply>{*place} : tl::unexpected<error>(place.error()));
}

// -- for the node that was chosen ---------------------------------------------------------------------------

void directory_state::serve_open(const node_name& from, const peer::open_room& asked,
                                 const answer_function& answer) {
  if (members_.phase != member_phase::live)
    return answer(fail(errc::unavailable, "this node takes no rooms now"));
  if (table_.is_ours(asked.room.key, asked.room.epoch))
    return answer(peer_reply{peer::done{}}); // asked twice
  // Who asks has not heard of it yet: a node may have opened the room and its answer been lost.
  if (auto place = reachable_place(asked.room.key);
      place && place->owner != from && place->epoch < asked.room.epoch)
    return answer(fail(errc::moved, fmt::format("the room is on {} already", place->owner.value)));
  if (auto owned = table_.own(asked.room); !owned) {
    edges_->meters->count(counter::stale_epochs_refused);
    return answer(tl::unexpected<error>(owned.error()));
  }
  host(asked.room, asked.reason, asked.lost_for);
  tell_changes();
  answer(peer_reply{peer::done{}});
}

void directory_state::count_move(open_reason reason) const {
  switch (reason) {
  case open_reason::first_join:
    return;
  case open_reason::owner_lost:
    return edges_->meters->count(counter::room_moves_owner_lost);
  case open_reason::owner_drained:
    return edges_->meters->count(counter::room_moves_owner_drained);
  case open_reason::merged:
    return edges_->meters->count(counter::room_moves_merged);
  }
}

} // namespace plenary
