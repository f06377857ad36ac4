#include "node/sip/ip_network.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

namespace plenary::sip_layer {

std::optional<ip_address> parse_ip(std::string_view text) {
  const std::string literal(text);
  in_addr v4{};
  if (inet_pton(AF_INET, literal.c_str(), &v4) == 1) {
    ip_address address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    std::memcpy(address.data() + 12, &v4, 4);
    return address;
  }
  ip_address address{};
  if (inet_pton(AF_INET6, literal.c_str(), address.data()) == 1)
    return address;
  return std::nullopt;
}

result<ip_network> ip_network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto literal = text.substr(0, slash);
  const auto address = parse_ip(literal);
  if (!address)
    return fail(errc::malformed, fmt::format("'{}' is neither an IP address nor a network", text));
  ip_network network;
  network.base_ = *address;
  if (slash == std::string_view::npos)
    return network;
  const bool v4 = literal.find(':') == std::string_view::npos;
  const int width = v4 ? 32 : 128;
  const auto digits = text.substr(slash + 1);
  int bits = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits < 0 || bits > width)
    return fail(errc::malformed, fmt::format("network '{}': prefix must be 0 to {}", text, width));
  network.prefix_bits_ = bits + (128 - width);
  return network;
}

bool ip_network::contains(const ip_address& address) const {
  const auto whole = static_cast<std::size_t>(prefix_bits_ / 8);
  if (!std::equal(base_.begin(), base_.begin() + static_cast<std::ptrdiff_t>(whole), address.begin()))
    return false;
  const int rest = prefix_bits_ % 8;
  if (rest == 0)
    return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (base_[whole] & mask) == (address[whole] & mask);
}

} // namespace plenary::sip_layer
