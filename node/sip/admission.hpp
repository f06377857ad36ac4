#pragma once

#include "node/sip/ip_network.hpp"
#include "node/sip/sip_settings.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace plenary::sip_layer {

/// A trunk from the first configuration that names it to the end of its last call. Calls that go on while the
/// configuration changes use its credentials as they are now, and may come from where they came before.
struct known_trunk : sip_trunk {
  std::vector<ip_network> sources; ///< where its calls come from; empty: it is configured no more
  std::vector<ip_network> former;  ///< where requests of calls that go on may come from as well

  /// True for an address that requests of its calls may come from.
  bool owns(const ip_address& source) const;
};

/// A call that may come in.
struct admitted_call {
  std::shared_ptr<const known_trunk> trunk;
  std::string number; ///< as it stands in the settings
  sip_did owner;
};

/// Why a call may not come in.
enum class admission_refusal {
  unknown_source, ///< 403: no trunk has this address
  unknown_number  ///< 404
};

/// Decides who may call whom, by the settings as they are now.
class admission {
public:
  /// Fails with `malformed` when an address does not parse or two numbers are the same.
  static result<admission> make(const sip_settings& settings);

  /// From now on these trunks and numbers count. Fails as `make` does, and then changes nothing.
  result<void> replace(const sip_settings& settings);

  /// The first trunk that the address belongs to, or null. It lives as long as the admission.
  const sip_trunk* trunk_of(const ip_address& source) const;

  /// True for addresses of trunks, and for those that calls which go on may come from.
  bool knows(const ip_address& source) const;

  /// `user` is the user part of the request URI as received.
  tl::expected<admitted_call, admission_refusal> admit(const ip_address& source, std::string_view user) const;

private:
  struct did_entry {
    std::string number;
    sip_did owner;
  };
  using trunk_list = std::vector<std::shared_ptr<known_trunk>>;

  const std::shared_ptr<known_trunk>* find(const ip_address& source) const;

  trunk_list trunks_;
  trunk_list retired_; ///< no longer configured, with calls
  std::unordered_map<std::string, did_entry> dids_;
};

} // namespace plenary::sip_layer
