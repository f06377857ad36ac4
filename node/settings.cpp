#include "node/settings.hpp"

#include "node/config/digest.hpp"

#include <algorithm>
#include <random>

namespace plenary {

namespace {

sip_address to_sip(signalling_transport transport, const listen_address& address) {
  return {transport, address.host, address.port};
}

} // namespace

sip_settings sip_settings_of(const configuration& config, const customer_edition& customers) {
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
  settings.advertise = config.sip.advertise;
  settings.max_calls = static_cast<std::size_t>(config.sip.max_calls);
  settings.limits = customers.call_limits;
  settings.answer_strangers = config.sip.answer_strangers;
  settings.max_connections = static_cast<std::size_t>(config.sip.max_connections);
  settings.max_connections_per_address = static_cast<std::size_t>(config.sip.max_connections_per_address);
  settings.message_timeout = config.sip.message_timeout;
  settings.idle_timeout = config.sip.idle_timeout;
  settings.trunks = customers.trunks;
  settings.dids = customers.dids;
  return settings;
}

std::vector<media_port_settings> media_settings_of(const configuration& config) {
  std::vector<media_port_settings> all;
  for (const int family : {4, 6}) {
    media_port_settings settings;
    settings.address = config.media.address.of_family(family);
    settings.advertise = config.media.advertise.of_family(family);
    settings.first_port = config.media.ports.first;
    settings.last_port = config.media.ports.last;
    settings.rest = config.media.port_rest;
    if (!settings.address.empty())
      all.push_back(std::move(settings));
  }
  return all;
}

directory_settings directory_settings_of(const configuration& config) {
  directory_settings settings;
  settings.mixer.loudest = static_cast<int>(config.room.loudest);
  settings.mixer.opus_complexity = static_cast<int>(config.room.opus_complexity);
  settings.mixer.noise_suppression = config.room.noise_suppression;
  settings.mixer.levelling = config.room.levelling;
  settings.mixer.comfort_noise = config.room.comfort_noise;
  settings.mixer.max_participants = static_cast<std::size_t>(config.room.max_participants);
  settings.leg.jitter = {config.media.min_delay, config.media.max_delay};
  settings.leg.clamp_dtmf = config.media.clamp_dtmf;
  settings.leg.media_timeout = config.media.timeout;
  settings.leg.opus_bitrate = static_cast<int>(config.room.opus_bitrate);
  settings.cluster = members_of(config);
  settings.tick_log = config.cluster.tick_log;
  return settings;
}

membership::settings members_of(const configuration& config) {
  const auto& cluster = config.cluster;
  const auto& own = cluster.advertise.empty() ? cluster.listen : cluster.advertise;
  membership::settings settings;
  settings.expected_peers =
      cluster.seeds.size() -
      static_cast<std::size_t>(std::count(cluster.seeds.begin(), cluster.seeds.end(), own));
  settings.size = cluster.size > 0 ? static_cast<std::size_t>(cluster.size) : settings.expected_peers + 1;
  if (cluster.discovery == cluster_discovery::etcd)
    settings.expected_peers = settings.size - 1;
  settings.hold = cluster.on_partition == partition_policy::hold;
  settings.silence = cluster.silence;
  return settings;
}

link_settings link_settings_of(const configuration& config, telemetry& meters, logger& log) {
  const auto& cluster = config.cluster;
  link_settings settings;
  settings.identity.name = config.node.name;
  settings.identity.address = cluster.advertise;
  settings.identity.incarnation = static_cast<std::uint64_t>(
      std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds{1});
  settings.identity.weight = static_cast<double>(cluster.weight);
  settings.identity.region = cluster.region;
  settings.identity.version = PLENARY_VERSION;
  settings.identity.configuration = configuration_digest(config);
  settings.identity.shared = shared_digest(config);
  settings.customers = customer_digests_of(config);
  settings.listen = cluster.listen;
  settings.seeds = cluster.seeds;
  settings.tls = {cluster.ca_file, cluster.certificate_file, cluster.key_file};
  settings.silence = cluster.silence;
  settings.heartbeat = cluster.silence / 5;
  settings.counters = &meters;
  settings.log = &log;
  return settings;
}

etcd_settings etcd_settings_of(const configuration& config, const std::string& address, logger& log) {
  etcd_settings settings;
  settings.endpoints = config.cluster.endpoints;
  settings.prefix = config.cluster.etcd_prefix;
  settings.name = config.node.name;
  settings.address = address;
  settings.log = &log;
  return settings;
}

http_client_settings http_client_settings_of(const configuration& config, telemetry& meters, logger& log) {
  const auto& from = config.http_client;
  const auto places = [](std::int64_t number) { return static_cast<std::size_t>(number); };
  http_client_settings settings;
  settings.allow_networks = from.allow_networks;
  settings.ca_file = from.ca_file.string();
  settings.documents = {.per_host = places(from.documents_per_host),
                        .per_customer = places(from.documents_per_customer),
                        .total = places(from.documents_total)};
  settings.webhooks = {.per_host = places(from.webhooks_per_host),
                       .per_customer = places(from.webhooks_per_application),
                       .total = places(from.webhooks_total)};
  settings.queue_patience = from.queue;
  settings.meters = &meters;
  settings.log = &log;
  return settings;
}

webhook_settings webhook_settings_of(const configuration& config) {
  webhook_settings settings;
  settings.workers = static_cast<std::size_t>(config.webhook.workers);
  settings.timeout = config.webhook.timeout;
  settings.max_in_flight = static_cast<std::size_t>(config.http_client.webhooks_per_host);
  settings.seed = std::random_device{}();
  return settings;
}

store_settings store_settings_of(const configuration& config, wall_time now) {
  store_settings settings;
  settings.keep_finished = config.store.retention;
  settings.least_free_bytes = static_cast<std::uint64_t>(config.store.min_free_mb) * 1024 * 1024;
  settings.node = config.node.name;
  settings.incarnation = static_cast<std::uint64_t>(now.time_since_epoch().count());
  return settings;
}

http_server_options metrics_options_of(const configuration& config) {
  auto options = http_options_of(config);
  if (const auto listen = parse_listen_address(config.http.metrics_listen)) {
    options.host = listen->host;
    options.port = listen->port;
  }
  return options;
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
