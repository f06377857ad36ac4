#pragma once

#include "actors/edge/node_edges.hpp"
#include "actors/protocol.hpp"

#include <map>

namespace plenary {

/// A link's memory: the questions that the peer has not answered yet.
class link_state {
public:
  using self_pointer = link_actor::stateful_pointer<link_state>;

  void start(self_pointer self, node_name peer, const node_edges& edges);

  caf::result<result<peer_reply>> on_ask(const ask_peer& message);
  void on_answered(const peer_answered& message);
  void on_lost();

private:
  using answer_promise = caf::typed_response_promise<result<peer_reply>>;

  self_pointer self_ = nullptr;
  node_name peer_;
  const node_edges* edges_ = nullptr;
  std::map<std::uint64_t, answer_promise> waiting_;
  std::uint64_t next_ = 1;
};

/// Stands for one peer while there is a link to it; ends with `link_lost`.
link_actor::behavior_type link(link_state::self_pointer self, node_name peer, const node_edges* edges);

} // namespace plenary
