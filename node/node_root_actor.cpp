#include "node/node_root_actor.hpp"

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"

namespace plenary {

namespace {

constexpr const char* drain_cause = "node_draining";

} // namespace

void node_root_state::start(self_pointer self, const node_edges& edges, forget_callback forget) {
  self_ = self;
  edges_ = &edges;
  forget_ = std::move(forget);
  self->set_down_handler([this](const caf::down_msg& down) { on_down(down); });
}

void node_root_state::on_call_started(const call_started& message) {
  self_->monitor(message.call);
  calls_[message.call->address()] = message;
  edges_->meters->add(gauge::calls_active, 1);
  if (draining_)
    self_->send(message.call, end_call{drain_cause});
}

void node_root_state::on_down(const caf::down_msg& down) {
  auto found = calls_.find(down.source);
  if (found == calls_.end())
    return;
  auto id = found->second.id;
  bool failed = down.reason && down.reason != caf::exit_reason::normal;
  if (failed)
    edges_->log->error("call_actor_failed",
                       {{"call", id.value}, {"reason", self_->system().render(down.reason)}});
  calls_.erase(found);
  edges_->meters->add(gauge::calls_active, -1);
  forget_(id, failed);
  if (draining_ && calls_.empty())
    finish_drain();
}

caf::result<drained> node_root_state::on_drain(const drain& message) {
  draining_ = self_->make_response_promise<drained>();
  edges_->meters->set(gauge::draining, 1);
  edges_->log->info("draining", {{"calls", static_cast<std::int64_t>(calls_.size())}});
  for (const auto& [address, call] : calls_)
    self_->send(call.call, end_call{drain_cause});
  self_->delayed_send(self_, message.deadline, drain_timeout{});
  auto promise = *draining_;
  if (calls_.empty())
    finish_drain();
  return promise;
}

void node_root_state::on_drain_timeout() {
  if (draining_)
    finish_drain();
}

void node_root_state::finish_drain() {
  draining_->deliver(drained{calls_.size()});
  draining_.reset();
}

node_root_actor::behavior_type node_root(node_root_state::self_pointer self, const node_edges* edges,
                                         node_root_state::forget_callback forget) {
  auto& state = self->state;
  state.start(self, *edges, std::move(forget));
  return {
      [&state](const call_started& message) { state.on_call_started(message); },
      [&state](const drain& message) { return state.on_drain(message); },
      [&state](const drain_timeout&) { state.on_drain_timeout(); },
  };
}

} // namespace plenary
