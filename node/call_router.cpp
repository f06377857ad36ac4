#include "node/call_router.hpp"

#include "actors/call/call_actor.hpp"
#include "node/recovery.hpp"

namespace plenary {

call_router::call_router(caf::actor_system& system, const node_edges& edges, const customer_book& customers)
    : system_(system)
    , edges_(edges)
    , customers_(customers) {}

void call_router::open(directory_actor directory, webhook_pool_actor webhooks, node_root_actor root) {
  actors_.open({std::move(directory), std::move(webhooks), std::move(root), {}});
}

void call_router::forget(const call_id& id, bool failed) {
  actors_.pass([id](targets& to) { to.calls.erase(id); });
  if (!failed)
    return;
  edges_.sip->hang_up(id, {.q850 = 41, .name = "call_failed"}); // Q.850 41: temporary failure
  end_lost_call(*edges_.store, customers_, id, edges_.wall_clock, *edges_.log);
}

void call_router::on_invite(incoming_invite invite) {
  actors_.pass([this, invite = std::move(invite)](targets& to) mutable { take(to, std::move(invite)); });
}

void call_router::on_event(const call_id& id, signalling_event event) {
  actors_.pass([id, event = std::move(event)](targets& to) mutable {
    if (auto found = to.calls.find(id); found != to.calls.end())
      caf::anon_send(found->second, signalled{std::move(event)});
  });
}

void call_router::take(targets& to, incoming_invite invite) {
  auto id = invite.id;
  auto owner = find_application(*customers_.now(), invite.application);
  if (!owner) // it was taken out of the configuration at this very moment
    return edges_.sip->reject(id, {404, {}, {}, {}});
  call_settings settings{std::move(invite), std::move(owner), to.directory, to.webhooks};
  auto actor = caf::actor_cast<call_actor>(system_.spawn(call, std::move(settings), &edges_));
  to.calls[id] = actor;
  caf::anon_send(to.root, call_started{id, actor});
}

} // namespace plenary
