#include "node/config/checks.hpp"

#include "node/config/address.hpp"
#include "schema/ids.hpp"
#include "schema/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace plenary {

namespace {

constexpr std::size_t min_secret_size = 8;
constexpr std::size_t max_secret_size = 256;
constexpr std::size_t max_number_size = 128;
constexpr std::size_t max_url_size = 2048;
constexpr std::size_t max_host_size = 253;
constexpr std::size_t max_realm_size = 128;
constexpr std::size_t max_header_name_size = 64;

result<void> verdict(bool good, std::string_view demand) {
  if (good)
    return {};
  return fail(errc::malformed, fmt::format("must be {}", demand));
}

bool is_visible(char c) {
  return c > ' ' && c < '\x7f';
}

/// RFC 6750 2.1: b64token.
bool is_token68(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view{"-._~+/="}.find(c) != std::string_view::npos;
}

bool size_within(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most;
}

/// RFC 1123 2.1; what is all digits and dots is meant as an address and is none.
bool is_host_name(std::string_view text) {
  const auto is_label_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return size_within(text, 1, max_host_size) && std::all_of(text.begin(), text.end(), is_label_character) &&
         text.find_first_not_of("0123456789.") != std::string_view::npos && text.front() != '.' &&
         text.front() != '-' && text.find("..") == std::string_view::npos;
}

/// With padding (RFC 4648 section 4).
bool is_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0)
    return false;
  const auto digits = text.substr(0, text.find('='));
  return text.size() - digits.size() <= 2 &&
         text.find_first_not_of('=', digits.size()) == std::string_view::npos &&
         std::all_of(digits.begin(), digits.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
                  c == '/';
         });
}

bool all_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_visible);
}

} // namespace

result<void> check_node_name(const std::string& text) {
  return verdict(is_node_name(text), "1 to 63 of a-z 0-9 - that start and end with a letter or digit");
}

result<void> check_id(const std::string& text) {
  return verdict(is_room_name(text), "1 to 128 of A-Z a-z 0-9 . - _");
}

result<void> check_api_key(const std::string& text) {
  return verdict(size_within(text, min_secret_size, max_secret_size) &&
                     std::all_of(text.begin(), text.end(), is_token68),
                 "8 to 256 of A-Z a-z 0-9 - . _ ~ + / =");
}

result<void> check_webhook_secret(const std::string& text) {
  constexpr std::string_view encoded = "whsec_";
  if (auto sized = verdict(size_within(text, min_secret_size, max_secret_size), "8 to 256 bytes long");
      !sized)
    return sized;
  return verdict(!text.starts_with(encoded) || is_base64(std::string_view{text}.substr(encoded.size())),
                 "base64 with padding after whsec_, or begin otherwise");
}

result<void> check_http_url(const std::string& text) {
  std::string_view rest = text;
  if (rest.starts_with("https://"))
    rest.remove_prefix(8);
  else if (rest.starts_with("http://"))
    rest.remove_prefix(7);
  else
    return verdict(false, "an http:// or https:// URL");
  auto authority = rest.substr(0, rest.find_first_of("/?#"));
  bool good = !authority.empty() && authority.front() != ':' &&
              authority.find('@') == std::string_view::npos && all_visible(text) &&
              rest.find('#') == std::string_view::npos && text.size() <= max_url_size;
  return verdict(good, "an http:// or https:// URL with a host and without user, spaces and fragment");
}

result<void> check_sip_uri(const std::string& text) {
  std::string_view rest = text;
  if (rest.starts_with("sips:"))
    rest.remove_prefix(5);
  else if (rest.starts_with("sip:"))
    rest.remove_prefix(4);
  else
    return verdict(false, "a sip: or sips: URI");
  bool good = !rest.empty() && rest.front() != ':' && all_visible(rest) &&
              rest.find('@') == std::string_view::npos && text.size() <= max_url_size;
  return verdict(good, "a sip: or sips: URI with a host and without user and spaces");
}

result<void> check_realm(const std::string& text) {
  const auto may_stand = [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; };
  return verdict(size_within(text, 1, max_realm_size) && std::all_of(text.begin(), text.end(), may_stand),
                 "1 to 128 printable characters without quotes and backslashes");
}

bool is_wanted_header(std::string_view name) {
  const auto is_token_character = [](char c) {
    return is_visible(c) && std::string_view{"\"(),/:;<=>?@[\\]{}"}.find(c) == std::string_view::npos;
  };
  return size_within(name, 3, max_header_name_size) && (name[0] == 'X' || name[0] == 'x') && name[1] == '-' &&
         std::all_of(name.begin(), name.end(), is_token_character);
}

result<void> check_json_array(const std::string& text) {
  auto document = parse_json(text);
  if (!document)
    return fail(errc::malformed, "is " + document.error().message);
  return verdict(document->is_array(), "a JSON array");
}

result<void> check_number(const std::string& text) {
  return verdict(text.size() <= max_number_size && all_visible(text) && text.find('@') == std::string::npos,
                 "1 to 128 characters without spaces and @");
}

result<void> check_link_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return fail(errc::malformed, "must be HOST:PORT");
  unsigned port = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, port);
  if (read.ec != std::errc{} || read.ptr != end || port > 65535)
    return fail(errc::malformed, "must end in a port of 0 to 65535");
  return {};
}

result<void> check_http_listen(const std::string& text) {
  if (auto parsed = parse_listen_address(text); !parsed)
    return tl::unexpected<error>(parsed.error());
  return {};
}

result<void> check_ip_literal(const std::string& text) {
  return verdict(is_ip_literal(text), "an IP address");
}

result<void> check_advertised_address(const std::string& text) {
  return verdict(text.empty() || (is_ip_literal(text) && !is_any_address(text)),
                 "an IP address that callers can send to");
}

result<void> check_advertised_host(const std::string& text) {
  if (text.empty() || is_ip_literal(text))
    return check_advertised_address(text);
  return verdict(is_host_name(text), "a host name or an IP address, without a port");
}

} // namespace plenary
