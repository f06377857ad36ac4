#pragma once

#include "actors/directory/directory_actor.hpp"
#include "actors/webhook/webhook_pool_actor.hpp"
#include "node/call_router.hpp"
#include "node/config/configuration.hpp"
#include "node/http/api.hpp"
#include "node/http/http_server.hpp"
#include "node/net/media_ports.hpp"
#include "node/sip/sip_settings.hpp"

#include <vector>

namespace plenary {

/// The parts of a configuration as each edge and actor wants them.
sip_settings sip_settings_of(const configuration& config);
media_port_settings media_settings_of(const configuration& config);
directory_settings directory_settings_of(const configuration& config, wall_time now);
webhook_settings webhook_settings_of(const configuration& config);
application_map applications_of(const configuration& config);
std::vector<api_credential> credentials_of(const configuration& config);
http_server_options http_options_of(const configuration& config);

} // namespace plenary
