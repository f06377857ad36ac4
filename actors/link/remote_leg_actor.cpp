#include "actors/link/remote_leg_actor.hpp"

#include "schema/answer_as.hpp"

#include <utility>

namespace plenary {

void remote_leg_state::start(self_pointer self, leg_of_call made, link_actor link) {
  self_ = self;
  made_ = std::move(made);
  link_ = std::move(link);
  self->set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  self->monitor(link_);
  self->monitor(made_.owner);
}

/// The link answers always, unless it has ended.
caf::result<result<leg_reply>> remote_leg_state::on_order(const leg_order& what) {
  if (std::holds_alternative<order::close>(what)) {
    close();
    return result<leg_reply>{order::done{}};
  }
  if (std::holds_alternative<order::open>(what))
    alive_ = caf::actor_cast<leg_actor>(self_);
  auto promise = self_->make_response_promise<result<leg_reply>>();
  self_->request(link_, caf::infinite, ask_peer{peer::order_leg{made_.name, what}})
      .then([promise](
                const result<peer_reply>& answer) mutable { promise.deliver(answer_as<leg_reply>(answer)); },
            [promise](const caf::error&) mutable {
              promise.deliver(result<leg_reply>{fail(errc::unavailable, "the link to the leg is down")});
            });
  return promise;
}

void remote_leg_state::close() {
  caf::anon_send(link_, ask_peer{peer::order_leg{made_.name, order::close{}}});
  self_->quit();
}

void remote_leg_state::on_down(const caf::down_msg& down) {
  if (down.source == made_.owner->address())
    return close();
  if (down.source == link_->address())
    self_->quit(caf::exit_reason::remote_link_unreachable);
}

leg_actor::behavior_type remote_leg(remote_leg_state::self_pointer self, leg_of_call made, link_actor link) {
  auto& state = self->state;
  state.start(self, std::move(made), std::move(link));
  return {
      [&state](const leg_order& what) { return state.on_order(what); },
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
