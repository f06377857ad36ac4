#pragma once

#include "schema/result.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace plenary {

/// Where a server listens: an IP literal (no name) and a port; port 0 lets the kernel choose.
struct listen_address {
  std::string host; ///< without brackets, for example `127.0.0.1` or `::1`
  std::uint16_t port = 0;

  friend bool operator==(const listen_address&, const listen_address&) = default;
};

/// Reads `127.0.0.1:8080` or `[::1]:8080`.
result<listen_address> parse_listen_address(std::string_view text);

/// `127.0.0.1:8080` or `[::1]:8080`.
std::string to_string(const listen_address& address);

/// Transports that carry SIP without TLS.
enum class sip_transport { udp, tcp };

/// `udp` or `tcp`.
std::string_view to_string(sip_transport transport);

/// Where SIP is listened for.
struct sip_listen_address {
  sip_transport transport = sip_transport::udp;
  listen_address address;

  friend bool operator==(const sip_listen_address&, const sip_listen_address&) = default;
};

/// Reads `udp:127.0.0.1:5060` or `tcp:[::1]:5060`.
result<sip_listen_address> parse_sip_listen_address(std::string_view text);

/// `udp:127.0.0.1:5060`.
std::string to_string(const sip_listen_address& address);

/// UDP ports for media, both ends included.
struct port_range {
  std::uint16_t first = 20000;
  std::uint16_t last = 29999;

  friend bool operator==(const port_range&, const port_range&) = default;
};

/// Reads `20000-29999`; ports below 1024 are refused.
result<port_range> parse_port_range(std::string_view text);

/// `20000-29999`.
std::string to_string(port_range range);

/// Addresses that share their first bits (RFC 4632).
struct ip_network {
  int family = 4;                        ///< 4 or 6
  std::array<std::uint8_t, 16> prefix{}; ///< network order; IPv4 uses the first 4 bytes
  int prefix_length = 32;                ///< 0 to 32, or to 128

  /// True for an IP literal inside this network; an IPv4-mapped IPv6 address counts as IPv4.
  bool contains(std::string_view address) const;

  /// True when some address lies in both.
  bool overlaps(const ip_network& other) const;

  friend bool operator==(const ip_network&, const ip_network&) = default;
};

/// Reads `192.0.2.1`, `192.0.2.0/24` or `2001:db8::/32`; bits after the prefix must be zero.
result<ip_network> parse_ip_network(std::string_view text);

/// `192.0.2.0/24`; a single address stands without its length.
std::string to_string(const ip_network& network);

/// True for an IPv4 or IPv6 literal without brackets.
bool is_ip_literal(std::string_view text);

/// True for the wildcard address of either family.
bool is_any_address(std::string_view text);

} // namespace plenary
