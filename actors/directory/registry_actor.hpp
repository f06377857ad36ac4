#pragma once

#include "actors/directory/names.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/protocol.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

namespace plenary {

/// How many calls live on the node; for everybody who only counts.
using live_calls = std::atomic<std::size_t>;

/// What the registry keeps besides, and whom it tells.
struct registry_settings {
  std::shared_ptr<live_calls> live = std::make_shared<live_calls>(0);
  /// Told of every call whose actor failed: its dialog and its record are still to be ended.
  std::function<void(const call_id&)> failed = [](const call_id&) {};
};

/// The registry's memory: every live call of the node, and the drain that waits for their end.
class registry_state {
public:
  using self_pointer = registry_actor::stateful_pointer<registry_state>;

  void start(self_pointer self, registry_settings settings, const node_edges& edges);

  void on_register_call(const register_call& message);
  void on_call_signalled(call_signalled& message);
  result<call_location> on_find_call(const find_call& message) const;
  listed_calls on_list_calls(const list_calls& message) const;
  caf::result<drained> on_drain(const drain& message);
  void on_drain_timeout();

private:
  void on_down(const caf::down_msg& down);
  void finish_drain();

  self_pointer self_ = nullptr;
  registry_settings settings_;
  const node_edges* edges_ = nullptr;
  names<call_id, caf::actor_addr, call_location> calls_;
  std::optional<caf::typed_response_promise<drained>> draining_;
};

/// The one owner of the node's live calls: API, peers and signalling reach a call through it, and none of
/// them waits behind what the directory hears of other nodes.
registry_actor::behavior_type registry(registry_state::self_pointer self, registry_settings settings,
                                       const node_edges* edges);

} // namespace plenary
