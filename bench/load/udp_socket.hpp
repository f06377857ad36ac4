#pragma once

#include "schema/result.hpp"

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace plenary::load {

/// How much the kernel may queue for a socket: `large` asks for 4 MiB, `small` keeps the system's default.
enum class udp_buffers : std::uint8_t { small, large };

/// A bound, non-blocking UDP socket; the descriptor is the caller's to close.
struct udp_socket {
  int descriptor = -1;
  sockaddr_in local{};
};

/// Opens a socket on `address` (port 0: a free one). Fails with `network`.
result<udp_socket> open_udp(const sockaddr_in& address, udp_buffers buffers);

/// A packet as the kernel received it.
struct stamped_packet {
  std::size_t size = 0;
  sockaddr_in from{};
  std::chrono::steady_clock::time_point arrival; ///< at the kernel, not at the reading thread
};

/// Makes the kernel stamp what the socket receives.
void stamp_arrivals(int socket);

/// Takes one packet; empty when none waits.
std::optional<stamped_packet> receive_stamped(int socket, std::span<std::uint8_t> buffer);

/// A port of 127.0.0.1 that is free for UDP and TCP now. Fails with `network`.
result<std::uint16_t> find_free_port();

} // namespace plenary::load
