#include "bench/load/udp_socket.hpp"

#include "bench/load/sip_message.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace plenary::load {

namespace {

tl::unexpected<error> network_failure(const char* what) {
  return fail(errc::network, fmt::format("{}: {}", what, std::strerror(errno)));
}

using clock = std::chrono::steady_clock;

std::chrono::nanoseconds duration_of(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::chrono::nanoseconds now_of(clockid_t id) {
  timespec time{};
  clock_gettime(id, &time);
  return duration_of(time);
}

/// The kernel stamps packets with CLOCK_REALTIME.
clock::time_point to_mono(const timespec& stamp) {
  static const auto offset = now_of(CLOCK_REALTIME) - now_of(CLOCK_MONOTONIC);
  return clock::time_point(duration_of(stamp) - offset);
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

void stamp_arrivals(int socket) {
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

std::optional<stamped_packet> receive_stamped(int socket, std::span<std::uint8_t> buffer) {
  std::array<char, 64> control;
  stamped_packet packet;
  iovec block{buffer.data(), buffer.size()};
  msghdr header{};
  header.msg_name = &packet.from;
  header.msg_namelen = sizeof packet.from;
  header.msg_iov = &block;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const auto size = recvmsg(socket, &header, MSG_DONTWAIT);
  if (size < 0)
    return std::nullopt;
  packet.size = static_cast<std::size_t>(size);
  packet.arrival = clock::now();
  const auto* stamp = CMSG_FIRSTHDR(&header);
  if (stamp && stamp->cmsg_level == SOL_SOCKET && stamp->cmsg_type == SCM_TIMESTAMPNS) {
    timespec time{};
    std::memcpy(&time, CMSG_DATA(stamp), sizeof time);
    packet.arrival = to_mono(time);
  }
  return packet;
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
