#pragma once

#include "schema/call.hpp"
#include "schema/result.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace plenary {

/// The status of a call that ends now: `canceled` when the caller gave up unanswered, `failed` when it was
/// refused, else by the cause.
call_status final_status(const call_record& record, const hangup_cause& cause);

/// `call.completed`, `call.failed` or `call.canceled`.
std::string terminal_event(call_status status);

/// A failure as customers may see it: its sentence bounded, printable, and nothing of what libraries say.
call_failure told_failure(failure_code code, const error& why);

/// An event's `data`: `event_key` (`<call id>:<event>`), `hangup_cause` {`q850`, `name`} when
/// the call is over, `duration_seconds` when it was answered too, and `error` (see failure_json)
/// when something went wrong.
nlohmann::json event_data(const call_record& record, std::string_view event,
                          const std::optional<call_failure>& what_failed);

} // namespace plenary
