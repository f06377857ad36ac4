#pragma once

#include "node/sip/message_checks.hpp"
#include "node/sip/wire_message.hpp"

namespace plenary::sip_layer {

/// What is wrong with the lines, headers or length of a message, or nothing; run on every message before
/// libre reads it (RFC 3261 7.3, 8.1.1, 18.3; RFC 4475). A response that is wrong is dropped by the caller.
std::optional<message_refusal> check_wire(const wire_message& message);

/// The body as Content-Length says; all of it without one. Bytes behind it are discarded (RFC 3261 18.3). Of
/// a message that passed `check_wire`.
std::string_view declared_body(const wire_message& message);

} // namespace plenary::sip_layer
