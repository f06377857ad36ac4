#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plenary {

/// True for an http or https URL with a host, of printable ASCII, at most 2048 bytes.
bool is_web_url(std::string_view url);

/// The URL that a `Location` names (RFC 9110 section 10.2.2), when it has the origin of `base`: the same
/// scheme, host and port (RFC 6454 section 4); nothing otherwise, nor for what is no URL.
std::optional<std::string> same_origin_target(std::string_view base, std::string_view location);

} // namespace plenary
