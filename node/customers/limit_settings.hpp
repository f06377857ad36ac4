#pragma once

#include "node/config/configuration.hpp"
#include "node/http/request_limits.hpp"
#include "node/sip/call_limits.hpp"

namespace plenary {

/// What each trunk, application, customer and address may take of `sip.max_calls`. An application without
/// `max_calls` of its own may take all of it when it is the only one, else `sip.share_percent`; the
/// applications of one customer together likewise, or as much as the greatest of them was given.
call_limit_settings call_limits_of(const configuration& config);

/// What each application and address may ask of the API.
request_limit_settings request_limits_of(const configuration& config);

} // namespace plenary
