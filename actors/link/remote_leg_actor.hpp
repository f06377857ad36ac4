#pragma once

#include "actors/protocol.hpp"

namespace plenary {

/// Memory of the actor that stands for a leg on another node.
class remote_leg_state {
public:
  using self_pointer = leg_actor::stateful_pointer<remote_leg_state>;

  void start(self_pointer self, leg_of_call made, link_actor link);

  caf::result<result<leg_reply>> on_order(const leg_order& what);

private:
  void close();
  void on_down(const caf::down_msg& down);

  self_pointer self_ = nullptr;
  leg_actor alive_; ///< itself once open: only its call holds it, and it has to hear of the call's end
  leg_of_call made_;
  link_actor link_;
};

/// Passes every order on to the leg of that name on the link's peer. Ends with an error when the link does,
/// so that the call notices; closes the far leg when the call has ended.
leg_actor::behavior_type remote_leg(remote_leg_state::self_pointer self, leg_of_call made, link_actor link);

} // namespace plenary
