#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plenary {

/// `+` and digits when the user part of a URI is an international number: 7 to 15 digits, with a leading
/// `+`, `00` or nothing, not starting with 0; visual separators (RFC 3966) are dropped.
std::optional<std::string> to_e164(std::string_view user);

/// The key under which a called user is looked up: equal for `+15551230002` and `15551230002`, and for
/// escaped and plain spellings.
std::string did_key(std::string_view user);

/// Resolves `%41` escapes (RFC 3261 25.1); a broken escape stays as it is.
std::string unescape(std::string_view text);

} // namespace plenary
