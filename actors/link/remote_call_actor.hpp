#pragma once

#include "actors/edge/node_edges.hpp"
#include "actors/protocol.hpp"

namespace plenary {

/// From the responder: the leg that the call has here is made.
struct leg_started {
  leg_actor leg;
};

/// The stand-in as its own messages see it.
using remote_call_interface = call_actor::extend<caf::reacts_to<leg_started>>;

/// Memory of the actor that stands for a call on another node, as the owner of one leg here.
class remote_call_state {
public:
  using self_pointer = remote_call_interface::stateful_pointer<remote_call_state>;

  void start(self_pointer self, leg_name name, link_actor link, const node_edges& edges);

  void on_leg_started(const leg_started& message);
  void on_told(const leg_told& message);

private:
  void on_down(const caf::down_msg& down);

  self_pointer self_ = nullptr;
  call_actor alive_; ///< itself: only its leg holds it, and it has to hear of the leg's end
  leg_name name_;
  caf::actor_addr leg_;
  link_actor link_;
  const node_edges* edges_ = nullptr;
};

/// Passes on to the call what its leg here tells. Ends when the link does: then the leg, which watches its
/// owner, closes, and no room keeps a caller who is not there. A leg that fails is reported to the call.
remote_call_interface::behavior_type remote_call(remote_call_state::self_pointer self, leg_name name,
                                                 link_actor link, const node_edges* edges);

} // namespace plenary

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::leg_started)
