#pragma once

#include "schema/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace plenary::audio {

/// An IP address and a UDP port, as a plain value.
struct endpoint {
  std::uint8_t family = 0;                ///< 4, 6, or 0 for none
  std::array<std::uint8_t, 16> address{}; ///< network order; IPv4 uses the first 4 bytes
  std::uint16_t port = 0;

  friend auto operator<=>(const endpoint&, const endpoint&) = default;
};

/// Reads an IP literal (no names); fails with `malformed`.
result<endpoint> make_endpoint(std::string_view address, std::uint16_t port);

/// The address alone, for example `192.0.2.1` or `2001:db8::1`; empty for family 0.
std::string address_text(const endpoint& where);

/// Address and port, for example `192.0.2.1:4000` or `[2001:db8::1]:4000`.
std::string to_string(const endpoint& where);

} // namespace plenary::audio
