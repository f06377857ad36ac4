#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace plenary::test {

/// A datagram with the time at which the kernel took it in.
struct received_datagram {
  std::string bytes;
  std::chrono::steady_clock::time_point arrival; ///< now, where the socket has no SO_TIMESTAMPNS
};

/// Every datagram that waits in the socket.
std::vector<received_datagram> receive_waiting(int socket);

} // namespace plenary::test
