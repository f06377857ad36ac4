#include "tests/directory/simulated_node.hpp"

#include "actors/directory/epoch.hpp"

namespace plenary::test {

namespace {

constexpr std::chrono::seconds locate_patience{5};
constexpr std::chrono::seconds hold_patience{2};

} // namespace

simulated_node::simulated_node(std::size_t index, membership::settings fixed, simulated_network& network,
                               milliseconds clock_error)
    : index_(index)
    , network_(network)
    , clock_error_(clock_error)
    , incarnation_(fixed.self.incarnation)
    , members_(membership::start(fixed, network.time().now()))
    , table_(fixed.self.name) {
  permit_.hold_until(mono_time::min());
}

wall_time simulated_node::wall() const {
  return wall_time{std::chrono::seconds{1790000000}} +
         std::chrono::duration_cast<wall_time::duration>(now().time_since_epoch() + clock_error_);
}

void simulated_node::ask(const node_name& peer, peer_request what, answer_function done) {
  network_.ask(index_, peer, std::move(what), [alive = std::weak_ptr(alive_), done](auto answer) {
    if (!alive.expired())
      done(std::move(answer));
  });
}

// -- the machine --------------------------------------------------------------------------------------------

void simulated_node::tick() {
  step(membership::tick{});
  table_.forget_orphans(now());
  tell_status();
  pursue_all();
  if (members_.phase == member_phase::draining)
    drain_rooms();
}

void simulated_node::step(const membership::event& what) {
  auto outcome = membership::step(std::move(members_), what, now());
  members_ = std::move(outcome.next);
  for (const auto& effect : outcome.effects)
    std::visit([this](const auto& each) { perform(each); }, effect);
}

void simulated_node::perform(const membership::phase_changed&) {
  tell_status();
}

void simulated_node::perform(const membership::member_joined& what) {
  if (auto& rooms = peers_.at(what.name).rooms)
    learn(what.name, *rooms);
}

void simulated_node::perform(const membership::member_lost& what) {
  ++members_lost_;
  table_.lose(what.name, now());
  peers_.erase(what.name);
}

void simulated_node::perform(const membership::cut& what) {
  network_.cut(index_, what.name, membership::cut_pause);
}

void simulated_node::perform(const membership::permitted& what) {
  permit_.hold_until(what.until);
}

void simulated_node::tell_status() {
  network_.set_status(index_, {members_.phase, 0, rooms_.size(), 0, membership::links(members_),
                               membership::members(members_)});
}

// -- links --------------------------------------------------------------------------------------------------

void simulated_node::on_link_up(const peer_identity& peer, const member_status& status) {
  peers_.erase(peer.name);
  step(membership::link_up{peer, status});
  peers_[peer.name] = {next_link_++, std::nullopt};
  tell_status();
  ask(peer.name, peer::rooms_changed{true, table_.ours(), {}}, [](auto) {});
}

void simulated_node::on_status(const node_name& peer, const member_status& status, mono_time asked_at) {
  step(membership::status_came{peer, status, asked_at});
}

void simulated_node::on_link_down(const node_name& peer) {
  peers_.erase(peer);
  step(membership::link_down{peer});
  tell_status();
  pursue_all();
}

void simulated_node::on_request(const node_name& peer, const peer_request& what,
                                std::function<void(result<peer_reply>)> answer) {
  if (!peers_.contains(peer))
    return answer(fail(errc::unavailable, "there is no link to the asking node"));
  if (const auto* asked = std::get_if<peer::locate_room>(&what))
    return serve_locate(asked->key, answer);
  if (const auto* asked = std::get_if<peer::open_room>(&what))
    return serve_open(peer, *asked, answer);
  if (const auto* said = std::get_if<peer::rooms_changed>(&what))
    on_rooms(peer, *said);
  answer(peer_reply{peer::done{}});
}

void simulated_node::on_rooms(const node_name& from, const peer::rooms_changed& said) {
  auto& peer = peers_.at(from);
  if (members_.peers.at(from).admitted)
    learn(from, said);
  else if (said.all)
    peer.rooms = said;
  else if (peer.rooms) {
    peer.rooms->opened.insert(peer.rooms->opened.end(), said.opened.begin(), said.opened.end());
    for (const auto& closed : said.closed)
      std::erase(peer.rooms->opened, closed);
  }
  step(membership::rooms_known{from});
}

void simulated_node::learn(const node_name& peer, const peer::rooms_changed& said) {
  const auto learnt = table_.learn(peer, said);
  for (const auto& lost : learnt.vacate)
    rooms_.erase(lost.ours.key);
  tell_changes();
  pursue_all();
}

void simulated_node::tell_changes() {
  const auto changes = table_.take_changes();
  if (!changes)
    return;
  for (const auto& [name, peer] : peers_)
    ask(name, *changes, [](auto) {});
}

// -- finding rooms ------------------------------------------------------------------------------------------

void simulated_node::locate(const room_key& key, place_callback done) {
  const auto number = next_number_++;
  wanted_[number] = {key, std::move(done), now(), false, members_.phase != member_phase::held};
  pursue(number);
}

bool simulated_node::is_reachable(const peer::room_place& place, const room_key& key) const {
  return place.owner == name() ? rooms_.contains(key) : peers_.contains(place.owner);
}

std::optional<peer::room_place> simulated_node::reachable_place(const room_key& key) const {
  auto place = table_.place_of(key);
  return place && is_reachable(*place, key) ? place : std::nullopt;
}

std::optional<node_name> simulated_node::home_of(const room_key& key) const {
  return placement::owner(placement_key(key), membership::owners(members_));
}

void simulated_node::pursue(std::uint64_t number) {
  auto& wanted = wanted_.at(number);
  if (auto place = reachable_place(wanted.key))
    return finish(number, *place);
  const auto waited = now() - wanted.since;
  if (members_.phase == member_phase::held && (!wanted.before_a_hold || waited >= hold_patience))
    return finish(number, fail(errc::conference_unavailable, "held"));
  if (waited >= locate_patience)
    return finish(number, fail(errc::conference_unavailable, "no owner in time"));
  if (wanted.asking || !membership::decides(members_))
    return;
  auto home = home_of(wanted.key);
  if (!home)
    return;
  wanted.asking = true;
  const auto done = [this, number](const result<peer_reply>& answer) {
    auto still = wanted_.find(number);
    if (still == wanted_.end())
      return;
    still->second.asking = false;
    if (answer && is_reachable(std::get<peer::room_place>(*answer), still->second.key))
      finish(number, std::get<peer::room_place>(*answer));
  };
  if (*home == name())
    open_somewhere(wanted.key, done);
  else
    ask(*home, peer::locate_room{wanted.key}, done);
}

void simulated_node::pursue_all() {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, wanted] : wanted_)
    numbers.push_back(number);
  for (auto number : numbers)
    if (wanted_.contains(number))
      pursue(number);
}

void simulated_node::finish(std::uint64_t number, result<peer::room_place> place) {
  auto wanted = wanted_.extract(number);
  wanted.mapped().done(std::move(place));
}

// -- opening rooms ------------------------------------------------------------------------------------------

void simulated_node::serve_locate(const room_key& key, const answer_function& answer) {
  if (auto place = reachable_place(key))
    return answer(peer_reply{*place});
  if (!membership::decides(members_) || home_of(key) != name())
    return answer(fail(errc::unavailable, "not the home"));
  open_somewhere(key, answer);
}

void simulated_node::open_somewhere(const room_key& key, answer_function answer) {
  const auto* known = table_.find(key);
  if (!membership::may_open(members_, now()))
    return answer(fail(errc::moving, "a lost member may not have stopped yet"));
  auto chosen =
      placement::place(placement_key(key), membership::owners(members_), membership::callers(members_, 0));
  if (!chosen)
    return answer(fail(errc::unavailable, "no node takes rooms"));
  auto [pending, is_first] = openings_.try_emplace(key);
  pending->second.push_back(std::move(answer));
  if (!is_first)
    return;
  const bool orphaned = known && !known->owner;
  const owned_room room{key, epoch::next(known ? known->epoch : 0, *chosen, wall()),
                        orphaned ? known->created_at : wall()};
  const peer::open_room message{room, orphaned ? open_reason::owner_lost : open_reason::first_join, {}};
  if (*chosen == name())
    return serve_open(name(), message, [&](const auto& done) { opened_there(room, *chosen, 0, done); });
  const auto link = peers_.contains(*chosen) ? peers_.at(*chosen).link : 0;
  ask(*chosen, message,
      [this, room, to = *chosen, link](const auto& done) { opened_there(room, to, link, done); });
}

void simulated_node::opened_there(const owned_room& room, const node_name& where, std::uint64_t link,
                                  const result<peer_reply>& answer) {
  result<peer_reply> place{peer::room_place{where, room.epoch}};
  if (!answer)
    place = tl::unexpected<error>(answer.error());
  else if (where != name()) {
    if (peers_.contains(where) && peers_.at(where).link == link && members_.peers.at(where).admitted)
      learn(where, {false, {room}, {}});
    else
      place = fail(errc::unavailable, "the chosen node has just been lost");
  }
  if (auto pending = openings_.extract(room.key))
    for (const auto& waiting : pending.mapped())
      waiting(place);
}

void simulated_node::serve_open(const node_name& from, const peer::open_room& asked,
                                const answer_function& answer) {
  if (members_.phase != member_phase::live)
    return answer(fail(errc::unavailable, "this node takes no rooms now"));
  if (table_.is_ours(asked.room.key, asked.room.epoch))
    return answer(peer_reply{peer::done{}});
  if (auto place = reachable_place(asked.room.key);
      place && place->owner != from && place->epoch < asked.room.epoch)
    return answer(fail(errc::moved, "the room is elsewhere already"));
  if (auto owned = table_.own(asked.room); !owned) {
    ++stale_opens_;
    return answer(tl::unexpected<error>(owned.error()));
  }
  rooms_[asked.room.key] = {asked.room.epoch, now(), false};
  if (opened)
    opened(asked.room, asked.reason);
  tell_changes();
  answer(peer_reply{peer::done{}});
}

void simulated_node::empty(const room_key& key) {
  table_.release(key, rooms_.at(key).epoch);
  rooms_.erase(key);
  tell_changes();
}

// -- leaving ------------------------------------------------------------------------------------------------

void simulated_node::drain_rooms() {
  for (auto& [key, room] : rooms_)
    if (!room.leaving)
      drain_room(key, room);
}

void simulated_node::drain_room(const room_key& key, hosted_room& room) {
  auto chosen =
      placement::place(placement_key(key), membership::owners(members_), membership::callers(members_, 0));
  if (!chosen || !peers_.contains(*chosen) || !membership::may_open(members_, now()))
    return;
  room.leaving = true;
  const owned_room successor{key, epoch::next(room.epoch, *chosen, wall()), table_.find(key)->created_at};
  ask(*chosen, peer::open_room{successor, open_reason::owner_drained, {}},
      [this, key, successor, to = *chosen, link = peers_.at(*chosen).link](const auto& answer) {
        auto found = rooms_.find(key);
        if (found == rooms_.end())
          return;
        found->second.leaving = false;
        if (answer && peers_.contains(to) && peers_.at(to).link == link && members_.peers.at(to).admitted)
          learn(to, {false, {successor}, {}});
      });
}

} // namespace plenary::test
