#include "node/net/address_guard.hpp"

#include "node/config/address_class.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace plenary {

namespace {

/// The address as an IP literal; empty for other families.
std::string literal_of(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  }
  return text.data();
}

} // namespace

bool address_guard::may_connect(const sockaddr& address, bool inside_too) const {
  const auto literal = literal_of(address);
  const auto plain = unwrapped_address(literal);
  const bool named = std::any_of(allowed_.begin(), allowed_.end(), [&](const ip_network& network) {
    return network.contains(literal) || network.contains(plain);
  });
  const auto what = class_of(literal);
  return named || what == address_class::open || (what == address_class::inside && inside_too);
}

} // namespace plenary
