#include "node/customers/catalogue.hpp"

#include "actors/audio/media_address.hpp"
#include "node/customers/limit_settings.hpp"
#include "schema/application.hpp"

namespace plenary {

namespace {

audio::address_blocks to_blocks(const std::vector<ip_network>& networks) {
  audio::address_blocks blocks;
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

/// Where media may go: see check_media_address().
audio::media_address_rules media_rules_of(const configuration& config) {
  audio::media_address_rules rules;
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

} // namespace

std::shared_ptr<const customer_edition> edition_of(const configuration& config) {
  auto made = std::make_shared<customer_edition>();
  made->applications = applications_of(config);
  made->media_rules = std::make_shared<const audio::media_address_rules>(media_rules_of(config));
  for (const auto& each : config.trunks)
    made->trunks.push_back(to_trunk(each));
  for (const auto& each : config.dids)
    made->dids[each.number] = to_did(config, each.application);
  made->call_limits = call_limits_of(config);
  made->keys = api_keys_of(config);
  made->request_limits = request_limits_of(config);
  return made;
}

std::vector<customer_summary> summaries_of(const customer_edition& edition) {
  std::map<application_id, std::size_t> numbers;
  for (const auto& [number, did] : edition.dids)
    ++numbers[did.application];
  std::map<customer_id, customer_summary> customers;
  for (const auto& [id, each] : edition.applications) {
    auto& customer = customers[each->customer];
    customer.id = each->customer;
    const auto bounds = edition.call_limits.applications.find(id);
    const auto most = bounds == edition.call_limits.applications.end() ? 0 : bounds->second.most_calls;
    customer.applications.push_back({id, numbers[id], most});
  }
  std::vector<customer_summary> list;
  list.reserve(customers.size());
  for (auto& [id, customer] : customers)
    list.push_back(std::move(customer));
  return list;
}

} // namespace plenary
