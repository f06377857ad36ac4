#pragma once

#include "schema/call.hpp"

#include <string_view>

namespace plenary {

/// The cause of that name with its Q.850 number. Names: `normal_clearing`, `originator_cancel`, `kicked`,
/// `call_rejected`, `answer_url_failed`, `redirect_failed`, `conference_unavailable`, `storage_failed`,
/// `node_restart`, `node_lost`, `node_draining`, `media_timeout`, `media_unavailable`, `not_acceptable`; any
/// other gives `interworking` (127).
hangup_cause cause_named(std::string_view name);

/// The terminal status of a call that was answered and ended with this cause: `completed` when the caller,
/// the flow or an operator ended it, `failed` when Plenary could not go on. Causes that the signalling names
/// are `completed`.
call_status status_of(const hangup_cause& cause);

/// A final SIP answer.
struct refusal {
  int status;
  std::string_view reason;
};

/// How a caller who was not answered yet hears of this cause: 488, 603 or 503.
refusal refusal_of(const hangup_cause& cause);

/// True when an unanswered call with this cause was refused by us; false: the caller gave up.
bool is_refusal(const hangup_cause& cause);

} // namespace plenary
