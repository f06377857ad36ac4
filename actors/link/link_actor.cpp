#include "actors/link/link_actor.hpp"

#include <utility>

namespace plenary {

void link_state::start(self_pointer self, node_name peer, const node_edges& edges) {
  self_ = self;
  peer_ = std::move(peer);
  edges_ = &edges;
}

caf::result<result<peer_reply>> link_state::on_ask(const ask_peer& message) {
  auto number = next_++;
  auto promise = self_->make_response_promise<result<peer_reply>>();
  waiting_.emplace(number, promise);
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(self_->address());
  edges_->peers->ask(peer_, message.what, message.deadline, [weak, number](result<peer_reply> answer) {
    if (auto link = weak.lock())
      caf::anon_send(caf::actor_cast<link_actor>(link), peer_answered{number, std::move(answer)});
  });
  return promise;
}

void link_state::on_answered(const peer_answered& message) {
  auto found = waiting_.find(message.number);
  if (found == waiting_.end())
    return;
  auto promise = found->second;
  waiting_.erase(found);
  promise.deliver(message.answer);
}

void link_state::on_lost() {
  for (auto& [number, promise] : std::exchange(waiting_, {}))
    promise.deliver(result<peer_reply>{fail(errc::unavailable, "the link to " + peer_.value + " is down")});
  self_->quit(caf::exit_reason::remote_link_unreachable);
}

link_actor::behavior_type link(link_state::self_pointer self, node_name peer, const node_edges* edges) {
  auto& state = self->state;
  state.start(self, std::move(peer), *edges);
  return {
      [&state](const ask_peer& message) { return state.on_ask(message); },
      [&state](const peer_answered& message) { state.on_answered(message); },
      [&state](const link_lost&) { state.on_lost(); },
  };
}

} // namespace plenary
