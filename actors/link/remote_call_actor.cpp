#include "actors/link/remote_call_actor.hpp"

#include "actors/edge/log.hpp"

#include <utility>

namespace plenary {

void remote_call_state::start(self_pointer self, leg_name name, link_actor link, const node_edges& edges) {
  self_ = self;
  name_ = std::move(name);
  link_ = std::move(link);
  edges_ = &edges;
  self->set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  self->monitor(link_);
}

void remote_call_state::on_leg_started(const leg_started& message) {
  alive_ = caf::actor_cast<call_actor>(self_);
  leg_ = message.leg->address();
  self_->monitor(message.leg);
}

/// A call that cannot be told does not know of this leg any more, or not what became of it: the leg ends.
void remote_call_state::on_told(const leg_told& message) {
  auto gone = [this](std::string_view why) {
    edges_->log->warning("call_not_told", {{"call", name_.call.value}, {"reason", why}});
    caf::anon_send(link_, ask_peer{leg_told{name_, report::ended{}}});
    self_->quit(caf::exit_reason::remote_link_unreachable);
  };
  self_->request(link_, caf::infinite, ask_peer{message})
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
    caf::anon_send(link_, ask_peer{leg_told{name_, report::ended{}}});
  self_->quit();
}

remote_call_interface::behavior_type remote_call(remote_call_state::self_pointer self, leg_name name,
                                                 link_actor link, const node_edges* edges) {
  auto& state = self->state;
  state.start(self, std::move(name), std::move(link), *edges);
  return {
      [](const signalled&) {}, // only the real call has a dialog
      [&state](const leg_told& message) { state.on_told(message); },
      [](const end_call&) {}, // whoever ends a call asks its own node
      [](const describe_call&) -> caf::result<call_record> { return caf::sec::unexpected_message; },
      [&state](const leg_started& message) { state.on_leg_started(message); },
  };
}

} // namespace plenary
