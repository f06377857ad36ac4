#pragma once

#include "schema/result.hpp"

#include <string>
#include <vector>

namespace plenary {

/// Addresses of a node's media: at most one of each IP version.
struct media_addresses {
  std::vector<std::string> texts; ///< IP literals; an IPv4 address is never written as an IPv6 one

  /// The address of IP version 4 or 6; empty when there is none.
  std::string of_family(int family) const;

  friend bool operator==(const media_addresses&, const media_addresses&) = default;
};

/// Takes IP literals; IPv4-mapped IPv6 addresses (RFC 4291 section 2.5.5.2) count as IPv4. Fails with
/// `malformed` when two are of one IP version.
result<media_addresses> make_media_addresses(const std::vector<std::string>& literals);

} // namespace plenary
