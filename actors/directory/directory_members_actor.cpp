// The other nodes: who is a member, what each owns, and what they ask of this one.

#include "actors/directory/directory_actor.hpp"
#include "actors/directory/epoch.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/peer_network.hpp"
#include "actors/edge/telemetry.hpp"
#include "actors/link/link_actor.hpp"

#include <algorithm>

namespace plenary {

namespace {

/// Rooms that a draining node moves at one time, callers who have not followed yet included: so few that
/// those of one room move together, for who is ahead hears nobody (bench/cluster_bench).
constexpr std::ptrdiff_t rooms_on_the_move = 10;

/// Rooms moved with each tick all the same: callers who do not follow hold up nobody else.
constexpr std::ptrdiff_t rooms_a_tick = 1;

std::int64_t as_field(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

} // namespace

// -- the machine --------------------------------------------------------------------------------------------

void directory_state::step(const membership::event& what) {
  auto outcome = membership::step(std::move(members_), what, edges_->mono_clock());
  members_ = std::move(outcome.next);
  for (const auto& effect : outcome.effects)
    std::visit([this](const auto& each) { perform(each); }, effect);
}

void directory_state::perform(const membership::phase_changed& what) {
  edges_->log->info("member_phase", {{"phase", to_string(what.phase)}});
  if (what.phase == member_phase::joining)
    edges_->meters->count(counter::mixing_pauses);
  tell_status();
}

void directory_state::perform(const membership::member_joined& what) {
  edges_->meters->count(counter::members_joined);
  edges_->log->info("member_joined", {{"member", what.name.value}});
  if (auto& rooms = peers_.at(what.name).rooms)
    learn(what.name, *rooms);
}

void directory_state::perform(const membership::member_lost& what) {
  edges_->meters->count(counter::members_lost);
  const auto rooms = table_.lose(what.name, edges_->mono_clock(), what.silent_for);
  edges_->log->warning("member_lost", {{"member", what.name.value}, {"rooms", as_field(rooms)}});
  end_link(what.name);
}

void directory_state::perform(const membership::cut& what) {
  edges_->log->warning("member_cut_off", {{"member", what.name.value}});
  edges_->peers->cut(what.name, membership::cut_pause);
}

void directory_state::perform(const membership::permitted& what) {
  if (permit_ != nullptr)
    permit_->hold_until(what.until);
}

// -- links --------------------------------------------------------------------------------------------------

void directory_state::on_link_up(const link_came_up& message) {
  const auto& name = message.peer.name;
  if (epoch::node_tag(name) == epoch::node_tag(edges_->node)) {
    edges_->log->error("node_names_clash", {{"member", name.value}, {"hint", "rename one of the two nodes"}});
    return edges_->peers->cut(name, std::chrono::seconds{5});
  }
  end_link(name);
  step(membership::link_up{message.peer, message.status});
  peers_[name] = {self_->spawn(link, name, edges_), std::nullopt};
  edges_->log->info("link_up", {{"member", name.value}, {"address", message.peer.address}});
  tell_status();
  tell_rooms(name);
}

void directory_state::on_status(const status_came& message) {
  step(membership::status_came{message.peer, message.status, message.asked_at});
}

void directory_state::on_link_down(const link_went_down& message) {
  edges_->log->warning("link_down", {{"member", message.peer.value}, {"reason", to_string(message.reason)}});
  end_link(message.peer);
  const bool silent = message.reason == link_end::silent;
  step(membership::link_down{message.peer, silent ? members_.fixed.silence : std::chrono::milliseconds{0}});
  tell_status();
  pursue_all();
}

void directory_state::end_link(const node_name& peer) {
  auto ended = peers_.extract(peer);
  if (ended)
    self_->send(ended.mapped().link, link_lost{});
}

link_actor directory_state::link_to(const node_name& peer) const {
  auto found = peers_.find(peer);
  return found == peers_.end() ? link_actor{} : found->second.link;
}

// -- who owns what ------------------------------------------------------------------------------------------

void directory_state::learn(const node_name& peer, const peer::rooms_changed& said) {
  const auto learnt = table_.learn(peer, said);
  for (const auto& lost : learnt.vacate)
    vacate(lost.ours.key, lost.to);
  for (const auto& key : learnt.halves)
    half_comes(key, peer);
  tell_changes();
  pursue_all();
}

void directory_state::half_comes(const room_key& key, const node_name& from) {
  edges_->meters->count(counter::room_moves_merged);
  edges_->meters->count(counter::stale_epochs_refused);
  if (auto found = rooms_.find(key); found != rooms_.end())
    self_->send(found->second.actor, half_joins{from});
}

/// What a peer says that is no member yet is learnt when it is one. It may have admitted this node before,
/// and already given up its halves of rooms of this node: that must be told now, for it is not learnt later.
void directory_state::keep_for_later(const node_name& from, peer::rooms_changed said) {
  auto& known = peers_.at(from).rooms;
  if (said.all) {
    known = std::move(said);
    return;
  }
  if (!known)
    return;
  std::move(said.opened.begin(), said.opened.end(), std::back_inserter(known->opened));
  for (const auto& closed : said.closed)
    if (std::erase(known->opened, closed) > 0 && table_.has_half(closed))
      half_comes(closed.key, from);
}

/// Everything that this node owns, in one message: the link sends it in parts, and the peer takes it as a
/// whole.
void directory_state::tell_rooms(const node_name& peer) {
  caf::anon_send(link_to(peer), ask_peer{peer::rooms_changed{true, table_.ours(), {}}, ask_patience});
}

void directory_state::tell_changes() {
  const auto changes = table_.take_changes();
  if (!changes)
    return;
  for (const auto& [name, peer] : peers_)
    caf::anon_send(peer.link, ask_peer{*changes, ask_patience});
}

void directory_state::tell_status() {
  if (edges_->peers == nullptr)
    return;
  edges_->peers->set_status({members_.phase, callers_here(), rooms_.size(), calls_.size(),
                             membership::links(members_), membership::members(members_)});
}

// -- what peers ask -----------------------------------------------------------------------------------------

void directory_state::on_peer_request(peer_request_came& message) {
  if (!peers_.contains(message.peer))
    return message.answer(fail(errc::unavailable, "there is no link to the asking node"));
  serve(message.peer, std::move(message.what), std::move(message.answer));
}

void directory_state::serve(const node_name& from, peer_request what, answer_function answer) {
  if (const auto* asked = std::get_if<peer::locate_room>(&what))
    return serve_locate(*asked, answer);
  if (const auto* asked = std::get_if<peer::open_room>(&what))
    return serve_open(from, *asked, answer);
  if (const auto* asked = std::get_if<peer::vacate_room>(&what))
    return serve_vacate(*asked, answer);
  if (const auto* asked = std::get_if<peer::drain_node>(&what)) {
    on_set_draining({asked->drain});
    return answer(peer_reply{peer::done{}});
  }
  if (auto* said = std::get_if<peer::rooms_changed>(&what)) {
    const bool is_member = members_.peers.contains(from) && members_.peers.at(from).admitted;
    if (is_member)
      learn(from, *said);
    else
      keep_for_later(from, std::move(*said));
    step(membership::rooms_known{from});
    return answer(peer_reply{peer::done{}});
  }
  self_->request(responder_, caf::infinite, serve_peer{from, std::move(what), link_to(from)})
      .then([answer](const result<peer_reply>& done) { answer(done); },
            [answer](const caf::error&) { answer(fail(errc::internal, "the request was not carried out")); });
}

void directory_state::serve_vacate(const peer::vacate_room& asked, const answer_function& answer) {
  if (!table_.is_ours(asked.key, asked.epoch)) {
    edges_->meters->count(counter::stale_epochs_refused);
    return answer(fail(errc::stale, "this node does not own the room under that epoch"));
  }
  learn(asked.to.owner, {false, {{asked.key, asked.to.epoch, table_.find(asked.key)->created_at}}, {}});
  answer(peer_reply{peer::done{}});
}

caf::result<result<peer_reply>> directory_state::on_ask_node(const ask_node& message) {
  auto promise = self_->make_response_promise<result<peer_reply>>();
  if (message.node == edges_->node) {
    serve(message.node, message.what,
          [promise](result<peer_reply> answer) mutable { promise.deliver(std::move(answer)); });
    return promise;
  }
  auto link = link_to(message.node);
  if (!link) {
    promise.deliver(result<peer_reply>{
        fail(errc::unavailable, fmt::format("node \"{}\" is not reachable", message.node.value))});
    return promise;
  }
  self_->request(link, ask_patience * 4, ask_peer{message.what, ask_patience * 3})
      .then([promise](const result<peer_reply>& answer) mutable { promise.deliver(answer); },
            [promise](const caf::error&) mutable {
              promise.deliver(result<peer_reply>{fail(errc::unavailable, "the node was lost")});
            });
  return promise;
}

described_members directory_state::on_describe_members() const {
  described_members all;
  all.members.push_back({members_.fixed.self,
                         {members_.phase, callers_here(), rooms_.size(), calls_.size(),
                          membership::links(members_), membership::members(members_)},
                         true});
  for (const auto& [name, each] : members_.peers)
    all.members.push_back({each.identity, each.status, false});
  return all;
}

// -- time ---------------------------------------------------------------------------------------------------

void directory_state::on_tick() {
  step(membership::tick{});
  table_.forget_orphans(edges_->mono_clock());
  tell_status();
  pursue_all();
  if (members_.phase == member_phase::draining)
    drain_rooms(rooms_a_tick);
  std::map<member_phase, double> in_phase{{members_.phase, 1}};
  for (const auto& [name, each] : members_.peers)
    in_phase[each.status.phase] += 1;
  edges_->meters->set(gauge::members_joining, in_phase[member_phase::joining]);
  edges_->meters->set(gauge::members_live, in_phase[member_phase::live]);
  edges_->meters->set(gauge::members_draining, in_phase[member_phase::draining]);
  edges_->meters->set(gauge::members_held, in_phase[member_phase::held]);
  edges_->meters->set(gauge::rooms_known, static_cast<double>(table_.owned_count()));
}

// -- leaving ------------------------------------------------------------------------------------------------

void directory_state::on_set_draining(const set_draining& message) {
  step(membership::draining_set{message.drain});
  edges_->log->info(message.drain ? "drain_started" : "drain_cancelled", {});
}

drain_progress directory_state::on_describe_drain() const {
  return {members_.wants_drain, rooms_.size() + vacated_.size(), calls_.size()};
}

void directory_state::drain_rooms(std::ptrdiff_t at_least) {
  edges_->meters->set(gauge::drain_rooms_left, static_cast<double>(rooms_.size() + vacated_.size()));
  edges_->meters->set(gauge::drain_calls_left, static_cast<double>(calls_.size()));
  const auto moving =
      std::count_if(rooms_.begin(), rooms_.end(), [](const auto& each) { return each.second.leaving; }) +
      std::ssize(vacated_);
  auto more = std::max(rooms_on_the_move - moving, at_least);
  for (auto& [key, room] : rooms_)
    if (!room.leaving && more > 0) {
      drain_room(key, room);
      --more;
    }
}

void directory_state::drain_room(const room_key& key, hosted_room& room) {
  auto chosen = placement::place(placement_key(key), membership::owners(members_),
                                 membership::callers(members_, callers_here()));
  auto link = chosen ? link_to(*chosen) : link_actor{};
  if (!link)
    return; // nobody to give it to: it stays until its callers leave
  if (!membership::may_open(members_, edges_->mono_clock()))
    return; // a lost member may have taken it already, and the news been lost with it
  room.leaving = true;
  const owned_room successor{key, epoch::next(room.epoch, *chosen, edges_->wall_clock()),
                             table_.find(key)->created_at};
  const auto done = [this, key = key, successor, to = *chosen, link](bool taken) {
    auto found = rooms_.find(key);
    if (found == rooms_.end())
      return;
    found->second.leaving = false;
    if (taken && link_to(to) == link) // else tried again with the next tick
      learn(to, {false, {successor}, {}});
  };
  self_
      ->request(link, ask_patience * 2,
                ask_peer{peer::open_room{successor, open_reason::owner_drained, {}}, ask_patience})
      .then([done](const result<peer_reply>& answer) { done(answer.has_value()); },
            [done](const caf::error&) { done(false); });
}

} // namespace plenary
