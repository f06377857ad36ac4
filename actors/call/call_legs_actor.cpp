#include "actors/call/call_actor.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "schema/answer_as.hpp"

namespace plenary {

namespace {

/// What needs no network beyond the cluster's; longer than the link's own deadlines.
constexpr std::chrono::seconds leg_patience{5};

/// Longer than the time in which the directory finds or opens a room, and a leg enters one.
constexpr std::chrono::seconds room_patience{6};

error silent() {
  return {errc::timeout, "the leg or the directory did not answer"};
}

} // namespace

void call_state::step(const media_path::event& what) {
  auto outcome = media_path::step(std::move(media_), what);
  media_ = std::move(outcome.next);
  for (const auto& effect : outcome.effects)
    std::visit([this](const auto& each) { perform(each); }, effect);
}

// -- the call machine's wishes ------------------------------------------------------------------------------

void call_state::perform(const call_machine::place_leg& what) {
  steer(media_path::place{what.room});
}

void call_state::perform(const call_machine::complete_leg& what) {
  steer(media_path::complete{what.answer});
}

void call_state::perform(const call_machine::join& what) {
  steer(media_path::join{{what.room, what.how}});
}

void call_state::perform(const call_machine::leave&) {
  steer(media_path::leave{});
}

void call_state::perform(const call_machine::close_leg&) {
  steer(media_path::close{});
}

// -- what legs and signalling tell --------------------------------------------------------------------------

void call_state::on_told(const leg_told& message) {
  std::visit([this, leg = message.leg.number](const auto& what) { hear(leg, what); }, message.what);
}

void call_state::hear(std::uint32_t leg, const report::left_room& what) {
  steer(media_path::left_room{leg, what.reason});
}

void call_state::hear(std::uint32_t leg, const report::media_timed_out&) {
  steer(media_path::media_timed_out{leg});
}

void call_state::hear(std::uint32_t, const report::digit_pressed&) {
  // No action listens for digits yet; the operator sees that they arrive, not which they are.
  edges_->log->debug("digit_received", {{"call", settings_.invite.id.value}});
}

void call_state::hear(std::uint32_t leg, const report::room_moves& what) {
  edges_->log->info("room_moves", {{"call", settings_.invite.id.value}, {"to", what.to.owner.value}});
  steer(media_path::room_moves{leg, what.to});
}

void call_state::hear(std::uint32_t leg, const report::participant_changed& what) {
  steer(media_path::participant_changed{leg, what.change});
}

void call_state::hear(std::uint32_t leg, const report::ended&) {
  perform(media_path::close_leg{leg}); // whatever still stands for it here
  edges_->log->warning("leg_lost", {{"call", settings_.invite.id.value}, {"leg", std::int64_t{leg}}});
  steer(media_path::leg_lost{leg});
}

void call_state::on_confirmed() {
  confirmed_ = true;
  for (const auto& [number, leg] : legs_)
    caf::anon_send(leg, leg_order{order::confirm{}}); // its answer says nothing
}

void call_state::on_our_offer_answered(const offer_answered& answered) {
  if (!answered.answer) // the session stays as it was (RFC 3261 section 14.1)
    edges_->log->warning("offer_failed",
                         {{"call", settings_.invite.id.value}, {"reason", answered.answer.error().message}});
  steer(media_path::offer_answered{answered.answer});
}

// -- what the media path wants ------------------------------------------------------------------------------

void call_state::perform(const media_path::locate& what) {
  self_->request(settings_.directory, room_patience, locate_room{what.room})
      .then(
          [this, turn = what.turn](const result<room_place>& where) {
            steer(media_path::located{turn, where});
          },
          [this, turn = what.turn](const caf::error&) {
            steer(media_path::located{turn, tl::unexpected<error>(silent())});
          });
}

void call_state::perform(const media_path::make_leg& what) {
  self_
      ->request(
          settings_.directory, room_patience,
          place_leg{{{settings_.invite.id, what.number}, caf::actor_cast<call_actor>(self_)}, what.room})
      .then(
          [this, number = what.number, continuing = what.continuing](const result<leg_location>& where) {
            bool wanted = media_.legs.is_next(number);
            if (where && wanted)
              open_leg_at(number, *where, continuing);
            else if (!where)
              steer(media_path::leg_made{number, tl::unexpected<error>(where.error())});
          },
          [this, number = what.number](const caf::error&) {
            steer(media_path::leg_made{number, tl::unexpected<error>(silent())});
          });
}

void call_state::open_leg_at(std::uint32_t number, const leg_location& where,
                             std::optional<sdp_session> continuing) {
  legs_[number] = where.leg;
  self_->monitor(where.leg);
  order::open what;
  if (!continuing)
    what.offer = settings_.invite.offer;
  what.srtp = settings_.invite.srtp;
  what.continuing = std::move(continuing);
  what.signalling = settings_.invite.source;
  what.trunk = settings_.invite.trunk;
  what.held_back = !confirmed_;
  ask_leg(number, std::move(what), leg_patience,
          [this, number, node = where.node](const result<sdp_session>& opened) {
            steer(media_path::leg_made{number, opened.map([&node](const sdp_session& session) {
                                         return media_path::made_leg{node, session};
                                       })});
          });
}

/// Asks one of the call's legs; the answer is an error when it is gone or silent.
template <class Order, class Then>
void call_state::ask_leg(std::uint32_t number, Order what, std::chrono::seconds deadline, Then then) {
  using answer_type = result<typename Order::reply>;
  auto found = legs_.find(number);
  if (found == legs_.end())
    return then(answer_type{fail(errc::unavailable, "the leg is gone")});
  self_->request(found->second, deadline, leg_order{std::move(what)})
      .then([then](const result<leg_reply>& answer) { then(answer_as<typename Order::reply>(answer)); },
            [then](const caf::error&) { then(answer_type{tl::unexpected<error>(silent())}); });
}

void call_state::perform(const media_path::send_offer& what) {
  edges_->sip->send_offer(settings_.invite.id, what.sdp);
}

void call_state::perform(const media_path::complete_leg& what) {
  ask_leg(what.number, order::accept_answer{what.answer}, leg_patience,
          [this, number = what.number](const result<order::done>& taken) {
            steer(media_path::completed{number, taken.map([](order::done) {})});
          });
}

void call_state::perform(const media_path::enter& what) {
  ask_leg(what.number, order::enter{what.what.room, what.what.how, what.epoch}, room_patience,
          [this, number = what.number](const result<room_place>& joined) {
            steer(media_path::entered{number, joined.map([](const room_place&) {})});
          });
}

void call_state::perform(const media_path::exit_leg& what) {
  if (auto found = legs_.find(what.number); found != legs_.end())
    caf::anon_send(found->second, leg_order{order::exit{}});
}

void call_state::perform(const media_path::close_leg& what) {
  auto found = legs_.find(what.number);
  if (found == legs_.end())
    return;
  self_->demonitor(found->second->address());
  caf::anon_send(found->second, leg_order{order::close{}});
  legs_.erase(found);
}

void call_state::perform(const media_path::renegotiate_leg& what) {
  ask_leg(what.number, order::renegotiate{what.offer}, leg_patience,
          [this, number = what.number](const result<sdp_session>& answer) {
            steer(media_path::offer_taken{number, answer});
          });
}

void call_state::perform(const media_path::answer_offer& what) {
  edges_->sip->answer_offer(settings_.invite.id, what.sdp);
}

void call_state::perform(const media_path::refuse_offer& what) {
  bool theirs = what.why.code == errc::not_acceptable || what.why.code == errc::malformed;
  edges_->log->warning("offer_refused", {{"call", settings_.invite.id.value}, {"reason", what.why.message}});
  // 500 with Retry-After: RFC 3261 section 14.2.
  edges_->sip->refuse_offer(settings_.invite.id,
                            theirs ? rejection{488, "Not Acceptable Here", std::nullopt, what.why.message}
                                   : rejection{500, "Server Internal Error", std::chrono::seconds{1}});
}

void call_state::perform(const media_path::wait& what) {
  if (what.delay.count() == 0)
    self_->send(self_, media_path::waited{what.turn});
  else
    self_->delayed_send(self_, what.delay, media_path::waited{what.turn});
}

void call_state::perform(const media_path::start_patience& what) {
  self_->delayed_send(self_, media_path::patience, media_path::patience_over{what.clock});
}

void call_state::perform(const media_path::tell& what) {
  std::visit([this](const auto& news) { feed(news); }, what.what);
}

void call_state::perform(const media_path::move_started&) {
  move_started_at_ = self_->clock().now();
}

void call_state::perform(const media_path::move_ended& what) {
  std::chrono::duration<double> taken = self_->clock().now() - move_started_at_;
  edges_->meters->count(what.done ? counter::leg_moves : counter::leg_moves_failed);
  edges_->meters->observe(histogram::leg_move_duration, taken.count());
  edges_->log->info(what.done ? "media_moved" : "media_move_failed",
                    {{"call", settings_.invite.id.value}, {"seconds", taken.count()}});
}

} // namespace plenary
