#pragma once

#include "node/config/address.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace plenary {

/// What an address is to a program that connects to servers which others name.
enum class address_class {
  open,   ///< anybody's, in the public Internet
  inside, ///< loopback, private or shared address space: only the operator's own URLs may lead there
  never   ///< link-local, cloud metadata, multicast, unspecified, reserved: nobody's server
};

/// Class of an IP literal by the registries of RFC 6890 and what clouds add to them. An IPv4 address that is
/// wrapped into an IPv6 one (mapped, NAT64, 6to4) counts as itself; what is no literal is `never`.
address_class class_of(std::string_view literal);

/// The IPv4 literal that an IPv6 one carries (mapped, NAT64 of RFC 6052, 6to4), else the literal itself.
std::string unwrapped_address(std::string_view literal);

/// True for a host of a URL that lies inside by its very name: an address that is not open, one in an unusual
/// spelling, a name without a dot, or one below a domain that no public server has (`.internal`, `.local`).
bool is_inside_host(std::string_view host);

/// The host of an http or https URL, without user, port and brackets, in lower case; empty when it has none.
std::string host_of_url(std::string_view url);

} // namespace plenary
