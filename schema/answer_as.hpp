#pragma once

#include "schema/result.hpp"

#include <variant>

namespace plenary {

/// The answer of that kind out of all that may come, or the error; `malformed` when something else was
/// answered.
template <class Reply, class Any>
result<Reply> answer_as(const result<Any>& answer) {
  if (!answer)
    return tl::unexpected<error>(answer.error());
  if (const auto* reply = std::get_if<Reply>(&*answer))
    return *reply;
  return fail(errc::malformed, "the answer does not fit the question");
}

} // namespace plenary
