#pragma once

#include "actors/audio/endpoint.hpp"
#include "schema/result.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::audio {

/// Addresses that share their first bits (RFC 4632).
struct address_block {
  endpoint base; ///< the port means nothing
  int bits = 32; ///< 0 to 32, or to 128

  /// True for an address of the same family that has these bits.
  bool contains(const endpoint& address) const;

  friend bool operator==(const address_block&, const address_block&) = default;
};

using address_blocks = std::vector<address_block>;

/// True when both are known and name one machine; ports do not matter.
bool is_same_host(const endpoint& a, const endpoint& b);

/// True for 0.0.0.0 and ::, which stand for "no media for now" (RFC 3264 section 8.4).
bool is_unspecified(const endpoint& address);

/// `::ffff:192.0.2.1` (RFC 4291 section 2.5.5.2) is an IPv4 address in another spelling: that address, or
/// what was given.
endpoint unmapped(const endpoint& where);

/// True for addresses that only mean something behind a NAT: RFC 1918, RFC 6598, RFC 4193, link-local.
bool is_private_address(const endpoint& address);

/// True for 127/8 and ::1.
bool is_loopback(const endpoint& address);

/// Where a node's media may go; the same for every leg, made once from the configuration.
struct media_address_rules {
  /// What one trunk's callers may name.
  struct trunk {
    address_blocks media_ips;  ///< empty: any
    address_blocks signalling; ///< where its calls come from
  };

  std::map<std::string, trunk> trunks; ///< by name
  address_blocks own_addresses;        ///< of this node, whatever the port lies in `own_ports` or is below
  std::uint16_t first_own_port = 0;    ///< media ports of this node; 0: the system chooses them
  std::uint16_t last_own_port = 0;
  std::vector<endpoint> own_endpoints; ///< where this node listens
};

/// Whether media of a call of this trunk may go to this address of its SDP. Fails with `not_acceptable`:
/// multicast, broadcast, 0/8, loopback unless the trunk's calls come from there, ports of this node, another
/// trunk's signalling, or outside `trunk.media_ips`. An unspecified address holds the call and is allowed.
result<void> check_media_address(const endpoint& address, std::string_view trunk,
                                 const media_address_rules& rules);

} // namespace plenary::audio
