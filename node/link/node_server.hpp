#pragma once

#include "schema/node.capnp.h"
#include "schema/peer.hpp"

#include <memory>

namespace plenary::link {

/// What the peer's calls on one connection turn into.
class call_handler {
public:
  virtual ~call_handler() = default;

  /// The peer introduces itself; fills the answer.
  virtual void greet(wire::Node::Client peer, peer_identity who, member_status status,
                     wire::Welcome::Builder answer) = 0;

  /// A heartbeat of the peer; the answer is this node's status, or nothing before `greet` was accepted.
  virtual std::optional<member_status> beat(member_status status) = 0;

  /// The peer, which dialled, does not want the link.
  virtual void refused(error reason) = 0;

  /// The peer asks for something; the promise never fails.
  virtual kj::Promise<result<peer_reply>> serve(peer_request what) = 0;
};

/// The bootstrap capability of one connection; it dies with the connection, and answers with exceptions of
/// type DISCONNECTED when it outlives the handler.
wire::Node::Client make_node_server(std::weak_ptr<call_handler> handler);

} // namespace plenary::link
