#pragma once

#include "actors/edge/node_edges.hpp"
#include "actors/webhook/webhook_protocol.hpp"

#include <random>

namespace plenary {

/// Makes attempts: signs, posts, judges the answer and tells the pool. All events of an endpoint go to one
/// worker.
class webhook_worker_state {
public:
  using self_pointer = webhook_worker_actor::stateful_pointer<webhook_worker_state>;

  void start(self_pointer self, const webhook_pool_interface& pool, std::uint64_t seed,
             const node_edges* edges);

  void on_deliver(const deliver_event& message);
  void on_answer(const answer_arrived& message);

private:
  self_pointer self_ = nullptr;
  caf::actor_addr pool_;
  const node_edges* edges_ = nullptr;
  std::mt19937_64 random_;
};

/// One worker of the pool; `seed` spreads the retries of equal events.
webhook_worker_actor::behavior_type webhook_worker(webhook_worker_state::self_pointer self,
                                                   webhook_pool_interface pool, std::uint64_t seed,
                                                   const node_edges* edges);

} // namespace plenary
