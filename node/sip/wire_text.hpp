#pragma once

#include "node/sip/message_checks.hpp"
#include "node/sip/wire_message.hpp"
#include "schema/result.hpp"

#include <cstdint>
#include <string>

namespace plenary::sip_layer {

/// Where a message came from.
struct wire_source {
  std::string host; ///< IP literal without brackets
  std::uint16_t port = 0;
};

/// The message as libre reads it without mistakes, for one that passed `check_wire`: one element a line, no
/// folding, no compact names, no blanks where none are needed, nothing behind the body. Of a body that holds
/// several parts only the session description is left. What a client of RFC 2543 leaves out (branch, From
/// tag, Contact) is added with marks that `strip_marks` finds. Fails with the answer to a body that cannot be
/// read.
tl::expected<std::string, message_refusal> write_wire(const wire_message& message, const wire_source& source);

/// Takes the marks of `write_wire` out of a message that leaves; the new size.
std::size_t strip_marks(char* text, std::size_t size);

/// The answer to a request that nothing is kept of, with the headers that the request has, as far as they go
/// (RFC 3261 8.2.6); the same To tag each time.
std::string write_answer(const wire_message& request, const message_refusal& answer,
                         const wire_source& source, std::string_view server);

/// The port that an answer over UDP goes to (RFC 3261 18.2.2, RFC 3581 4).
std::uint16_t answer_port(const wire_message& request, const wire_source& source);

/// The user of the Request-URI, or the number of a `tel` URI; as received.
std::string_view called_user(const wire_message& request);

} // namespace plenary::sip_layer
