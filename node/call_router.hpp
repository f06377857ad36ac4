#pragma once

#include "actors/edge/customer_book.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/protocol.hpp"
#include "actors/webhook/webhook_protocol.hpp"
#include "node/gate.hpp"
#include "schema/application.hpp"

namespace plenary {

/// Between the signalling and the call actors: starts an actor for every new call, and passes on what the
/// signalling tells of calls, in order.
class call_router final : public signalling_listener {
public:
  call_router(caf::actor_system& system, const node_edges& edges, const customer_book& customers);

  /// From now on calls are taken; what was told before is made up for.
  void open(directory_actor directory, registry_actor calls, webhook_pool_actor webhooks);

  /// Lets go of every actor, so that the actor system can end.
  void close() { actors_.close(); }

  void on_invite(incoming_invite invite) override;
  void on_event(const call_id& id, signalling_event event) override;

private:
  struct targets {
    directory_actor directory;
    registry_actor calls;
    webhook_pool_actor webhooks;
  };

  void take(targets& to, incoming_invite invite);

  caf::actor_system& system_;
  const node_edges& edges_;
  const customer_book& customers_;
  gate<targets> actors_;
};

} // namespace plenary
