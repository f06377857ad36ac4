#pragma once

#include "schema/result.hpp"

#include <string>
#include <string_view>

namespace plenary {

// Checks of single texts; none of their errors repeats the text, which may be a secret.

result<void> check_node_name(const std::string& text);

/// 1 to 128 of `A-Z a-z 0-9 . - _`: ids of applications and customers, names of trunks.
result<void> check_id(const std::string& text);

/// 8 to 256 characters that may stand in a Bearer header (RFC 6750 2.1).
result<void> check_api_key(const std::string& text);

/// 8 to 256 bytes.
result<void> check_webhook_secret(const std::string& text);

/// http or https with a host, without user information, spaces or fragment.
result<void> check_http_url(const std::string& text);

/// `sip:host[:port]` or `sips:host[:port]`.
result<void> check_sip_uri(const std::string& text);

/// 1 to 128 printable characters without quotes and backslashes.
result<void> check_realm(const std::string& text);

/// `X-` and 1 to 62 characters of a token (RFC 3261 25.1).
bool is_wanted_header(std::string_view name);

/// JSON text of an array.
result<void> check_json_array(const std::string& text);

/// The user part that a request-URI may carry: 1 to 128 characters without spaces or `@`.
result<void> check_number(const std::string& text);

/// `sqlite:` and a path, or a postgresql:// or postgres:// URL without spaces.
result<void> check_store_url(const std::string& text);

/// The URL, alone or as a TOML text, with `***` in place of its passwords.
std::string shown_store_url(const std::string& text);

/// `ADDRESS:PORT` of a listener.
result<void> check_http_listen(const std::string& text);

/// `HOST:PORT` or `[IPv6]:PORT`, as nodes of a cluster dial each other.
result<void> check_link_address(const std::string& text);

result<void> check_ip_literal(const std::string& text);

/// An IP address that callers can send to, so not the wildcard one; or nothing.
result<void> check_advertised_address(const std::string& text);

/// A host name (RFC 1123 2.1) or an address as check_advertised_address() takes it; or nothing.
result<void> check_advertised_host(const std::string& text);

} // namespace plenary
