#include "actors/call/in_room.hpp"

#include "actors/call/told_failure.hpp"

namespace plenary::activity {

namespace {

/// Customers branch on one code, whatever kept the caller out; the detail says what it was.
call_failure no_room(const error& why) {
  return told_failure(failure_code::conference_unavailable, why);
}

} // namespace

in_room::in_room(const flow::conference& what, const call_record& of)
    : room{of.customer, what.room}
    , how(what.how) {
  how.number = of.from;
}

effects in_room::begin() const {
  return {join{room, how}};
}

effects in_room::on(const joined& what) {
  if (is_in)
    return {};
  is_in = true;
  return {standing{what.room}};
}

effects in_room::on(const failed& what) const {
  if (is_in)
    return {};
  return {finished{no_room(what.why), call_ending::room, true}};
}

effects in_room::on(const left& what) const {
  if (!is_in)
    return {};
  return {finished{what.failure ? std::optional{no_room(*what.failure)} : std::nullopt, call_ending::room}};
}

effects in_room::on(const stopped&) const {
  return {leave{room}};
}

} // namespace plenary::activity
