#pragma once

#include "actors/edge/node_edges.hpp"
#include "actors/protocol.hpp"

namespace plenary {

/// Memory of the actor that stands for a call on another node, as the owner of one leg here.
class remote_call_state {
public:
  using self_pointer = call_actor::stateful_pointer<remote_call_state>;

  void start(self_pointer self, leg_name name, const leg_actor& leg, link_actor link,
             const node_edges& edges);

  void on_left_room(const left_room& message);
  void on_media_timed_out();
  void on_digit(const digit_received& message);
  void on_room_moves(const room_moves& message);
  void on_participant_changed(const participant_changed& message);

private:
  void tell(peer_request what);
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
call_actor::behavior_type remote_call(remote_call_state::self_pointer self, leg_name name, leg_actor leg,
                                      link_actor link, const node_edges* edges);

} // namespace plenary
