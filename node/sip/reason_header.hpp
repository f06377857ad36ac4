#pragma once

#include "schema/call.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::sip_layer {

/// The cause of a BYE that gives none: 16, `normal_clearing`.
hangup_cause normal_clearing();

/// `Reason: Q.850;cause=16;text="normal_clearing"` with line end (RFC 3326).
std::string format_reason(const hangup_cause& cause);

/// The cause in the values of Reason headers: Q.850 first, else the SIP status; nothing readable: nothing.
std::optional<hangup_cause> parse_reason(const std::vector<std::string_view>& values);

/// The final answer that refuses an INVITE for this cause (RFC 3398 8.2.6.1 the other way round).
int status_for(const hangup_cause& cause);

/// The usual phrase of a SIP status, for example `Busy Here`.
std::string_view reason_phrase(int status);

} // namespace plenary::sip_layer
