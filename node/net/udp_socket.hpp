#pragma once

#include "actors/audio/endpoint.hpp"
#include "schema/result.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace plenary {

/// An endpoint as the socket calls want it; returns its length.
socklen_t to_sockaddr(const audio::endpoint& where, sockaddr_storage& out);

/// The endpoint of a socket address; family 0 when it is neither IPv4 nor IPv6.
audio::endpoint from_sockaddr(const sockaddr_storage& address);

/// A bound, non-blocking UDP socket with large buffers. Port 0: the system chooses. Fails with `unavailable`
/// when another socket has the port, with `network` when the system gives none (no descriptors, no memory).
result<int> open_udp_socket(const audio::endpoint& local);

/// The address that a socket is bound to.
audio::endpoint bound_address(int socket);

} // namespace plenary
