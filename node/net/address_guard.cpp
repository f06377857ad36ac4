#include "node/net/address_guard.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace plenary {

namespace {

using v4_address = std::uint32_t; // host order
using v6_address = std::array<std::uint8_t, 16>;

struct v4_range {
  v4_address first;
  int bits;
};

struct v6_range {
  v6_address first;
  int bits;
};

constexpr v4_address v4(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr v4_range v4_link_local{v4(169, 254, 0, 0), 16};

/// Special-purpose ranges of RFC 6890 and its registry.
constexpr std::array<v4_range, 15> v4_special{{{v4(0, 0, 0, 0), 8},
                                               {v4(10, 0, 0, 0), 8},
                                               {v4(100, 64, 0, 0), 10},
                                               {v4(127, 0, 0, 0), 8},
                                               v4_link_local,
                                               {v4(172, 16, 0, 0), 12},
                                               {v4(192, 0, 0, 0), 24},
                                               {v4(192, 0, 2, 0), 24},
                                               {v4(192, 88, 99, 0), 24},
                                               {v4(192, 168, 0, 0), 16},
                                               {v4(198, 18, 0, 0), 15},
                                               {v4(198, 51, 100, 0), 24},
                                               {v4(203, 0, 113, 0), 24},
                                               {v4(224, 0, 0, 0), 4},
                                               {v4(240, 0, 0, 0), 4}}};

constexpr v6_range v6_link_local{{0xfe, 0x80}, 10};
/// fd00:ec2::254, the metadata address of a large cloud.
constexpr v6_range v6_metadata{{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}, 128};
constexpr v6_range v6_global{{0x20}, 3};
constexpr v6_range v6_protocol{{0x20, 0x01, 0x00}, 23};
constexpr v6_range v6_documentation{{0x20, 0x01, 0x0d, 0xb8}, 32};
constexpr v6_range v6_mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr v6_range v6_nat64{{0x00, 0x64, 0xff, 0x9b}, 96};
constexpr v6_range v6_6to4{{0x20, 0x02}, 16};

bool in(v4_address address, v4_range range) {
  return (address ^ range.first) >> (32 - range.bits) == 0;
}

bool in(const v6_address& address, const v6_range& range) {
  int left = range.bits;
  for (std::size_t i = 0; left > 0; ++i, left -= 8) {
    int difference = address[i] ^ range.first[i];
    if (left >= 8 ? difference != 0 : difference >> (8 - left) != 0)
      return false;
  }
  return true;
}

bool may_connect_v4(v4_address address, bool allow_private) {
  if (in(address, v4_link_local))
    return false;
  return allow_private || std::none_of(v4_special.begin(), v4_special.end(),
                                       [address](v4_range range) { return in(address, range); });
}

/// The IPv4 address that an IPv6 one carries.
std::optional<v4_address> wrapped(const v6_address& address) {
  auto at = [&address](std::size_t i) {
    return v4(address[i], address[i + 1], address[i + 2], address[i + 3]);
  };
  if (in(address, v6_mapped) || in(address, v6_nat64))
    return at(12);
  if (in(address, v6_6to4))
    return at(2);
  return std::nullopt;
}

bool may_connect_v6(const v6_address& address, bool allow_private) {
  if (in(address, v6_link_local) || in(address, v6_metadata))
    return false;
  if (auto inner = wrapped(address))
    return may_connect_v4(*inner, allow_private);
  return allow_private ||
         (in(address, v6_global) && !in(address, v6_protocol) && !in(address, v6_documentation));
}

} // namespace

bool may_connect(const sockaddr& address, bool allow_private_networks) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4_socket{};
    std::memcpy(&v4_socket, &address, sizeof v4_socket);
    return may_connect_v4(ntohl(v4_socket.sin_addr.s_addr), allow_private_networks);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6_socket{};
    std::memcpy(&v6_socket, &address, sizeof v6_socket);
    v6_address bytes{};
    std::memcpy(bytes.data(), &v6_socket.sin6_addr, bytes.size());
    return may_connect_v6(bytes, allow_private_networks);
  }
  return false;
}

} // namespace plenary
