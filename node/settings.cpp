#include "node/settings.hpp"

#include "node/config/digest.hpp"
#include "node/limit_settings.hpp"

#include <algorithm>
#include <random>

namespace plenary {

namespace {

sip_address to_sip(signalling_transport transport, const listen_address& address) {
  return {transport, address.host, address.port};
}

address_blocks to_blocks(const std::vector<ip_network>& networks) {
  address_blocks blocks;
  for (const auto& network : networks)
    blocks.push_back({{static_cast<std::uint8_t>(network.family), network.prefix, 0}, network.prefix_length});
  return blocks;
}

/// The host of a SIP URI, without brackets.
std::string proxy_host(std::string_view uri) {
  uri.remove_prefix(std::min(uri.size(), uri.find(':') + 1));
  if (const auto at = uri.find('@'); at != std::string_view::npos)
    uri.remove_prefix(at + 1);
  if (uri.starts_with('['))
    return std::string{uri.substr(1, uri.find(']') - 1)};
  return std::string{uri.substr(0, uri.find_first_of(":;?>"))};
}

sip_trunk to_trunk(const trunk_options& from) {
  sip_trunk trunk{from.name, from.proxy, from.username, from.password,
                  {},        from.srtp,  from.realm,    from.trusted};
  for (const auto& network : from.inbound_ips)
    trunk.inbound_ips.push_back(to_string(network));
  return trunk;
}

sip_did to_did(const configuration& config, const application_id& wanted) {
  for (const auto& application : config.applications)
    if (application.id == wanted) {
      sip_did did{wanted, application.customer};
      for (const auto& header : application.headers)
        did.headers.push_back(header.text);
      return did;
    }
  PLENARY_ASSERT(false); // consistency.cpp has refused such a configuration
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
  settings.advertise = config.sip.advertise;
  settings.max_calls = static_cast<std::size_t>(config.sip.max_calls);
  settings.limits = call_limits_of(config);
  settings.answer_strangers = config.sip.answer_strangers;
  settings.max_connections = static_cast<std::size_t>(config.sip.max_connections);
  settings.max_connections_per_address = static_cast<std::size_t>(config.sip.max_connections_per_address);
  settings.message_timeout = config.sip.message_timeout;
  settings.idle_timeout = config.sip.idle_timeout;
  for (const auto& trunk : config.trunks)
    settings.trunks.push_back(to_trunk(trunk));
  for (const auto& did : config.dids)
    settings.dids[did.number] = to_did(config, did.application);
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

media_address_rules media_rules_of(const configuration& config) {
  media_address_rules rules;
  for (const auto& from : config.trunks) {
    auto& trunk = rules.trunks[from.name];
    trunk.media_ips = to_blocks(from.media_ips);
    trunk.signalling = to_blocks(from.inbound_ips);
    if (auto proxy = audio::make_endpoint(proxy_host(from.proxy), 0); proxy && from.inbound_ips.empty())
      trunk.signalling.push_back({*proxy, proxy->family == 6 ? 128 : 32});
  }
  std::vector<std::string> hosts{config.sip.advertise};
  for (const auto* addresses : {&config.media.address, &config.media.advertise})
    hosts.insert(hosts.end(), addresses->texts.begin(), addresses->texts.end());
  std::vector<std::uint16_t> ports{config.http.listen.port};
  for (const auto& listen : config.sip.listen)
    ports.push_back(listen.address.port);
  for (const auto& listen : config.sip.tls_listen)
    ports.push_back(listen.port);
  for (const auto& host : hosts)
    for (auto port : ports)
      if (auto own = audio::make_endpoint(host, port); own && port != 0)
        rules.own_endpoints.push_back(*own);
  for (const auto& host : hosts)
    if (auto own = audio::make_endpoint(host, 0))
      rules.own_addresses.push_back({*own, own->family == 6 ? 128 : 32});
  rules.first_own_port = config.media.ports.first;
  rules.last_own_port = config.media.ports.last;
  return rules;
}

directory_settings directory_settings_of(const configuration& config) {
  directory_settings settings;
  settings.mixer.loudest = static_cast<int>(config.room.loudest);
  settings.mixer.opus_complexity = static_cast<int>(config.room.opus_complexity);
  settings.mixer.max_participants = static_cast<std::size_t>(config.room.max_participants);
  settings.leg.jitter = {config.media.min_delay, config.media.max_delay};
  settings.leg.clamp_dtmf = config.media.clamp_dtmf;
  settings.leg.media_timeout = config.media.timeout;
  settings.leg.media_rules = std::make_shared<const media_address_rules>(media_rules_of(config));
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
  for (const auto& from : config.applications)
    settings.endpoints.push_back(
        {from.id, from.webhook_url, from.webhook_secret, from.second_webhook_secret});
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

std::shared_ptr<const std::vector<application>> subscribers_of(const configuration& config) {
  auto applications = std::make_shared<std::vector<application>>();
  for (const auto& [id, each] : applications_of(config))
    applications->push_back(*each);
  return applications;
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
                     .webhook_secret = from.webhook_secret,
                     .second_webhook_secret = from.second_webhook_secret,
                     .events = {}};
    for (const auto& subscription : from.events)
      made.events.push_back(subscription.text);
    applications[from.id] = std::make_shared<const application>(std::move(made));
  }
  return applications;
}

api_keys api_keys_of(const configuration& config) {
  api_keys keys;
  for (const auto& from : config.applications)
    for (const auto& key : {from.api_key, from.second_api_key})
      if (!key.empty())
        keys.credentials.push_back({key, {from.customer, from.id}});
  for (const auto& key : {config.http.operator_key, config.http.second_operator_key})
    if (!key.empty())
      keys.operators.push_back(key);
  return keys;
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
