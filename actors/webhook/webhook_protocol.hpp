#pragma once

// The messages of the webhook pool and of its workers.

#include "actors/edge/event_store.hpp"
#include "actors/edge/http_client.hpp"
#include "actors/webhook/delivery.hpp"

#include <caf/all.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace plenary {

// -- messages to the pool -----------------------------------------------------------------------------------

/// Events were committed: look into the outbox now instead of at the next tick.
struct outbox_grew {};

/// Takes up nothing new; answered when every delivery on its way has ended and is stored, or at the deadline.
/// The pool ends after the answer.
struct stop_webhooks {
  std::chrono::milliseconds deadline{5000};
};

/// The pool has ended.
struct webhooks_stopped {
  std::size_t in_flight = 0; ///< deliveries that were cut off; they are repeated after the next start
};

using webhook_pool_actor =
    caf::typed_actor<caf::reacts_to<outbox_grew>, caf::replies_to<stop_webhooks>::with<webhooks_stopped>>;

// -- between the pool, its workers and the foreign threads that call back -----------------------------------

/// Where the events of one application go.
struct delivery_target {
  std::string url;
  std::optional<webhook_signer> signer;     ///< none: requests are unsigned
  std::chrono::milliseconds timeout{10000}; ///< for one whole attempt
};

/// One attempt to make.
struct deliver_event {
  due_event attempt;
  std::shared_ptr<const delivery_target> target;
};

/// From the HTTP client: how an attempt ended.
struct answer_arrived {
  due_event attempt;
  mono_time sent_at{};
  result<http_response> answer;
};

using webhook_worker_actor = caf::typed_actor<caf::reacts_to<deliver_event>, caf::reacts_to<answer_arrived>>;

/// From a worker: an attempt ended.
struct attempt_ended {
  due_event attempt;
  delivery_verdict verdict;
  wall_time judged_at{}; ///< its next attempt counts from here
};

/// From the store: the events that were leased.
struct events_claimed {
  result<std::vector<due_event>> events;
};

/// From the store: outcomes are durable, or the store gave up.
struct outcomes_settled {};

/// The pool's timer, for retries that fall due.
struct webhook_tick {};

/// The pool's timer for the outbox gauges.
struct measure_tick {};

/// The deadline of `stop_webhooks`.
struct stop_timeout {};

/// The pool as its own messages see it.
using webhook_pool_interface =
    webhook_pool_actor::extend<caf::reacts_to<attempt_ended>, caf::reacts_to<events_claimed>,
                               caf::reacts_to<outcomes_settled>, caf::reacts_to<webhook_tick>,
                               caf::reacts_to<measure_tick>, caf::reacts_to<stop_timeout>>;

} // namespace plenary

// All of these stay inside one process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::outbox_grew)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::stop_webhooks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::webhooks_stopped)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::deliver_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::answer_arrived)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::attempt_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::events_claimed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::outcomes_settled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::webhook_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::measure_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::stop_timeout)
