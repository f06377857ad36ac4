#pragma once

#include "node/sip/ip_network.hpp"
#include "node/sip/sip_settings.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace plenary::sip_layer {

/// A call that may come in.
struct admitted_call {
  const sip_trunk* trunk = nullptr; ///< lives as long as the admission
  std::string number;               ///< as it stands in the settings
  sip_did owner;
};

/// Why a call may not come in.
enum class admission_refusal {
  unknown_source, ///< 403: no trunk has this address
  unknown_number  ///< 404
};

/// Decides who may call whom; built once from the settings.
class admission {
public:
  /// Fails with `malformed` when an address does not parse or two numbers are the same.
  static result<admission> make(const sip_settings& settings);

  /// The first trunk that the address belongs to, or null.
  const sip_trunk* trunk_of(const ip_address& source) const;

  /// True when the address belongs to this trunk, which is one of ours.
  bool owns(const sip_trunk& trunk, const ip_address& source) const;

  /// `user` is the user part of the request URI as received.
  tl::expected<admitted_call, admission_refusal> admit(const ip_address& source, std::string_view user) const;

private:
  struct trunk_entry {
    sip_trunk trunk;
    std::vector<ip_network> sources;
  };
  struct did_entry {
    std::string number;
    sip_did owner;
  };

  std::vector<trunk_entry> trunks_;
  std::unordered_map<std::string, did_entry> dids_;
};

} // namespace plenary::sip_layer
