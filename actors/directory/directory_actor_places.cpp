// What `placing` wants done, and what it is told: rooms, links, and those who wait for answers.

#include "actors/directory/directory_actor.hpp"
#include "actors/directory/epoch.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/peer_network.hpp"
#include "actors/edge/telemetry.hpp"
#include "actors/link/link_actor.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

/// One question to a peer; an answer that takes longer is asked for again.
constexpr std::chrono::milliseconds ask_patience{1000};

std::int64_t as_field(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

} // namespace

// -- the machine --------------------------------------------------------------------------------------------

void directory_state::step(placing::event what) {
  places_.step(
      std::move(what),
      [this] {
        return placing::moment{edges_->mono_clock(), edges_->wall_clock()};
      },
      [this](const auto& effect) { perform(effect); });
}

// -- the other nodes ----------------------------------------------------------------------------------------

void directory_state::on_link_up(const link_came_up& message) {
  const auto& name = message.peer.name;
  if (epoch::node_tag(name) == epoch::node_tag(edges_->node)) {
    edges_->log->error("node_names_clash", {{"member", name.value}, {"hint", "rename one of the two nodes"}});
    return edges_->peers->cut(name, std::chrono::seconds{5});
  }
  edges_->log->info("link_up", {{"member", name.value}, {"address", message.peer.address}});
  step(placing::link_up{message.peer, message.status});
}

void directory_state::on_status(const status_came& message) {
  step(placing::status_came{message.peer, message.status, message.asked_at});
}

void directory_state::on_link_down(const link_went_down& message) {
  edges_->log->warning("link_down", {{"member", message.peer.value}, {"reason", to_string(message.reason)}});
  const bool silent = message.reason == link_end::silent;
  step(placing::link_down{message.peer, silent ? settings_.cluster.silence : std::chrono::milliseconds{0}});
}

void directory_state::perform(const placing::link_made& what) {
  links_[what.peer] = self_->spawn(link, what.peer, edges_);
}

void directory_state::perform(const placing::link_ended& what) {
  if (auto ended = links_.extract(what.peer))
    self_->send(ended.mapped(), link_lost{});
}

link_actor directory_state::link_to(const node_name& peer) const {
  auto found = links_.find(peer);
  return found == links_.end() ? link_actor{} : found->second;
}

void directory_state::perform(const placing::phase_changed& what) {
  edges_->log->info("member_phase", {{"phase", to_string(what.phase)}});
  if (what.phase == member_phase::joining)
    edges_->meters->count(counter::mixing_pauses);
}

void directory_state::perform(const placing::status_changed&) {
  if (edges_->peers != nullptr)
    edges_->peers->set_status(placing::status(*places_, settings_.live->load()));
}

void directory_state::perform(const placing::member_joined& what) {
  edges_->meters->count(counter::members_joined);
  edges_->log->info("member_joined", {{"member", what.name.value}});
}

void directory_state::perform(const placing::member_lost& what) {
  edges_->meters->count(counter::members_lost);
  edges_->log->warning("member_lost", {{"member", what.name.value}, {"rooms", as_field(what.rooms)}});
}

void directory_state::perform(const placing::cut& what) {
  edges_->log->warning("member_cut_off", {{"member", what.name.value}});
  edges_->peers->cut(what.name, membership::cut_pause);
}

void directory_state::perform(const placing::permitted& what) {
  if (permit_ != nullptr)
    permit_->hold_until(what.until);
}

void directory_state::perform(const placing::ask& what) {
  const auto done = [this, number = what.number](result<peer_reply> answer) {
    step(placing::answered{number, std::move(answer)});
  };
  const auto link = link_to(what.peer);
  if (!link)
    return done(fail(errc::unavailable, "the node has just been lost"));
  self_->request(link, ask_patience * 2, ask_peer{what.what, ask_patience})
      .then([done](const result<peer_reply>& answer) { done(answer); },
            [done](const caf::error&) { done(fail(errc::unavailable, "the link has ended")); });
}

/// A list of rooms is one message: the link sends it in parts, and the peer takes it as a whole.
void directory_state::perform(const placing::tell& what) {
  if (auto link = link_to(what.peer))
    caf::anon_send(link, ask_peer{what.what, ask_patience});
}

// -- those who wait -----------------------------------------------------------------------------------------

caf::result<result<peer::room_place>> directory_state::on_locate_room(const locate_room& message) {
  auto promise = self_->make_response_promise<result<peer::room_place>>();
  const auto number = ++last_number_;
  wanted_[number] = promise;
  step(placing::want{number, message.key});
  return promise;
}

void directory_state::perform(const placing::found& what) {
  edges_->meters->observe(histogram::locate_duration, std::chrono::duration<double>(what.waited).count());
  if (auto waiting = wanted_.extract(what.number))
    waiting.mapped().deliver(result<peer::room_place>{what.place});
}

void directory_state::perform(const placing::not_found& what) {
  edges_->log->warning("room_not_placed", {{"room", what.key.name}, {"reason", what.why.message}});
  if (auto waiting = wanted_.extract(what.number))
    waiting.mapped().deliver(result<peer::room_place>{tl::unexpected<error>(what.why)});
}

void directory_state::perform(const placing::answer& what) {
  if (auto waiting = questions_.extract(what.question))
    waiting.mapped()(what.what);
}

// -- rooms of this node -------------------------------------------------------------------------------------

void directory_state::perform(const placing::host& what) {
  room_settings made;
  made.key = what.room.key;
  made.epoch = what.room.epoch;
  made.created_at = what.room.created_at;
  made.reason = what.reason;
  made.lost_for = what.lost_for;
  made.mixer = settings_.mixer;
  made.directory = caf::actor_cast<directory_actor>(self_);
  made.never_twice = settings_.cluster.hold;
  made.tick_log = settings_.tick_log;
  rooms_[what.room.key] = {self_->spawn<caf::monitored>(plenary::room, std::move(made), edges_),
                           what.room.epoch};
  count_move(what.reason);
}

void directory_state::perform(const placing::vacate& what) {
  auto vacated = rooms_.extract(what.key);
  if (!vacated)
    return;
  edges_->log->info("room_moves", {{"room", what.key.name},
                                   {"customer", what.key.customer.value},
                                   {"to", what.to.owner.value},
                                   {"epoch", as_field(what.to.epoch)}});
  self_->send(vacated.mapped().actor, plenary::vacate_room{what.to});
  vacated_[vacated.mapped().actor->address()] = what.key;
}

void directory_state::perform(const placing::half_comes& what) {
  edges_->meters->count(counter::room_moves_merged);
  if (auto found = rooms_.find(what.key); found != rooms_.end())
    self_->send(found->second.actor, half_joins{what.from});
}

void directory_state::perform(const placing::placed&) {
  edges_->meters->count(counter::rooms_placed);
}

void directory_state::perform(const placing::not_opened& what) {
  edges_->log->warning("room_not_opened", {{"room", what.key.name}, {"reason", what.why.message}});
}

void directory_state::perform(const placing::stale_refused&) {
  edges_->meters->count(counter::stale_epochs_refused);
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

// -- what peers and the API ask -----------------------------------------------------------------------------

void directory_state::on_peer_request(peer_request_came& message) {
  if (!links_.contains(message.peer))
    return message.answer(fail(errc::unavailable, "there is no link to the asking node"));
  serve(message.peer, std::move(message.what), std::move(message.answer));
}

void directory_state::serve(const node_name& from, peer_request what, answer_function answer) {
  if (auto* elsewhere = std::get_if<node_request>(&what))
    return self_->request(responder_, caf::infinite, serve_peer{from, std::move(*elsewhere), link_to(from)})
        .then(
            [answer](const result<peer_reply>& done) { answer(done); },
            [answer](const caf::error&) { answer(fail(errc::internal, "the request was not carried out")); });
  const auto take = [&](auto& asked) {
    using kind = std::decay_t<decltype(asked)>;
    if constexpr (std::is_same_v<kind, peer::rooms_changed>) {
      step(placing::rooms_said{from, std::move(asked)});
      answer(peer_reply{peer::done{}});
    } else if constexpr (std::is_same_v<kind, peer::drain_node>) {
      on_set_draining({asked.drain});
      answer(peer_reply{peer::done{}});
    } else {
      const auto number = ++last_number_;
      questions_[number] = std::move(answer);
      step(placing::asked{number, from, std::move(asked)});
    }
  };
  std::visit(take, std::get<directory_request>(what));
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
  all.members.push_back(
      {places_->members.fixed.self, placing::status(*places_, settings_.live->load()), true});
  for (const auto& [name, each] : places_->members.peers)
    all.members.push_back({each.identity, each.status, false});
  return all;
}

// -- time, and leaving --------------------------------------------------------------------------------------

void directory_state::on_tick() {
  step(placing::tick{});
  std::map<member_phase, double> in_phase{{places_->members.phase, 1}};
  for (const auto& [name, each] : places_->members.peers)
    in_phase[each.status.phase] += 1;
  edges_->meters->set(gauge::members_joining, in_phase[member_phase::joining]);
  edges_->meters->set(gauge::members_live, in_phase[member_phase::live]);
  edges_->meters->set(gauge::members_draining, in_phase[member_phase::draining]);
  edges_->meters->set(gauge::members_held, in_phase[member_phase::held]);
  edges_->meters->set(gauge::rooms_known, static_cast<double>(places_->table.owned_count()));
  show_drain();
}

void directory_state::show_drain() const {
  if (places_->members.phase != member_phase::draining)
    return;
  edges_->meters->set(gauge::drain_rooms_left, static_cast<double>(rooms_.size() + vacated_.size()));
  edges_->meters->set(gauge::drain_calls_left, static_cast<double>(settings_.live->load()));
}

void directory_state::on_set_draining(const set_draining& message) {
  step(placing::draining_set{message.drain});
  edges_->log->info(message.drain ? "drain_started" : "drain_cancelled", {});
}

drain_progress directory_state::on_describe_drain() const {
  return {places_->members.wants_drain, rooms_.size() + vacated_.size(), settings_.live->load()};
}

} // namespace plenary
