#pragma once

#include "actors/directory/directory_actor.hpp"
#include "actors/webhook/webhook_pool_actor.hpp"
#include "node/config/configuration.hpp"
#include "node/customers/catalogue.hpp"
#include "node/http/http_server.hpp"
#include "node/link/etcd_discovery.hpp"
#include "node/link/link_settings.hpp"
#include "node/net/curl_http_client.hpp"
#include "node/net/media_ports.hpp"
#include "node/sip/sip_settings.hpp"
#include "node/store/store_settings.hpp"

#include <vector>

namespace plenary {

/// The parts of a configuration as each edge and actor wants them.
sip_settings sip_settings_of(const configuration& config, const customer_edition& customers);
std::vector<media_port_settings> media_settings_of(const configuration& config);
directory_settings directory_settings_of(const configuration& config);
membership::settings members_of(const configuration& config);
link_settings link_settings_of(const configuration& config, telemetry& meters, logger& log);
etcd_settings etcd_settings_of(const configuration& config, const std::string& address, logger& log);
http_client_settings http_client_settings_of(const configuration& config, telemetry& meters, logger& log);
webhook_settings webhook_settings_of(const configuration& config);
/// `now` is when the process started.
store_settings store_settings_of(const configuration& config, wall_time now);
http_server_options http_options_of(const configuration& config);
/// Of the listener `http.metrics_listen`.
http_server_options metrics_options_of(const configuration& config);

} // namespace plenary
