#include "node/sip/admission.hpp"

#include "schema/called_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

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

bool any_contains(const std::vector<ip_network>& networks, const ip_address& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const ip_network& network) { return network.contains(address); });
}

/// Only the table itself refers to it.
bool has_calls(const std::shared_ptr<known_trunk>& trunk) {
  return trunk.use_count() > 1;
}

/// Its calls go on from where they came from.
void leave_sources(known_trunk& trunk) {
  trunk.former.insert(trunk.former.end(), trunk.sources.begin(), trunk.sources.end());
  std::sort(trunk.former.begin(), trunk.former.end());
  trunk.former.erase(std::unique(trunk.former.begin(), trunk.former.end()), trunk.former.end());
  trunk.sources.clear();
}

} // namespace

bool known_trunk::owns(const ip_address& source) const {
  return any_contains(sources, source) || any_contains(former, source);
}

result<admission> admission::make(const sip_settings& settings) {
  admission made;
  for (const auto& trunk : settings.trunks) {
    auto sources = sources_of(trunk);
    if (!sources)
      return tl::unexpected(sources.error());
    made.trunks_.push_back(std::make_shared<known_trunk>(known_trunk{trunk, std::move(*sources), {}}));
  }
  for (const auto& [number, owner] : settings.dids)
    if (!made.dids_.emplace(did_key(number), did_entry{number, owner}).second)
      return fail(errc::malformed, fmt::format("number '{}' stands twice in the settings", number));
  return made;
}

result<void> admission::replace(const sip_settings& settings) {
  auto next = make(settings);
  if (!next)
    return tl::unexpected(next.error());
  auto before = std::exchange(trunks_, std::move(next->trunks_));
  std::move(retired_.begin(), retired_.end(), std::back_inserter(before));
  retired_.clear();
  for (auto& old : before) {
    if (!has_calls(old))
      continue;
    leave_sources(*old);
    const auto again = std::find_if(trunks_.begin(), trunks_.end(),
                                    [&](const auto& fresh) { return fresh->name == old->name; });
    if (again == trunks_.end()) {
      retired_.push_back(std::move(old));
      continue;
    }
    static_cast<sip_trunk&>(*old) = **again;
    old->sources = std::move((*again)->sources);
    *again = std::move(old);
  }
  dids_ = std::move(next->dids_);
  return {};
}

const std::shared_ptr<known_trunk>* admission::find(const ip_address& source) const {
  for (const auto& trunk : trunks_)
    if (any_contains(trunk->sources, source))
      return &trunk;
  return nullptr;
}

const sip_trunk* admission::trunk_of(const ip_address& source) const {
  const auto* found = find(source);
  return found == nullptr ? nullptr : found->get();
}

bool admission::knows(const ip_address& source) const {
  if (find(source) != nullptr)
    return true;
  for (const auto* list : {&trunks_, &retired_})
    for (const auto& trunk : *list)
      if (has_calls(trunk) && any_contains(trunk->former, source))
        return true;
  return false;
}

tl::expected<admitted_call, admission_refusal> admission::admit(const ip_address& source,
                                                                std::string_view user) const {
  const auto* trunk = find(source);
  if (trunk == nullptr)
    return tl::unexpected(admission_refusal::unknown_source);
  const auto did = dids_.find(did_key(user));
  if (did == dids_.end())
    return tl::unexpected(admission_refusal::unknown_number);
  return admitted_call{*trunk, did->second.number, did->second.owner};
}

} // namespace plenary::sip_layer
