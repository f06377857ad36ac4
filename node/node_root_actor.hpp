#pragma once

#include "actors/edge/node_edges.hpp"
#include "actors/protocol.hpp"

#include <functional>
#include <map>
#include <optional>

namespace plenary {

/// The root's memory: every live call of the node, and the drain that waits for their end.
class node_root_state {
public:
  using self_pointer = node_root_actor::stateful_pointer<node_root_state>;
  using forget_callback = std::function<void(const call_id&, bool failed)>;

  /// `forget` is told of every call whose actor ended, and whether it failed.
  void start(self_pointer self, const node_edges& edges, forget_callback forget);

  void on_call_started(const call_started& message);
  caf::result<drained> on_drain(const drain& message);
  void on_drain_timeout();

private:
  void on_down(const caf::down_msg& down);
  void finish_drain();

  self_pointer self_ = nullptr;
  const node_edges* edges_ = nullptr;
  forget_callback forget_;
  std::map<caf::actor_addr, call_started> calls_;
  std::optional<caf::typed_response_promise<drained>> draining_;
};

/// The node's root actor.
node_root_actor::behavior_type node_root(node_root_state::self_pointer self, const node_edges* edges,
                                         node_root_state::forget_callback forget);

} // namespace plenary
