#pragma once

#include "schema/peer.hpp"

namespace plenary {

/// The reply of that kind, or the error; `malformed` when the peer answered something else.
template <class Reply>
result<Reply> answer_as(const result<peer_reply>& answer) {
  if (!answer)
    return tl::unexpected<error>(answer.error());
  if (const auto* reply = std::get_if<Reply>(&*answer))
    return *reply;
  return fail(errc::malformed, "the peer's answer does not fit the question");
}

} // namespace plenary
