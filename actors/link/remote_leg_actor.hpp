#pragma once

#include "actors/edge/node_edges.hpp"
#include "actors/protocol.hpp"

namespace plenary {

/// Memory of the actor that stands for a leg on another node.
class remote_leg_state {
public:
  using self_pointer = leg_actor::stateful_pointer<remote_leg_state>;

  void start(self_pointer self, leg_name name, link_actor link);

  caf::result<result<described_media>> on_open(const open_leg& message);
  caf::result<result<described_media>> on_renegotiate(const renegotiate& message);
  caf::result<result<void>> on_answer(const accept_answer& message);
  caf::result<result<room_joined>> on_enter(const enter_room& message);
  void on_confirm();
  void on_exit();
  void on_close();

private:
  template <class Answer, class Translate>
  caf::result<result<Answer>> ask(peer_request what, Translate translate);
  caf::result<result<described_media>> ask_for_media(peer_request what);
  void on_down(const caf::down_msg& down);

  self_pointer self_ = nullptr;
  leg_actor alive_; ///< itself once open: only its call holds it, and it has to hear of the call's end
  leg_name name_;
  link_actor link_;
  call_actor owner_;
};

/// Passes everything on to the leg of that name on the link's peer. Ends with an error when the link does, so
/// that the call notices; closes the far leg when the call has ended.
leg_actor::behavior_type remote_leg(remote_leg_state::self_pointer self, leg_name name, link_actor link,
                                    const node_edges* edges);

} // namespace plenary
