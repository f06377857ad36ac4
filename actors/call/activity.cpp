#include "actors/call/activity.hpp"

#include <algorithm>
#include <utility>

namespace plenary::activity {

namespace {

using call_machine::needs;

needs need(const flow::conference&) {
  return needs::media;
}

in_room made(const flow::conference& what, const call_record& of) {
  return {what, of};
}

bool is_finish(const effect& what) {
  return std::holds_alternative<finished>(what);
}

/// What the event means to the action; nothing where the action does not name it.
template <class Doing, class What>
effects hear(Doing& doing, const What& what) {
  if constexpr (requires { doing.on(what); })
    return doing.on(what);
  else
    return {};
}

} // namespace

needs needs_of(const flow::call_action& what) {
  return std::visit([](const auto& action) { return need(action); }, what);
}

outcome begin(const flow::call_action& what, const call_record& of) {
  return std::visit(
      [&of](const auto& action) {
        auto doing = made(action, of);
        auto wants = doing.begin();
        return outcome{std::move(doing), std::move(wants)};
      },
      what);
}

outcome step(state before, const event& what) {
  auto wants = std::visit([](auto& doing, const auto& each) { return hear(doing, each); }, before, what);
  const bool is_over =
      std::holds_alternative<stopped>(what) || std::any_of(wants.begin(), wants.end(), is_finish);
  return {is_over ? state{idle{}} : std::move(before), std::move(wants)};
}

} // namespace plenary::activity
