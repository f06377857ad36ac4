#pragma once

#include "schema/peer_codec.hpp"

namespace plenary::link {

/// The peer's answer to a request, once it is there.
using promised_reply = kj::Promise<result<peer_reply>>;

/// Bytes of one call: a quarter of what the peer reads.
inline constexpr std::size_t largest_request = 1 << 20;

/// The value of an outcome, or the error in it.
template <class Value>
result<typename Value::Reader> value_of(typename wire::Outcome<Value>::Reader from) {
  if (from.isValue())
    return from.getValue();
  if (from.isError())
    return tl::unexpected(wire::read(from.getError()));
  return fail(errc::internal, "the peer's answer is of an unknown kind");
}

/// Sends a call whose answer is one value, of which `understand` makes the reply.
template <class Value, class Request, class Understand>
promised_reply send_call(Request&& call, Understand understand) {
  if (call.totalSize().wordCount * sizeof(capnp::word) > largest_request)
    return result<peer_reply>{fail(errc::limit_reached, "the request is too large for a link between nodes")};
  return call.send().then([understand](capnp::Response<wire::Outcome<Value>>&& from) -> result<peer_reply> {
    auto value = value_of<Value>(from);
    if (!value)
      return tl::unexpected(value.error());
    return understand(*value);
  });
}

/// Sends a call whose answer says nothing.
template <class Request>
promised_reply send_done(Request&& call) {
  return send_call<wire::Done>(call, [](auto) { return peer::done{}; });
}

} // namespace plenary::link
