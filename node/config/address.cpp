#include "node/config/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace plenary {

namespace {

constexpr std::uint16_t first_unprivileged_port = 1024;
constexpr std::array<std::uint8_t, 12> v4_mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

struct ip_bytes {
  int family = 4;
  std::array<std::uint8_t, 16> bytes{};

  int bits() const { return family == 4 ? 32 : 128; }
};

std::optional<ip_bytes> parse_ip(std::string_view text) {
  std::string terminated{text};
  ip_bytes ip;
  if (::inet_pton(AF_INET, terminated.c_str(), ip.bytes.data()) == 1)
    return ip;
  ip.family = 6;
  if (::inet_pton(AF_INET6, terminated.c_str(), ip.bytes.data()) != 1)
    return std::nullopt;
  if (!std::equal(v4_mapped_prefix.begin(), v4_mapped_prefix.end(), ip.bytes.begin()))
    return ip;
  ip_bytes mapped;
  std::copy_n(ip.bytes.begin() + v4_mapped_prefix.size(), 4, mapped.bytes.begin());
  return mapped;
}

bool same_prefix(const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b, int bits) {
  for (int bit = 0; bit < bits; ++bit) {
    auto index = static_cast<std::size_t>(bit / 8);
    if (((a[index] ^ b[index]) >> (7 - bit % 8) & 1) != 0)
      return false;
  }
  return true;
}

bool zero_after(const std::array<std::uint8_t, 16>& bytes, int prefix, int bits) {
  for (int bit = prefix; bit < bits; ++bit)
    if ((bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1) != 0)
      return false;
  return true;
}

} // namespace

bool is_ip_literal(std::string_view text) {
  return parse_ip(text).has_value();
}

result<listen_address> parse_listen_address(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return fail(errc::malformed, fmt::format("\"{}\" has no port", text));
  auto host = text.substr(0, colon);
  bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  if (!is_ip_literal(host) || bracketed != (host.find(':') != std::string_view::npos))
    return fail(errc::malformed, fmt::format("\"{}\" does not start with an IP address", text));
  auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!port)
    return fail(errc::malformed, fmt::format("\"{}\" does not end with a port from 0 to 65535", text));
  return listen_address{std::string{host}, *port};
}

std::string to_string(const listen_address& address) {
  bool v6 = address.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", address.host, address.port)
            : fmt::format("{}:{}", address.host, address.port);
}

std::string_view to_string(sip_transport transport) {
  return transport == sip_transport::udp ? "udp" : "tcp";
}

result<sip_listen_address> parse_sip_listen_address(std::string_view text) {
  auto transport = text.substr(0, text.find(':'));
  if (transport != "udp" && transport != "tcp")
    return fail(errc::malformed, fmt::format("\"{}\" does not start with udp: or tcp:", text));
  auto address = parse_listen_address(text.substr(transport.size() + 1));
  if (!address)
    return tl::unexpected<error>(address.error());
  return sip_listen_address{transport == "udp" ? sip_transport::udp : sip_transport::tcp, *address};
}

std::string to_string(const sip_listen_address& address) {
  return fmt::format("{}:{}", to_string(address.transport), to_string(address.address));
}

result<port_range> parse_port_range(std::string_view text) {
  auto dash = text.find('-');
  if (dash == std::string_view::npos)
    return fail(errc::malformed, fmt::format("\"{}\" is not a range of ports", text));
  auto first = parse_number<std::uint16_t>(text.substr(0, dash));
  auto last = parse_number<std::uint16_t>(text.substr(dash + 1));
  if (!first || !last || *first > *last)
    return fail(errc::malformed, fmt::format("\"{}\" is not a range of ports", text));
  if (*first < first_unprivileged_port)
    return fail(errc::malformed, fmt::format("\"{}\" holds ports below {}", text, first_unprivileged_port));
  return port_range{*first, *last};
}

std::string to_string(port_range range) {
  return fmt::format("{}-{}", range.first, range.last);
}

bool ip_network::contains(std::string_view address) const {
  auto ip = parse_ip(address);
  return ip && ip->family == family && same_prefix(ip->bytes, prefix, prefix_length);
}

bool ip_network::overlaps(const ip_network& other) const {
  return family == other.family &&
         same_prefix(prefix, other.prefix, std::min(prefix_length, other.prefix_length));
}

result<ip_network> parse_ip_network(std::string_view text) {
  auto slash = text.find('/');
  auto ip = parse_ip(text.substr(0, slash));
  if (!ip)
    return fail(errc::malformed, fmt::format("\"{}\" is not an IP address or network", text));
  auto length =
      slash == std::string_view::npos ? ip->bits() : parse_number<int>(text.substr(slash + 1)).value_or(-1);
  if (length < 0 || length > ip->bits())
    return fail(errc::malformed, fmt::format("\"{}\" has a prefix length outside 0 to {}", text, ip->bits()));
  if (!zero_after(ip->bytes, length, ip->bits()))
    return fail(errc::malformed, fmt::format("\"{}\" has address bits after its prefix", text));
  return ip_network{ip->family, ip->bytes, length};
}

std::string to_string(const ip_network& network) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(network.family == 4 ? AF_INET : AF_INET6, network.prefix.data(), text.data(), text.size());
  if (network.prefix_length == (network.family == 4 ? 32 : 128))
    return text.data();
  return fmt::format("{}/{}", text.data(), network.prefix_length);
}

bool is_any_address(std::string_view text) {
  return text == "0.0.0.0" || text == "::";
}

} // namespace plenary
