#include "node/peer_gateway.hpp"

#include <utility>

namespace plenary {

template <class Message>
bool peer_gateway::tell(Message message) {
  return directory_.pass([message = std::move(message)](directory_actor& to) mutable {
    caf::anon_send(to, std::move(message));
  });
}

void peer_gateway::on_link_up(peer_identity peer, member_status status) {
  incarnations_[peer.name] = peer.incarnation;
  tell(link_came_up{std::move(peer), std::move(status)});
}

void peer_gateway::on_status(const node_name& peer, member_status status, mono_time asked_at) {
  tell(status_came{peer, std::move(status), asked_at});
}

void peer_gateway::on_link_down(const node_name& peer, link_end reason) {
  tell(link_went_down{peer, reason});
  if (auto lost = incarnations_.extract(peer))
    on_loss_(lost.key(), lost.mapped());
}

void peer_gateway::on_request(const node_name& peer, peer_request what, peer_network::callback answer) {
  if (!tell(peer_request_came{peer, std::move(what), answer}))
    answer(fail(errc::unavailable, "the node is stopping"));
}

} // namespace plenary
