#include "node/sip/party.hpp"

#include "node/sip/readable.hpp"
#include "node/sip/text.hpp"
#include "schema/called_number.hpp"

#include <algorithm>

namespace plenary::sip_layer {

namespace {

/// `scheme`, `user`, `host` of `scheme:user@host`; `tel` has no host.
struct uri_parts {
  std::string_view scheme;
  std::string_view user; ///< with the parameters inside it
  std::string_view host; ///< with port and parameters
};

uri_parts split(std::string_view uri) {
  uri_parts parts;
  const auto colon = uri.find(':');
  parts.scheme = uri.substr(0, colon);
  if (colon == std::string_view::npos)
    return {};
  uri.remove_prefix(colon + 1);
  if (equal_ignoring_case(parts.scheme, "tel")) {
    parts.user = uri;
    return parts;
  }
  const auto at = uri.find('@');
  if (at != std::string_view::npos)
    parts.user = uri.substr(0, at);
  parts.host = at == std::string_view::npos ? uri : uri.substr(at + 1);
  return parts;
}

std::string digits_in(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

/// The value of `;name=value` in a list of parameters.
std::string_view parameter_in(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    list.remove_prefix(1);
    const auto one = list.substr(0, find_unquoted(list, ";"));
    list.remove_prefix(one.size());
    const auto equals = one.find('=');
    if (equals != std::string_view::npos && equal_ignoring_case(trim(one.substr(0, equals)), name))
      return trim(one.substr(equals + 1));
  }
  return {};
}

/// The E.164 number of a telephone-subscriber, that is with its parameters (RFC 3966 3).
std::optional<std::string> number_of(std::string_view subscriber) {
  const auto plain = unescape(subscriber);
  const std::string_view whole = plain;
  const auto number = whole.substr(0, whole.find(';'));
  const auto context = parameter_in(whole.substr(number.size()), "phone-context");
  if (context.empty() || number.starts_with('+'))
    return to_e164(number);
  if (!context.starts_with('+') || number.find_first_not_of("0123456789-.()") != std::string_view::npos)
    return std::nullopt;
  return to_e164("+" + digits_in(context) + digits_in(number));
}

bool is_anonymous(const uri_parts& parts) {
  const auto host = parts.host.substr(0, parts.host.find_first_of(":;?"));
  return equal_ignoring_case(parts.user, "anonymous") || equal_ignoring_case(host, "anonymous.invalid");
}

} // namespace

std::string_view address_of(std::string_view header) {
  header = trim(header);
  const auto open = find_unquoted(header, "<");
  if (open == std::string_view::npos)
    return trim(header.substr(0, header.find_first_of(";,")));
  header.remove_prefix(open + 1);
  return trim(header.substr(0, header.find('>')));
}

std::string header_parameter(std::string_view header, std::string_view name) {
  const auto open = find_unquoted(header, "<");
  if (open != std::string_view::npos) {
    header.remove_prefix(open);
    header.remove_prefix(std::min(header.find('>'), header.size()));
  }
  const auto start = find_unquoted(header, ";");
  if (start == std::string_view::npos)
    return {};
  header.remove_prefix(start);
  auto value = parameter_in(header.substr(0, find_unquoted(header, ",")), name);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return readable(value, 64);
}

std::string party_of(std::string_view header) {
  const auto uri = address_of(header);
  const auto parts = split(uri);
  const bool tel = equal_ignoring_case(parts.scheme, "tel");
  const bool sip = equal_ignoring_case(parts.scheme, "sip") || equal_ignoring_case(parts.scheme, "sips");
  if (sip && is_anonymous(parts))
    return "anonymous";
  if (!tel && !sip)
    return readable(uri);
  // A password stands behind a colon, which no number holds.
  const auto user = tel ? parts.user : parts.user.substr(0, parts.user.find(':'));
  if (const auto number = number_of(user))
    return *number;
  if (tel)
    return readable(uri);
  const auto host = parts.host.substr(0, parts.host.find_first_of(";?"));
  return readable(std::string(parts.scheme) + ":" + std::string(user) + (user.empty() ? "" : "@") +
                  std::string(host));
}

} // namespace plenary::sip_layer
