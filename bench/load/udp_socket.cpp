#include "bench/load/udp_socket.hpp"

#include "bench/load/sip_message.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace plenary::load {

namespace {

tl::unexpected<error> network_failure(const char* what) {
  return fail(errc::network, fmt::format("{}: {}", what, std::strerror(errno)));
}

} // namespace

result<udp_socket> open_udp(const sockaddr_in& address, udp_buffers buffers) {
  const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0)
    return network_failure("socket");
  if (buffers == udp_buffers::large) {
    const int size = 4 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  }
  udp_socket opened{descriptor, address};
  socklen_t length = sizeof opened.local;
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      getsockname(descriptor, reinterpret_cast<sockaddr*>(&opened.local), &length) != 0) {
    close(descriptor);
    return network_failure("bind");
  }
  return opened;
}

result<std::uint16_t> find_free_port() {
  for (int attempt = 0; attempt < 20; ++attempt) {
    const auto udp = open_udp(make_address(INADDR_LOOPBACK, 0), udp_buffers::small);
    if (!udp)
      return tl::unexpected(udp.error());
    const int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool both = bind(tcp, reinterpret_cast<const sockaddr*>(&udp->local), sizeof udp->local) == 0;
    close(tcp);
    close(udp->descriptor);
    if (both)
      return ntohs(udp->local.sin_port);
  }
  return fail(errc::network, "no port is free for both UDP and TCP");
}

} // namespace plenary::load
