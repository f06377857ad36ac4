// How a running node takes another configuration.

#include "node/config/changes.hpp"
#include "node/config/digest.hpp"
#include "node/config/secret_file.hpp"
#include "node/node.hpp"
#include "node/settings.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

using refusal = tl::unexpected<problem>;

refusal refused(const read_configuration& next, std::string key, std::string what, std::string hint) {
  const auto line = line_of_key(next.lines, key);
  return refusal{problem{{}, line, std::move(key), std::move(what), std::move(hint)}};
}

refusal refused_for_restart(const read_configuration& next, const std::vector<std::string>& fixed) {
  return refused(next, fixed.front(), "cannot change while the node runs",
                 fixed.size() == 1 ? "restart the node, or take the old value again"
                                   : fmt::format("restart the node, or take the old values again: {}",
                                                 names_of_changes(fixed)));
}

/// The option that an error of the signalling is about.
std::string key_of(const read_configuration& next, const error& why) {
  for (const std::string_view key : {"sip.tls_key", "sip.tls_certificate"})
    if (why.message.starts_with(key))
      return std::string{key};
  const auto& dids = next.config.dids;
  for (std::size_t i = 0; i < dids.size(); ++i)
    if (why.message.find(fmt::format("'{}'", dids[i].number)) != std::string::npos)
      return fmt::format("did[{}].number", i);
  return "trunk";
}

} // namespace

/// What may fail comes first and changes nothing; then the customers are there before a call can ask for
/// them.
tl::expected<std::vector<std::string>, problem> node::reload(const read_configuration& next) {
  auto changes = changes_between(config_, next.config);
  if (!changes.fixed.empty())
    return refused_for_restart(next, changes.fixed);
  const auto& cluster = next.config.cluster;
  if (config_.cluster.ca_file.empty() != cluster.ca_file.empty())
    return refused_for_restart(next, {"cluster.ca_file"});
  const auto customers = edition_of(next.config);
  auto signalling = sip_->check(sip_settings_of(next.config, *customers));
  if (!signalling)
    return refused(next, key_of(next, signalling.error()), signalling.error().message, "");
  if (peers_ && !cluster.ca_file.empty())
    if (auto loaded = peers_->load_tls({cluster.ca_file, cluster.certificate_file, cluster.key_file});
        !loaded)
      return refused(next, "cluster.certificate_file", loaded.error().message, "");
  config_ = next.config;
  catalogue_.publish(customers);
  sip_->reload(std::move(*signalling));
  api_->reload(customers->keys, customers->request_limits);
  const auto http = http_options_of(config_);
  http_->bound(http.max_connections, http.max_connections_per_address);
  if (metrics_http_)
    metrics_http_->bound(http.max_connections, http.max_connections_per_address);
  if (peers_) {
    peers_->use_loaded_tls();
    peers_->set_customers(customer_digests_of(config_), configuration_digest(config_));
  }
  return std::move(changes.live);
}

} // namespace plenary
