#pragma once

#include "schema/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plenary::sip_layer {

/// An IP address; IPv4 as IPv4-mapped IPv6 (RFC 4291 2.5.5.2), so that both compare alike.
using ip_address = std::array<std::uint8_t, 16>;

/// Reads an IPv4 or IPv6 literal without brackets.
std::optional<ip_address> parse_ip(std::string_view text);

/// One address or a block of addresses.
class ip_network {
public:
  /// Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`; bits behind the prefix are ignored.
  static result<ip_network> parse(std::string_view text);

  bool contains(const ip_address& address) const;

  friend auto operator<=>(const ip_network&, const ip_network&) = default;

private:
  ip_address base_{};
  int prefix_bits_ = 128;
};

} // namespace plenary::sip_layer
