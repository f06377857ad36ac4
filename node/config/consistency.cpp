#include "node/config/checks.hpp"
#include "node/config/load.hpp"
#include "node/config/secret_file.hpp"
#include "node/files/bounded_file.hpp"
#include "schema/called_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace plenary {

namespace {

/// A socket that the node is going to open.
struct listener {
  std::string key;
  sip_transport transport;
  listen_address address;

  bool clashes_with(const listener& other) const {
    return transport == other.transport && address.port != 0 && address.port == other.address.port &&
           shares_address(other.address.host);
  }
  bool shares_address(std::string_view host) const {
    return address.host == host || is_any_address(address.host) || is_any_address(host);
  }
};

std::vector<listener> listeners_of(const configuration& config) {
  std::vector<listener> all;
  for (const auto& sip : config.sip.listen)
    all.push_back({"sip.listen", sip.transport, sip.address});
  for (const auto& address : config.sip.tls_listen)
    all.push_back({"sip.tls_listen", sip_transport::tcp, address});
  all.push_back({"http.listen", sip_transport::tcp, config.http.listen});
  if (auto metrics = parse_listen_address(config.http.metrics_listen); metrics)
    all.push_back({"http.metrics_listen", sip_transport::tcp, *metrics});
  return all;
}

/// The rules, one method each; every one adds what it finds to `problems`.
class consistency_rules {
public:
  consistency_rules(const configuration& config, const key_lines& lines)
      : config_(config)
      , lines_(lines) {}

  std::vector<problem> apply() {
    check_port_clashes();
    check_media_ports();
    check_delays();
    check_tls();
    check_http_client();
    check_applications();
    check_dids();
    check_trunks();
    check_cluster();
    return std::move(problems_);
  }

private:
  void report(const std::string& key, std::string what, std::string hint) {
    problems_.push_back({{}, line_of_key(lines_, key), key, std::move(what), std::move(hint)});
  }

  void check_port_clashes() {
    auto listeners = listeners_of(config_);
    for (std::size_t i = 0; i < listeners.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        if (listeners[i].clashes_with(listeners[k]))
          report(listeners[i].key,
                 fmt::format("uses {} port {}, which {} uses as well", to_string(listeners[i].transport),
                             listeners[i].address.port, listeners[k].key),
                 "choose another port");
    if (config_.sip.listen.empty() && config_.sip.tls_listen.empty())
      report("sip.listen", "and sip.tls_listen are both empty", "give at least one address");
  }

  void check_media_ports() {
    auto ports = config_.media.ports;
    for (const auto& sip : listeners_of(config_))
      if (sip.transport == sip_transport::udp && sip.address.port >= ports.first &&
          sip.address.port <= ports.last && shares_media_address(sip))
        report("media.ports",
               fmt::format("{} holds port {}, which {} uses as well", to_string(ports), sip.address.port,
                           sip.key),
               "choose another range or another SIP port");
    for (const int family : {4, 6})
      check_media_addresses(family);
  }

  bool shares_media_address(const listener& sip) const {
    const auto& own = config_.media.address.texts;
    return std::any_of(own.begin(), own.end(), [&](const auto& each) { return sip.shares_address(each); });
  }

  void check_media_addresses(int family) {
    const auto own = config_.media.address.of_family(family);
    const auto told = config_.media.advertise.of_family(family);
    if (is_any_address(own) && told.empty())
      report("media.address",
             fmt::format("is the wildcard address of IPv{}, which callers cannot send to", family),
             "give the address of the network interface, or media.advertise too");
    if (own.empty() && !told.empty())
      report("media.advertise", fmt::format("holds an IPv{} address, but media.address has none", family),
             "give media.address one of the same IP version");
  }

  void check_delays() {
    if (config_.media.min_delay > config_.media.max_delay)
      report("media.min_delay_ms",
             fmt::format("is {}, more than media.max_delay_ms, which is {}", config_.media.min_delay.count(),
                         config_.media.max_delay.count()),
             "give a smaller value");
  }

  void check_tls() {
    if (config_.sip.tls_listen.empty())
      return;
    check_readable("sip.tls_certificate", config_.sip.tls_certificate);
    check_readable("sip.tls_key", config_.sip.tls_key);
  }

  void check_http_client() {
    if (!config_.http_client.ca_file.empty())
      check_readable("http_client.ca_file", config_.http_client.ca_file);
  }

  void check_readable(const std::string& key, const std::filesystem::path& file) {
    constexpr std::size_t most = 1024 * 1024; // the bundle of a whole system holds a quarter of that
    if (file.empty())
      return report(key, "is missing, but sip.tls_listen is not empty", "name a PEM file");
    if (auto text = read_bounded_file(file, most); !text)
      report(key,
             fmt::format("names a file that cannot be read: {}: {}", file.string(), text.error().message),
             "check the path and the permissions");
  }

  void check_applications() {
    if (config_.applications.empty())
      return;
    check_unique("application", "id", config_.applications, [](const auto& a) { return a.id.value; });
    check_keys();
  }

  /// A key that two holders had would belong to one of them at random; the texts do not repeat it.
  void check_keys() {
    std::map<std::string, std::string> holders; // by key
    const auto add = [&](const std::string& key, const std::string& holder) {
      if (key.empty())
        return;
      if (const auto [first, added] = holders.emplace(key, holder); !added)
        report(holder,
               fmt::format("is the same as {} in line {}", first->second, line_of_key(lines_, first->second)),
               "give each its own");
    };
    add(config_.http.operator_key, "http.operator_key");
    add(config_.http.second_operator_key, "http.second_operator_key");
    for (std::size_t i = 0; i < config_.applications.size(); ++i) {
      add(config_.applications[i].api_key, fmt::format("application[{}].api_key", i));
      add(config_.applications[i].second_api_key, fmt::format("application[{}].second_api_key", i));
      if (config_.applications[i].webhook_secret.empty() &&
          !config_.applications[i].second_webhook_secret.empty())
        report(fmt::format("application[{}].second_webhook_secret", i), "needs a webhook_secret beside it",
               "make it the first one");
    }
  }

  static bool is_loopback(const std::string& address) {
    return address.starts_with("127.") || address.starts_with("localhost:") || address.starts_with("[::1]:");
  }

  void check_cluster() {
    const auto& cluster = config_.cluster;
    const std::array files{cluster.ca_file, cluster.certificate_file, cluster.key_file};
    const auto given =
        std::count_if(files.begin(), files.end(), [](const auto& file) { return !file.empty(); });
    if (given != 0 && given != 3)
      report("cluster.ca_file", "is given without the others",
             "set ca_file, certificate_file and key_file, or none of them");
    for (const auto& seed : cluster.seeds)
      if (auto checked = check_link_address(seed); !checked)
        report("cluster.seeds", checked.error().message, "for example \"10.0.0.2:7400\"");
    if (cluster.listen.empty() && (!cluster.seeds.empty() || cluster.discovery == cluster_discovery::etcd))
      report("cluster.listen", "is empty", "a node that links to others must listen itself");
    const bool all_local =
        is_loopback(cluster.listen) && std::all_of(cluster.seeds.begin(), cluster.seeds.end(), is_loopback);
    if (!cluster.listen.empty() && given == 0 && !all_local)
      report("cluster.ca_file", "is needed",
             "links that leave this machine are encrypted; scripts/plenary-ca makes a CA for a trial");
    if (cluster.discovery == cluster_discovery::etcd && cluster.endpoints.empty())
      report("cluster.endpoints", "is empty", "name at least one etcd server");
    if (cluster.discovery == cluster_discovery::etcd && cluster.size == 0)
      report("cluster.size", "is 0", "with etcd the size of the cluster must be said");
  }

  void check_dids() {
    const auto& applications = config_.applications;
    check_numbers();
    for (std::size_t i = 0; i < config_.dids.size(); ++i) {
      const auto& wanted = config_.dids[i].application;
      if (wanted.value.empty() ||
          std::any_of(applications.begin(), applications.end(),
                      [&](const auto& application) { return application.id == wanted; }))
        continue;
      std::vector<std::string_view> names;
      names.reserve(applications.size());
      for (const auto& application : applications)
        names.push_back(application.id.value);
      auto nearest = nearest_name(wanted.value, names);
      report(fmt::format("did[{}].application", i), fmt::format("names no application: \"{}\"", wanted.value),
             nearest.empty() ? "add an [[application]] of that id"
                             : fmt::format("did you mean \"{}\"?", nearest));
    }
  }

  /// Numbers are told apart as calls are: by what is left of their spelling.
  void check_numbers() {
    std::map<std::string, std::size_t> first; // by key
    for (std::size_t i = 0; i < config_.dids.size(); ++i) {
      const auto& number = config_.dids[i].number;
      const auto key = fmt::format("did[{}].number", i);
      if (is_uri(number))
        report(key, fmt::format("is \"{}\", which no call names", number),
               "give the number without tel: or sip:");
      const auto [found, is_new] = first.emplace(did_key(number), i);
      if (is_new || number.empty())
        continue;
      const auto other = fmt::format("did[{}]", found->second);
      const bool same = config_.dids[found->second].number == number;
      report(key,
             fmt::format("is {} {} in line {}", same ? "the same as" : "another spelling of", other,
                         line_of_key(lines_, other + ".number")),
             "give each its own");
    }
  }

  static bool is_uri(std::string_view number) {
    constexpr std::array<std::string_view, 3> schemes{"tel:", "sip:", "sips:"};
    const auto is_start = [&](std::string_view scheme) {
      return std::equal(scheme.begin(), scheme.end(), number.begin(),
                        number.begin() + static_cast<std::ptrdiff_t>(std::min(scheme.size(), number.size())),
                        [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
    };
    return std::any_of(schemes.begin(), schemes.end(), is_start);
  }

  void check_trunks() {
    const auto& trunks = config_.trunks;
    check_unique("trunk", "name", trunks, [](const auto& trunk) { return trunk.name; });
    for (std::size_t i = 0; i < trunks.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        for (const auto& network : trunks[i].inbound_ips)
          for (const auto& other : trunks[k].inbound_ips)
            if (network.overlaps(other))
              report(fmt::format("trunk[{}].inbound_ips", i),
                     fmt::format("{} overlaps {} of trunk \"{}\"", to_string(network), to_string(other),
                                 trunks[k].name),
                     "an address can belong to one trunk only");
  }

  /// Values of one key must differ; the error does not repeat them, they may be secrets.
  template <class Section, class Value>
  void check_unique(std::string_view section, std::string_view key, const std::vector<Section>& list,
                    Value value) {
    std::map<std::string, std::size_t> first; // by value
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto [found, is_new] = first.emplace(value(list[i]), i);
      if (is_new || found->first.empty())
        continue;
      auto other = fmt::format("{}[{}]", section, found->second);
      report(fmt::format("{}[{}].{}", section, i, key),
             fmt::format("is the same as {} in line {}", other,
                         line_of_key(lines_, other + "." + std::string{key})),
             "give each its own");
    }
  }

  const configuration& config_;
  const key_lines& lines_;
  std::vector<problem> problems_;
};

/// Levenshtein distance: insertions, removals and replacements that turn one into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

} // namespace

std::vector<problem> check_consistency(const configuration& config, const key_lines& lines) {
  return consistency_rules{config, lines}.apply();
}

std::string nearest_name(std::string_view wrong, const std::vector<std::string_view>& names) {
  std::string_view nearest;
  auto least = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (auto name : names)
    if (auto distance = edit_distance(wrong, name); distance < least) {
      least = distance;
      nearest = name;
    }
  return std::string{nearest};
}

std::string to_string(const problem& trouble) {
  auto text = trouble.file;
  if (trouble.line > 0)
    text += fmt::format(":{}", trouble.line);
  if (!trouble.key.empty())
    text += fmt::format(": {}", trouble.key);
  text += fmt::format("{} {}", trouble.key.empty() ? ":" : "", trouble.what);
  return trouble.hint.empty() ? text : text + fmt::format(" (hint: {})", trouble.hint);
}

} // namespace plenary
