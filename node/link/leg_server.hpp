#pragma once

#include "node/link/node_server.hpp"

namespace plenary::link {

/// A leg of this node, as the peer that has its call orders it.
wire::Leg::Client make_leg_server(std::weak_ptr<call_handler> handler, leg_name leg);

/// A call of this node, as the peer that has its leg tells it, and as the API of a peer asks for it.
wire::Call::Client make_call_server(std::weak_ptr<call_handler> handler, call_id id);

} // namespace plenary::link
