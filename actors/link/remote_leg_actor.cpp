#include "actors/link/remote_leg_actor.hpp"

#include "actors/link/peer_answer.hpp"

#include <utility>

namespace plenary {

void remote_leg_state::start(self_pointer self, leg_name name, link_actor link) {
  self_ = self;
  name_ = std::move(name);
  link_ = std::move(link);
  self->set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  self->monitor(link_);
}

/// The link answers always, unless it has ended.
template <class Answer, class Translate>
caf::result<result<Answer>> remote_leg_state::ask(peer_request what, Translate translate) {
  auto promise = self_->make_response_promise<result<Answer>>();
  self_->request(link_, caf::infinite, ask_peer{std::move(what)})
      .then([promise,
             translate](const result<peer_reply>& answer) mutable { promise.deliver(translate(answer)); },
            [promise](const caf::error&) mutable {
              promise.deliver(result<Answer>{fail(errc::unavailable, "the link to the leg is down")});
            });
  return promise;
}

caf::result<result<described_media>> remote_leg_state::ask_for_media(peer_request what) {
  return ask<described_media>(std::move(what), [](const result<peer_reply>& answer) {
    return answer_as<peer::described_media>(answer).map([](const peer::described_media& media) {
      return described_media{media.session.local, media.session};
    });
  });
}

caf::result<result<described_media>> remote_leg_state::on_open(const open_leg& message) {
  alive_ = caf::actor_cast<leg_actor>(self_);
  owner_ = message.owner;
  self_->monitor(owner_);
  return ask_for_media(peer::open_leg{name_, message.offer, message.srtp, message.continuing,
                                      message.signalling, message.trunk, message.held_back});
}

caf::result<result<described_media>> remote_leg_state::on_renegotiate(const renegotiate& message) {
  return ask_for_media(peer::renegotiate{name_, message.offer});
}

caf::result<result<void>> remote_leg_state::on_answer(const accept_answer& message) {
  return ask<void>(peer::accept_answer{name_, message.answer}, [](const result<peer_reply>& answer) {
    return answer_as<peer::done>(answer).map([](peer::done) {});
  });
}

caf::result<result<room_joined>> remote_leg_state::on_enter(const enter_room& message) {
  return ask<room_joined>(peer::enter_room{name_, message.room, message.epoch, message.how},
                          [](const result<peer_reply>& answer) {
                            return answer_as<peer::room_place>(answer).map([](const peer::room_place& place) {
                              return room_joined{place.owner, place.epoch};
                            });
                          });
}

void remote_leg_state::on_confirm() {
  caf::anon_send(link_, ask_peer{peer::confirm_leg{name_}});
}

void remote_leg_state::on_exit() {
  caf::anon_send(link_, ask_peer{peer::exit_room{name_}});
}

void remote_leg_state::on_close() {
  caf::anon_send(link_, ask_peer{peer::close_leg{name_}});
  self_->quit();
}

void remote_leg_state::on_down(const caf::down_msg& down) {
  if (owner_ && down.source == owner_->address())
    return on_close();
  if (down.source == link_->address())
    self_->quit(caf::exit_reason::remote_link_unreachable);
}

leg_actor::behavior_type remote_leg(remote_leg_state::self_pointer self, leg_name name, link_actor link,
                                    const node_edges*) {
  auto& state = self->state;
  state.start(self, std::move(name), std::move(link));
  return {
      [&state](const open_leg& message) { return state.on_open(message); },
      [&state](const renegotiate& message) { return state.on_renegotiate(message); },
      [&state](const accept_answer& message) { return state.on_answer(message); },
      [&state](const confirm_leg&) { state.on_confirm(); },
      [&state](const enter_room& message) { return state.on_enter(message); },
      [&state](const exit_room&) { state.on_exit(); },
      [&state](const close_leg&) { state.on_close(); },
      // Receive threads and rooms speak to the leg itself, on its own node.
      [](const media_noticed&) {},
      [](const relocate&) {},
      [](const participation_changed&) {},
      [](const removed_from_room&) {},
      [](const stream_report&) {},
      [](const supervise_tick&) {},
  };
}

} // namespace plenary
