#pragma once

#include "actors/edge/event_store.hpp"
#include "actors/edge/http_client.hpp"
#include "actors/webhook/signature.hpp"

#include <optional>

namespace plenary {

/// What follows from one attempt.
struct delivery_verdict {
  delivery_outcome outcome;
  bool disable_endpoint = false; ///< the endpoint said 410: it wants no more events
};

/// The POST that tells of an event; signed when there is a signer.
http_request make_delivery_request(const outbox_event& event, const std::string& url,
                                   const std::optional<webhook_signer>& signer, wall_time now);

/// Judges the answer to an attempt. 2xx acknowledges; 410 ends in a dead letter; all else, redirects
/// included, is retried by the schedule (`jitter` 0 to 1, Retry-After may lengthen the wait) until the last
/// attempt.
delivery_verdict judge_delivery(const due_event& attempt, const result<http_response>& answer, wall_time now,
                                double jitter);

} // namespace plenary
