#include "actors/call/legs.hpp"

#include "schema/result.hpp"

#include <utility>

namespace plenary::media_path {

const leg& legs::make(bool fresh) {
  PLENARY_ASSERT(!next);
  return next.emplace(leg{++last_number, {}, {}, fresh});
}

std::optional<close_leg> legs::take_over() {
  PLENARY_ASSERT(next && !old);
  std::optional<close_leg> closed;
  if (is_inside())
    old = current->number;
  else
    closed = drop_current();
  current = std::exchange(next, std::nullopt);
  displaced = false;
  return closed;
}

std::optional<close_leg> legs::close_old() {
  if (!old)
    return std::nullopt;
  return gone(*std::exchange(old, std::nullopt));
}

std::optional<close_leg> legs::drop(std::optional<leg>& which) {
  if (!which)
    return std::nullopt;
  return gone(std::exchange(which, std::nullopt)->number);
}

std::optional<close_leg> legs::gone(std::uint32_t number) {
  if (inside == number)
    inside.reset();
  return close_leg{number};
}

} // namespace plenary::media_path
