#include "node/settings.hpp"

#include <random>

namespace plenary {

namespace {

sip_address to_sip(signalling_transport transport, const listen_address& address) {
  return {transport, address.host, address.port};
}

sip_trunk to_trunk(const trunk_options& from) {
  sip_trunk trunk{from.name, from.proxy, from.username, from.password, {}, from.srtp};
  for (const auto& network : from.inbound_ips)
    trunk.inbound_ips.push_back(to_string(network));
  return trunk;
}

} // namespace

sip_settings sip_settings_of(const configuration& config) {
  sip_settings settings;
  settings.node = config.node.name;
  for (const auto& listen : config.sip.listen)
    settings.listen.push_back(
        to_sip(listen.transport == sip_transport::udp ? signalling_transport::udp : signalling_transport::tcp,
               listen.address));
  for (const auto& listen : config.sip.tls_listen)
    settings.listen.push_back(to_sip(signalling_transport::tls, listen));
  settings.tls_certificate = config.sip.tls_certificate.string();
  settings.tls_key = config.sip.tls_key.string();
  settings.max_calls = static_cast<std::size_t>(config.sip.max_calls);
  for (const auto& trunk : config.trunks)
    settings.trunks.push_back(to_trunk(trunk));
  auto applications = applications_of(config);
  for (const auto& did : config.dids)
    settings.dids[did.number] = {did.application, applications.at(did.application)->customer};
  return settings;
}

media_port_settings media_settings_of(const configuration& config) {
  media_port_settings settings;
  settings.address = config.media.address;
  settings.first_port = config.media.ports.first;
  settings.last_port = config.media.ports.last;
  return settings;
}

directory_settings directory_settings_of(const configuration& config, wall_time now) {
  directory_settings settings;
  settings.mixer.loudest = static_cast<int>(config.room.loudest);
  settings.mixer.opus_complexity = static_cast<int>(config.room.opus_complexity);
  settings.mixer.max_participants = static_cast<std::size_t>(config.room.max_participants);
  settings.leg.jitter = {config.media.min_delay, config.media.max_delay};
  settings.leg.media_timeout = config.media.timeout;
  settings.leg.opus_bitrate = static_cast<int>(config.room.opus_bitrate);
  // Milliseconds since 1970 grow over restarts faster than a node can make rooms.
  settings.first_epoch = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count());
  return settings;
}

webhook_settings webhook_settings_of(const configuration& config) {
  webhook_settings settings;
  for (const auto& from : config.applications)
    settings.endpoints.push_back({from.id, from.webhook_url, from.webhook_secret});
  settings.workers = static_cast<std::size_t>(config.webhook.workers);
  settings.timeout = config.webhook.timeout;
  settings.seed = std::random_device{}();
  return settings;
}

application_map applications_of(const configuration& config) {
  application_map applications;
  for (const auto& from : config.applications) {
    application made{.id = from.id,
                     .customer = from.customer,
                     .answer_url = from.answer_url,
                     .answer_method = from.answer_method == answer_method::get ? "GET" : "POST",
                     .fallback_url = from.fallback_url,
                     .fallback_actions = from.fallback_actions,
                     .webhook_url = from.webhook_url,
                     .webhook_secret = from.webhook_secret};
    applications[from.id] = std::make_shared<const application>(std::move(made));
  }
  return applications;
}

std::vector<api_credential> credentials_of(const configuration& config) {
  std::vector<api_credential> credentials;
  for (const auto& from : config.applications)
    if (!from.api_key.empty())
      credentials.push_back({from.api_key, {from.customer, from.id}});
  return credentials;
}

http_server_options http_options_of(const configuration& config) {
  http_server_options options;
  options.host = config.http.listen.host;
  options.port = config.http.listen.port;
  options.max_connections = static_cast<std::size_t>(config.http.max_connections);
  options.max_connections_per_address = static_cast<std::size_t>(config.http.max_connections_per_address);
  return options;
}

} // namespace plenary
