#include "node/config/address_class.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace plenary {

namespace {

struct address_row {
  std::string_view network;
  address_class what;
};

/// The first row that holds an address counts. Documentation and benchmark networks are inside: laboratories
/// use them.
constexpr std::array address_rows{
    address_row{"0.0.0.0/8", address_class::never},
    address_row{"100.100.100.200", address_class::never}, // metadata of a cloud
    address_row{"168.63.129.16", address_class::never},   // platform service of a cloud
    address_row{"169.254.0.0/16", address_class::never},
    address_row{"192.0.0.0/24", address_class::never}, // holds 192.0.0.192, metadata of a cloud
    address_row{"192.88.99.0/24", address_class::never},
    address_row{"224.0.0.0/4", address_class::never},
    address_row{"240.0.0.0/4", address_class::never},
    address_row{"10.0.0.0/8", address_class::inside},
    address_row{"100.64.0.0/10", address_class::inside},
    address_row{"127.0.0.0/8", address_class::inside},
    address_row{"172.16.0.0/12", address_class::inside},
    address_row{"192.0.2.0/24", address_class::inside},
    address_row{"192.168.0.0/16", address_class::inside},
    address_row{"198.18.0.0/15", address_class::inside},
    address_row{"198.51.100.0/24", address_class::inside},
    address_row{"203.0.113.0/24", address_class::inside},
    address_row{"fd00:ec2::/32", address_class::never},  // metadata of a cloud
    address_row{"fd20:ce::254", address_class::never},   // metadata of a cloud
    address_row{"64:ff9b:1::/48", address_class::never}, // RFC 8215: what it carries is not known
    address_row{"2001::/23", address_class::never},      // Teredo and other protocols
    address_row{"::1", address_class::inside},
    address_row{"fc00::/7", address_class::inside},
    address_row{"2001:db8::/32", address_class::inside},
    address_row{"3fff::/20", address_class::inside},
};

constexpr std::string_view global_unicast_v6 = "2000::/3";

/// Domains that are not delegated in the public name system, or never to a public server.
constexpr std::array<std::string_view, 12> inside_domains{"localhost", "local",     "internal", "lan",
                                                          "home",      "home.arpa", "corp",     "test",
                                                          "intranet",  "private",   "example",  "invalid"};

bool holds(std::string_view network, std::string_view literal) {
  auto parsed = parse_ip_network(network);
  return parsed && parsed->contains(literal);
}

std::string v4_text(const std::uint8_t* bytes) {
  return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
}

/// WHATWG URL 3.5: a host whose last label is a number is meant as an IPv4 address.
bool ends_in_a_number(std::string_view host) {
  const auto label = host.substr(host.rfind('.') + 1);
  const bool hexadecimal = label.starts_with("0x");
  const auto digits = label.substr(hexadecimal ? 2 : 0);
  const std::string_view known = hexadecimal ? "0123456789abcdef" : "0123456789";
  return (hexadecimal || !digits.empty()) && digits.find_first_not_of(known) == std::string_view::npos;
}

bool is_below(std::string_view host, std::string_view domain) {
  return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                            host[host.size() - domain.size() - 1] == '.');
}

} // namespace

std::string unwrapped_address(std::string_view literal) {
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET6, std::string{literal}.c_str(), bytes.data()) != 1)
    return std::string{literal};
  if (holds("64:ff9b::/96", literal) || holds("0.0.0.0/0", literal)) // mapped ones count as IPv4
    return v4_text(bytes.data() + 12);
  if (holds("2002::/16", literal))
    return v4_text(bytes.data() + 2);
  return std::string{literal};
}

address_class class_of(std::string_view literal) {
  if (!is_ip_literal(literal))
    return address_class::never;
  const auto plain = unwrapped_address(literal);
  const auto* row = std::find_if(address_rows.begin(), address_rows.end(),
                                 [&plain](const address_row& each) { return holds(each.network, plain); });
  if (row != address_rows.end())
    return row->what;
  const bool v6 = plain.find(':') != std::string::npos;
  return v6 && !holds(global_unicast_v6, plain) ? address_class::never : address_class::open;
}

bool is_inside_host(std::string_view host) {
  if (host.ends_with('.'))
    host.remove_suffix(1);
  if (is_ip_literal(host))
    return class_of(host) != address_class::open;
  return host.find('.') == std::string_view::npos || ends_in_a_number(host) ||
         std::any_of(inside_domains.begin(), inside_domains.end(),
                     [host](std::string_view domain) { return is_below(host, domain); });
}

std::string host_of_url(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos)
    return {};
  auto authority = url.substr(scheme_end + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  authority = authority.substr(authority.rfind('@') + 1);
  const auto bracket = authority.find(']');
  auto host = authority.starts_with('[') && bracket != std::string_view::npos
                  ? authority.substr(1, bracket - 1)
                  : authority.substr(0, authority.find(':'));
  std::string lower{host};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

} // namespace plenary
