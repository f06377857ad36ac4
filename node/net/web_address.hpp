#pragma once

#include "schema/result.hpp"

#include <cstdint>
#include <string>

namespace plenary {

/// Where an http or https URL leads to, as libcurl itself reads it.
struct web_address {
  std::string host; ///< in lower case, without brackets and final dot; numbers in every spelling made dotted
  std::uint16_t port = 0;
  bool literal = false; ///< the host is an IP address: there is nothing to look up

  /// `host:port`: requests to it share a queue.
  std::string place() const;
};

/// Fails with `malformed` for everything that is no http or https URL with a host.
result<web_address> read_web_address(const std::string& url);

} // namespace plenary
