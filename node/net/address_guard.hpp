#pragma once

#include <sys/socket.h>

namespace plenary {

/// True when the HTTP client may connect to this resolved address. Link-local and cloud metadata addresses
/// never are; private, loopback and other special ranges (RFC 6890) only with `allow_private_networks`. IPv4
/// addresses that are wrapped into IPv6 ones (mapped, NAT64, 6to4) follow the IPv4 rule.
bool may_connect(const sockaddr& address, bool allow_private_networks);

} // namespace plenary
