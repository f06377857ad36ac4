#pragma once

#include "actors/edge/customer_book.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/webhook/endpoint_lane.hpp"
#include "actors/webhook/schedule_clock.hpp"
#include "actors/webhook/webhook_protocol.hpp"
#include "schema/application.hpp"

#include <unordered_map>
#include <vector>

namespace plenary {

/// What the pool is started with.
struct webhook_settings {
  std::size_t workers = 4;
  std::size_t max_in_flight = 8;                    ///< deliveries on their way to one endpoint
  std::chrono::milliseconds timeout{10000};         ///< for one whole attempt
  std::chrono::seconds lease{60};                   ///< longer than an attempt can take
  std::chrono::milliseconds poll_interval{500};     ///< how late a retry may start
  std::chrono::milliseconds measure_interval{5000}; ///< age of the outbox gauges
  std::uint64_t seed = 0;                           ///< of the retries' jitter; another one on every start
};

/// The pool's memory. The outbox itself is the queue: the pool takes up only what can leave at once, of each
/// endpoint its own share, so that no endpoint waits for another. It follows the applications as they are
/// configured; the events of one that is taken out still go where they went, until the node ends.
class webhook_pool_state {
public:
  using self_pointer = webhook_pool_interface::stateful_pointer<webhook_pool_state>;

  void start(self_pointer self, const webhook_settings& settings, const node_edges* edges);

  void on_claimed(const events_claimed& message);
  void on_attempt_ended(const attempt_ended& message);
  void on_settled();
  void on_tick();
  void on_measure();
  caf::typed_response_promise<webhooks_stopped> on_stop(const stop_webhooks& message);
  void end();

  /// Stores outcomes and takes up due events; one claim at a time, what comes meanwhile goes into the next.
  void take_turn();

private:
  struct served_endpoint {
    std::shared_ptr<const delivery_target> target;
    webhook_worker_actor worker;
    endpoint_lane lane;
    bool disabled = false; ///< by HTTP 410, until the next start or another URL
  };

  void follow_customers();
  void serve(const application& configured);
  std::shared_ptr<const delivery_target> target_of(const application& configured) const;
  std::vector<claim_share> shares() const;
  std::string endpoint_of(const application_id& application) const;
  void dispatch(const due_event& event);
  void read_clocks();
  void count_verdict(const attempt_ended& message);
  void log_dead_letter(const due_event& attempt, std::string_view reason);
  void settle_outcomes();
  bool idle() const;
  void end_when_stopped();

  self_pointer self_ = nullptr;
  const node_edges* edges_ = nullptr;
  webhook_settings settings_;
  std::vector<webhook_worker_actor> workers_;
  std::unordered_map<application_id, served_endpoint> endpoints_;
  std::shared_ptr<const customer_page> followed_; ///< that the endpoints were made from
  schedule_clock clock_;
  wall_time now_{};                        ///< by which lanes rest
  wall_time store_now_{};                  ///< by which the store plans
  std::vector<delivery_outcome> outcomes_; ///< not yet given to the store
  std::size_t settling_ = 0;               ///< settles that the store has not answered
  bool claiming_ = false;
  bool again_ = false; ///< another turn is wanted after the running claim
  std::vector<caf::typed_response_promise<webhooks_stopped>> stopping_;
};

/// The webhook pool, one per node; `edges` outlives it.
webhook_pool_interface::behavior_type webhook_pool(webhook_pool_state::self_pointer self,
                                                   webhook_settings settings, const node_edges* edges);

} // namespace plenary
