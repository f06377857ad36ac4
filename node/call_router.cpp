#include "node/call_router.hpp"

#include "actors/call/call_actor.hpp"
#include "node/recovery.hpp"

namespace plenary {

call_router::call_router(caf::actor_system& system, const node_edges& edges, const customer_book& customers)
    : system_(system)
    , edges_(edges)
    , customers_(customers) {}

void call_router::open(directory_actor directory, webhook_pool_actor webhooks, node_root_actor root) {
  std::lock_guard lock(mutex_);
  targets_ = std::make_unique<targets>(targets{std::move(directory), std::move(webhooks), std::move(root)});
  for (auto& told : std::exchange(early_, {}))
    told();
}

void call_router::forget(const call_id& id, bool failed) {
  {
    std::lock_guard lock(mutex_);
    calls_.erase(id);
  }
  if (!failed)
    return;
  edges_.sip->hang_up(id, {.q850 = 41, .name = "call_failed"}); // Q.850 41: temporary failure
  end_lost_call(*edges_.store, customers_, id, edges_.wall_clock, *edges_.log);
}

void call_router::close() {
  std::lock_guard lock(mutex_);
  targets_.reset();
  calls_.clear();
}

void call_router::on_invite(incoming_invite invite) {
  std::lock_guard lock(mutex_);
  if (targets_)
    take(std::move(invite));
  else
    early_.emplace_back([this, invite = std::move(invite)] { take(invite); });
}

void call_router::on_event(const call_id& id, signalling_event event) {
  std::lock_guard lock(mutex_);
  if (targets_)
    pass_on(id, std::move(event));
  else
    early_.emplace_back([this, id, event = std::move(event)] { pass_on(id, event); });
}

void call_router::take(incoming_invite invite) {
  auto id = invite.id;
  auto owner = find_application(*customers_.now(), invite.application);
  if (!owner) // it was taken out of the configuration at this very moment
    return edges_.sip->reject(id, {404, {}, {}, {}});
  call_settings settings{std::move(invite), std::move(owner), targets_->directory, targets_->webhooks};
  auto actor = caf::actor_cast<call_actor>(system_.spawn(call, std::move(settings), &edges_));
  calls_[id] = actor;
  caf::anon_send(targets_->root, call_started{id, actor});
}

void call_router::pass_on(const call_id& id, signalling_event event) {
  if (auto found = calls_.find(id); found != calls_.end())
    caf::anon_send(found->second, signalled{std::move(event)});
}

} // namespace plenary
