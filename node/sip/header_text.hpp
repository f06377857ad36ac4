#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::sip_layer {

/// The pieces between separators that stand outside of quoted strings and angle brackets, trimmed; nothing
/// when a quote or a bracket does not end (RFC 3261 25.1).
std::optional<std::vector<std::string_view>> split_header(std::string_view text, char separator);

/// One `;name=value`; the value may be a quoted string and is empty without `=`.
struct header_parameter {
  std::string_view name;
  std::string_view value;
};

/// Reads `a=b;c` or `;a=b;c`; empty pieces are skipped. Nothing when a quote does not end.
std::optional<std::vector<header_parameter>> read_parameters(std::string_view text);

/// The first parameter of this name, whatever its case; null: none.
const header_parameter* find_parameter(const std::vector<header_parameter>& all, std::string_view name);

/// Writes `;name=value` for each.
std::string write_parameters(const std::vector<header_parameter>& all);

/// Without the quotes and backslashes of a quoted string; any other text as it is.
std::string unquote(std::string_view text);

/// `"display" <uri>;parameters` or `uri;parameters`.
struct address_text {
  std::string_view display; ///< with its quotes; empty: none
  std::string_view uri;
  bool bracketed = false;
  std::vector<header_parameter> parameters;
};

/// Reads a name-addr or addr-spec (RFC 3261 20.10); nothing when it is neither: an open quote or bracket,
/// blanks inside the brackets, a comma in an unquoted name, a URI with `?` or `,` that needs brackets, no
/// scheme.
std::optional<address_text> read_address(std::string_view text);

/// First Via of a message.
struct via_text {
  std::string transport; ///< in capitals
  std::string_view sent_by;
  std::vector<header_parameter> parameters;
};

/// Reads `SIP/2.0/UDP host:port;branch=...` with blanks wherever they may stand; nothing when it is none or
/// holds empty parameters.
std::optional<via_text> read_via(std::string_view text);

/// The port of `host:port` or `[host]:port`; 0 without one, nothing when it is none.
std::optional<std::uint16_t> port_of(std::string_view host_and_port);

/// True for `a-z`, `A-Z`, `0-9` and `-.!%*_+`'~` (RFC 3261 25.1), at least one.
bool is_token(std::string_view text);

} // namespace plenary::sip_layer
