#include "node/call_router.hpp"

#include "actors/call/call_actor.hpp"

namespace plenary {

call_router::call_router(caf::actor_system& system, const node_edges& edges, const customer_book& customers)
    : system_(system)
    , edges_(edges)
    , customers_(customers) {}

void call_router::open(directory_actor directory, registry_actor calls, webhook_pool_actor webhooks) {
  actors_.open({std::move(directory), std::move(calls), std::move(webhooks)});
}

void call_router::on_invite(incoming_invite invite) {
  actors_.pass([this, invite = std::move(invite)](targets& to) mutable { take(to, std::move(invite)); });
}

void call_router::on_event(const call_id& id, signalling_event event) {
  actors_.pass([id, event = std::move(event)](targets& to) mutable {
    caf::anon_send(to.calls, call_signalled{id, std::move(event)});
  });
}

void call_router::take(targets& to, incoming_invite invite) {
  const auto id = invite.id;
  const auto customer = invite.customer;
  auto owner = find_application(*customers_.now(), invite.application);
  if (!owner) // it was taken out of the configuration at this very moment
    return edges_.sip->reject(id, {404, {}, {}, {}});
  call_settings settings{std::move(invite), std::move(owner), to.directory, to.webhooks};
  auto actor = caf::actor_cast<call_actor>(system_.spawn(call, std::move(settings), &edges_));
  caf::anon_send(to.calls, register_call{id, customer, actor});
}

} // namespace plenary
