#include "node/sip/admission.hpp"

#include "node/sip/number.hpp"

#include <algorithm>

namespace plenary::sip_layer {

namespace {

/// The host of `sip:user@host:port;...`, without brackets.
std::string_view host_of(std::string_view uri) {
  if (const auto colon = uri.find(':'); colon != std::string_view::npos && uri.starts_with("sip"))
    uri.remove_prefix(colon + 1);
  if (const auto at = uri.find('@'); at != std::string_view::npos)
    uri.remove_prefix(at + 1);
  uri = uri.substr(0, uri.find_first_of(";?>"));
  if (uri.starts_with('['))
    return uri.substr(1, uri.find(']') - 1);
  return uri.substr(0, uri.find(':'));
}

result<std::vector<ip_network>> sources_of(const sip_trunk& trunk) {
  std::vector<ip_network> sources;
  for (const auto& text : trunk.inbound_ips) {
    auto network = ip_network::parse(text);
    if (!network)
      return fail(errc::malformed, fmt::format("trunk '{}': {}", trunk.name, network.error().message));
    sources.push_back(*network);
  }
  if (trunk.inbound_ips.empty() && parse_ip(host_of(trunk.proxy)))
    sources.push_back(*ip_network::parse(host_of(trunk.proxy)));
  return sources;
}

} // namespace

result<admission> admission::make(const sip_settings& settings) {
  admission made;
  for (const auto& trunk : settings.trunks) {
    auto sources = sources_of(trunk);
    if (!sources)
      return tl::unexpected(sources.error());
    made.trunks_.push_back({trunk, std::move(*sources)});
  }
  for (const auto& [number, owner] : settings.dids)
    if (!made.dids_.emplace(did_key(number), did_entry{number, owner}).second)
      return fail(errc::malformed, fmt::format("number '{}' stands twice in the settings", number));
  return made;
}

const sip_trunk* admission::trunk_of(const ip_address& source) const {
  for (const auto& entry : trunks_)
    for (const auto& network : entry.sources)
      if (network.contains(source))
        return &entry.trunk;
  return nullptr;
}

bool admission::owns(const sip_trunk& trunk, const ip_address& source) const {
  for (const auto& entry : trunks_)
    if (&entry.trunk == &trunk)
      return std::any_of(entry.sources.begin(), entry.sources.end(),
                         [&](const ip_network& network) { return network.contains(source); });
  return false;
}

tl::expected<admitted_call, admission_refusal> admission::admit(const ip_address& source,
                                                                std::string_view user) const {
  const auto* trunk = trunk_of(source);
  if (trunk == nullptr)
    return tl::unexpected(admission_refusal::unknown_source);
  const auto did = dids_.find(did_key(user));
  if (did == dids_.end())
    return tl::unexpected(admission_refusal::unknown_number);
  return admitted_call{trunk, did->second.number, did->second.owner};
}

} // namespace plenary::sip_layer
