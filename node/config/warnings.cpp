#include "node/config/warnings.hpp"

#include "node/config/address_class.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary {

namespace {

/// Collects the warnings about one file.
class warning_list {
public:
  warning_list(const configuration& config, const std::filesystem::path& file)
      : config_(config)
      , file_(file.string()) {}

  std::vector<problem> collect() {
    for (std::size_t i = 0; i < config_.applications.size(); ++i) {
      const auto& each = config_.applications[i];
      look_at_url(fmt::format("application[{}].answer_url", i), each.answer_url);
      look_at_url(fmt::format("application[{}].fallback_url", i), each.fallback_url);
      look_at_url(fmt::format("application[{}].webhook_url", i), each.webhook_url);
      look_at_webhook(fmt::format("application[{}]", i), each);
    }
    return std::move(found_);
  }

private:
  bool is_allowed(const std::string& host) const {
    const auto& networks = config_.http_client.allow_networks;
    return std::any_of(networks.begin(), networks.end(),
                       [&host](const ip_network& network) { return network.contains(host); });
  }

  void look_at_url(const std::string& key, const std::string& url) {
    const auto host = host_of_url(url);
    if (host.empty() || !is_inside_host(host) || is_allowed(host))
      return;
    if (is_ip_literal(host) && class_of(host) == address_class::never)
      return warn(key, fmt::format("leads to {}, which is never called", host),
                  "name the network in http_client.allow_networks if it must be");
    warn(key, fmt::format("leads inside, to {}", host),
         "right for a server of your own; redirect actions get there only with http_client.allow_networks");
  }

  void look_at_webhook(const std::string& key, const application_options& each) {
    if (each.webhook_url.empty())
      warn(key + ".webhook_url", "is not set: no events leave",
           each.events.empty() ? "right for an application that wants none"
                               : "the room events that it names in events have nowhere to go");
    if (each.webhook_secret.empty())
      warn(key + ".webhook_secret", "is not set: webhooks and answer_url requests are not signed",
           "set it, or webhook_secret_file, so that the application can tell them from anybody else's");
  }

  void warn(const std::string& key, std::string what, std::string hint) {
    found_.push_back({file_, 0, key, std::move(what), std::move(hint)});
  }

  const configuration& config_;
  std::string file_;
  std::vector<problem> found_;
};

} // namespace

std::vector<problem> warnings_of(const configuration& config, const std::filesystem::path& file) {
  return warning_list{config, file}.collect();
}

} // namespace plenary
