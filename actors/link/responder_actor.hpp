#pragma once

#include "actors/edge/node_edges.hpp"
#include "actors/protocol.hpp"

#include <functional>
#include <map>
#include <optional>

namespace plenary {

/// From the store's thread: the record that question asked for.
struct record_found {
  std::uint64_t question = 0;
  result<std::optional<call_record>> record;
};

/// The responder as its own messages see it.
using responder_interface = responder_actor::extend<caf::reacts_to<record_found>>;

/// The responder's memory: its node's directory and live calls, and the questions that wait for the store.
class responder_state {
public:
  using self_pointer = responder_interface::stateful_pointer<responder_state>;

  void start(self_pointer self, directory_actor directory, registry_actor calls, const node_edges& edges);

  caf::result<result<peer_reply>> on_serve(const serve_peer& message);
  void on_record_found(const record_found& message);

private:
  using reply_function = std::function<void(result<peer_reply>)>;
  struct question {
    const serve_peer* asked = nullptr;
    reply_function reply;
  };

  void serve(const question& from, const peer::order_leg& what);
  void serve(const question& from, const leg_told& what);
  void serve(const question& from, const peer::describe_call& what);
  void serve(const question& from, const peer::list_calls& what);
  void serve(const question& from, const peer::hang_up_call& what);
  void serve(const question& from, const peer::describe_room& what);
  void serve(const question& from, const peer::control_participant& what);
  void serve(const question& from, const peer::end_room& what);

  void start_leg_for(const question& from, const peer::order_leg& what);
  void pass_on(const leg_actor& leg, const leg_order& what, const reply_function& reply);
  void read_record(const call_id& call, const reply_function& reply);
  template <class Then>
  void with_room(const room_key& key, std::optional<std::uint64_t> epoch, reply_function reply, Then then);
  template <class Answer, class Actor, class Message, class Then>
  void ask(const Actor& whom, Message message, reply_function reply, Then then);

  self_pointer self_ = nullptr;
  directory_actor directory_;
  registry_actor calls_;
  const node_edges* edges_ = nullptr;
  std::map<std::uint64_t, reply_function> reading_; ///< waiting for the store
  std::uint64_t next_ = 1;
};

/// Carries out on this node's calls, legs and rooms what a peer or this node's API asks for.
responder_interface::behavior_type responder(responder_state::self_pointer self, directory_actor directory,
                                             registry_actor calls, const node_edges* edges);

} // namespace plenary

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::record_found)
