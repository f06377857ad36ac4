#include "actors/link/remote_call_actor.hpp"

#include "actors/edge/log.hpp"

#include <utility>

namespace plenary {

void remote_call_state::start(self_pointer self, leg_name name, const leg_actor& leg, link_actor link,
                              const node_edges& edges) {
  self_ = self;
  alive_ = caf::actor_cast<call_actor>(self);
  name_ = std::move(name);
  leg_ = leg->address();
  link_ = std::move(link);
  edges_ = &edges;
  self->set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  self->monitor(link_);
  self->monitor(leg);
}

void remote_call_state::on_left_room(const left_room& message) {
  tell(peer::left_room{name_, message.reason});
}

void remote_call_state::on_media_timed_out() {
  tell(peer::media_timed_out{name_});
}

void remote_call_state::on_digit(const digit_received& message) {
  tell(peer::digit_received{name_, message.digit});
}

void remote_call_state::on_room_moves(const room_moves& message) {
  tell(peer::room_moves{name_, message.to});
}

void remote_call_state::on_participant_changed(const participant_changed& message) {
  tell(peer::participant_changed{name_, message.change});
}

/// A call that cannot be told does not know of this leg any more, or not what became of it: the leg ends.
void remote_call_state::tell(peer_request what) {
  auto gone = [this](std::string_view why) {
    edges_->log->warning("call_not_told", {{"call", name_.call.value}, {"reason", why}});
    caf::anon_send(link_, ask_peer{peer::leg_ended{name_}});
    self_->quit(caf::exit_reason::remote_link_unreachable);
  };
  self_->request(link_, caf::infinite, ask_peer{std::move(what)})
      .then(
          [gone](const result<peer_reply>& answer) {
            if (!answer)
              gone(answer.error().message);
          },
          [gone](const caf::error&) { gone("the link is down"); });
}

void remote_call_state::on_down(const caf::down_msg& down) {
  if (down.source == link_->address())
    return self_->quit(caf::exit_reason::remote_link_unreachable);
  if (down.source != leg_)
    return;
  if (down.reason && down.reason != caf::exit_reason::normal)
    caf::anon_send(link_, ask_peer{peer::leg_ended{name_}});
  self_->quit();
}

call_actor::behavior_type remote_call(remote_call_state::self_pointer self, leg_name name, leg_actor leg,
                                      link_actor link, const node_edges* edges) {
  auto& state = self->state;
  state.start(self, std::move(name), leg, std::move(link), *edges);
  return {
      [](const signalled&) {}, // only the real call has a dialog
      [&state](const left_room& message) { state.on_left_room(message); },
      [&state](const media_timed_out&) { state.on_media_timed_out(); },
      [&state](const digit_received& message) { state.on_digit(message); },
      [&state](const room_moves& message) { state.on_room_moves(message); },
      [&state](const participant_changed& message) { state.on_participant_changed(message); },
      [](const leg_ended&) {}, // it watches its leg itself
      [](const end_call&) {},  // whoever ends a call asks its own node
      [](const describe_call&) -> caf::result<call_record> { return caf::sec::unexpected_message; },
  };
}

} // namespace plenary
