#include "actors/webhook/webhook_worker_actor.hpp"

#include "actors/edge/telemetry.hpp"

namespace plenary {

void webhook_worker_state::start(self_pointer self, const webhook_pool_interface& pool, std::uint64_t seed,
                                 const node_edges* edges) {
  self_ = self;
  pool_ = pool->address(); // the pool owns the workers: no strong handle back
  random_.seed(seed);
  edges_ = edges;
}

void webhook_worker_state::on_deliver(const deliver_event& message) {
  const auto& event = message.attempt.event;
  auto request =
      make_delivery_request(event, message.target->url, message.target->signer, edges_->wall_clock());
  request.total_timeout = message.target->timeout;
  auto self = caf::actor_cast<webhook_worker_actor>(self_);
  auto sent_at = std::chrono::steady_clock::now();
  edges_->http->send(std::move(request), [self, attempt = message.attempt, sent_at](auto answer) {
    caf::anon_send(self, answer_arrived{attempt, sent_at, std::move(answer)});
  });
}

void webhook_worker_state::on_answer(const answer_arrived& message) {
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - message.sent_at;
  edges_->meters->observe(histogram::webhook_duration, took.count());
  auto jitter = std::uniform_real_distribution<double>{0, 1}(random_);
  const auto now = edges_->wall_clock();
  auto verdict = judge_delivery(message.attempt, message.answer, now, jitter);
  if (auto pool = caf::actor_cast<webhook_pool_interface>(pool_))
    self_->send(pool, attempt_ended{message.attempt, std::move(verdict), now});
}

webhook_worker_actor::behavior_type webhook_worker(webhook_worker_state::self_pointer self,
                                                   webhook_pool_interface pool, std::uint64_t seed,
                                                   const node_edges* edges) {
  auto& state = self->state;
  state.start(self, pool, seed, edges);
  return {
      [&state](const deliver_event& message) { state.on_deliver(message); },
      [&state](const answer_arrived& message) { state.on_answer(message); },
  };
}

} // namespace plenary
