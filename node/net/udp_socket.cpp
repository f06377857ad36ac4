#include "node/net/udp_socket.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace plenary {

namespace {

/// Half a second of 512 legs that send 50 packets a second, with the kernel's bookkeeping.
constexpr int socket_buffer_bytes = 8 * 1024 * 1024;

/// Expedited forwarding (RFC 3246): what phones and routers expect of voice.
constexpr int expedited_forwarding = 0xB8;

void enlarge(int socket, int forced, int plain) {
  int bytes = socket_buffer_bytes;
  if (setsockopt(socket, SOL_SOCKET, forced, &bytes, sizeof bytes) != 0)
    setsockopt(socket, SOL_SOCKET, plain, &bytes, sizeof bytes);
}

} // namespace

socklen_t to_sockaddr(const audio::endpoint& where, sockaddr_storage& out) {
  if (where.family == 6) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&out);
    *v6 = {};
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(where.port);
    std::memcpy(&v6->sin6_addr, where.address.data(), 16);
    return sizeof *v6;
  }
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out);
  *v4 = {};
  v4->sin_family = AF_INET;
  v4->sin_port = htons(where.port);
  std::memcpy(&v4->sin_addr, where.address.data(), 4);
  return sizeof *v4;
}

audio::endpoint from_sockaddr(const sockaddr_storage& address) {
  audio::endpoint where;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    where.family = 4;
    where.port = ntohs(v4.sin_port);
    std::memcpy(where.address.data(), &v4.sin_addr, 4);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    where.family = 6;
    where.port = ntohs(v6.sin6_port);
    std::memcpy(where.address.data(), &v6.sin6_addr, 16);
  }
  return where;
}

result<int> open_udp_socket(const audio::endpoint& local) {
  int family = local.family == 6 ? AF_INET6 : AF_INET;
  int socket = ::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return fail(errc::network, fmt::format("no UDP socket: {}", std::strerror(errno)));
  const int only = 1; // an IPv4 wildcard socket may have the same port
  if (family == AF_INET6)
    setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  sockaddr_storage address{};
  auto length = to_sockaddr(local, address);
  if (bind(socket, reinterpret_cast<sockaddr*>(&address), length) != 0) {
    auto why = errno;
    close(socket);
    return fail(why == EADDRINUSE ? errc::unavailable : errc::network,
                fmt::format("cannot bind {}: {}", audio::to_string(local), std::strerror(why)));
  }
  enlarge(socket, SO_RCVBUFFORCE, SO_RCVBUF);
  enlarge(socket, SO_SNDBUFFORCE, SO_SNDBUF);
  if (family == AF_INET)
    setsockopt(socket, IPPROTO_IP, IP_TOS, &expedited_forwarding, sizeof expedited_forwarding);
  else
    setsockopt(socket, IPPROTO_IPV6, IPV6_TCLASS, &expedited_forwarding, sizeof expedited_forwarding);
  return socket;
}

audio::endpoint bound_address(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  return from_sockaddr(address);
}

} // namespace plenary
