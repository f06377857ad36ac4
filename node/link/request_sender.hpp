#pragma once

#include "schema/node.capnp.h"
#include "schema/peer.hpp"

namespace plenary::link {

/// Sends one request to a peer that speaks this protocol, and gives its answer; the only place that knows
/// which message is which method. Failures of the link and of RPC come as errors too: the promise fails
/// never.
kj::Promise<result<peer_reply>> send_request(wire::Node::Client peer, std::uint32_t protocol,
                                             const peer_request& what);

/// What an exception of RPC means to the asker.
error to_error(const kj::Exception& why);

} // namespace plenary::link
