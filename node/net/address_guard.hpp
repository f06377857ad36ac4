#pragma once

#include "node/config/address.hpp"

#include <sys/socket.h>

#include <vector>

namespace plenary {

/// Decides to which addresses the HTTP client may connect; it is asked with the very address of each
/// connection, so that no spelling and no answer of a name server gets past it.
class address_guard {
public:
  /// `allowed`: networks that every URL may lead to, whatever lies there.
  explicit address_guard(std::vector<ip_network> allowed = {})
      : allowed_(std::move(allowed)) {}

  /// True for an open address and for one of the allowed networks; for an inside one only with `inside_too`.
  bool may_connect(const sockaddr& address, bool inside_too) const;

private:
  std::vector<ip_network> allowed_;
};

} // namespace plenary
