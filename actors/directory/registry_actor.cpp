#include "actors/directory/registry_actor.hpp"

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

constexpr const char* drain_cause = "node_draining";

} // namespace

void registry_state::start(self_pointer self, registry_settings settings, const node_edges& edges) {
  self_ = self;
  settings_ = std::move(settings);
  edges_ = &edges;
  self->set_down_handler([this](const caf::down_msg& down) { on_down(down); });
}

void registry_state::on_register_call(const register_call& message) {
  if (!calls_.add(message.call, message.actor->address(), {message.actor, message.customer}))
    return;
  self_->monitor(message.actor);
  *settings_.live = calls_.all().size();
  edges_->meters->add(gauge::calls_active, 1);
  if (draining_)
    self_->send(message.actor, end_call{drain_cause});
}

void registry_state::on_call_signalled(call_signalled& message) {
  if (const auto* found = calls_.find(message.call))
    self_->send(found->call, signalled{std::move(message.what)});
}

result<call_location> registry_state::on_find_call(const find_call& message) const {
  if (const auto* found = calls_.find(message.call))
    return *found;
  return fail(errc::not_found, fmt::format("no live call \"{}\"", message.call.value));
}

listed_calls registry_state::on_list_calls(const list_calls& message) const {
  listed_calls listing;
  for (const auto& [id, location] : calls_.all())
    if (location.customer == message.customer)
      listing.calls.push_back(location);
  return listing;
}

void registry_state::on_down(const caf::down_msg& down) {
  const auto ended = calls_.take(down.source);
  if (!ended)
    return;
  *settings_.live = calls_.all().size();
  edges_->meters->add(gauge::calls_active, -1);
  if (down.reason && down.reason != caf::exit_reason::normal) {
    edges_->log->error("call_actor_failed",
                       {{"call", ended.key().value}, {"reason", self_->system().render(down.reason)}});
    settings_.failed(ended.key());
  }
  if (draining_ && calls_.all().empty())
    finish_drain();
}

caf::result<drained> registry_state::on_drain(const drain& message) {
  draining_ = self_->make_response_promise<drained>();
  edges_->meters->set(gauge::draining, 1);
  edges_->log->info("draining", {{"calls", static_cast<std::int64_t>(calls_.all().size())}});
  for (const auto& [id, location] : calls_.all())
    self_->send(location.call, end_call{drain_cause});
  self_->delayed_send(self_, message.deadline, drain_timeout{});
  auto promise = *draining_;
  if (calls_.all().empty())
    finish_drain();
  return promise;
}

void registry_state::on_drain_timeout() {
  if (draining_)
    finish_drain();
}

void registry_state::finish_drain() {
  draining_->deliver(drained{calls_.all().size()});
  draining_.reset();
}

registry_actor::behavior_type registry(registry_state::self_pointer self, registry_settings settings,
                                       const node_edges* edges) {
  auto& state = self->state;
  state.start(self, std::move(settings), *edges);
  return {
      [&state](const register_call& message) { state.on_register_call(message); },
      [&state](call_signalled& message) { state.on_call_signalled(message); },
      [&state](const find_call& message) { return state.on_find_call(message); },
      [&state](const list_calls& message) { return state.on_list_calls(message); },
      [&state](const drain& message) { return state.on_drain(message); },
      [&state](const drain_timeout&) { state.on_drain_timeout(); },
  };
}

} // namespace plenary
