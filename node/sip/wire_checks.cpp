#include "node/sip/wire_checks.hpp"

#include "node/sip/header_text.hpp"
#include "node/sip/text.hpp"

#include <array>
#include <charconv>

namespace plenary::sip_layer {

namespace {

using wire_verdict = std::optional<message_refusal>;

message_refusal bad_request(std::string reason) {
  return {400, std::move(reason), {}};
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

/// `SIP/2.0 200` with a code of 100 to 699.
wire_verdict check_status_line(std::string_view line) {
  constexpr std::string_view version = "SIP/2.0 ";
  const auto code = line.substr(std::min(version.size(), line.size()), 3);
  const auto value = whole_number(code);
  const bool ends = line.size() == version.size() + 3 || line.substr(0, version.size() + 4).ends_with(' ');
  if (!equal_ignoring_case(line.substr(0, version.size()), version) || code.size() != 3 || !value ||
      *value < 100 || *value > 699 || !ends)
    return bad_request("Bad Status Line");
  return {};
}

wire_verdict check_version(const wire_message& message) {
  if (message.is_response)
    return check_status_line(message.start_line);
  if (equal_ignoring_case(message.version, "SIP/2.0"))
    return {};
  const auto number = message.version.substr(std::min<std::size_t>(4, message.version.size()));
  const auto dot = number.find('.');
  if (!equal_ignoring_case(message.version.substr(0, 4), "SIP/") || dot == std::string_view::npos ||
      !whole_number(number.substr(0, dot)) || !whole_number(number.substr(dot + 1)))
    return bad_request("Bad Request Line");
  return message_refusal{505, "Version Not Supported", {}};
}

wire_verdict check_counts(const wire_message& message) {
  for (const auto* name : {"From", "To", "Call-ID", "CSeq"})
    if (message.count(name) != 1)
      return bad_request(std::string(name) + " Must Stand Once");
  for (const auto* name : {"Max-Forwards", "Content-Length", "Content-Type"})
    if (message.count(name) > 1)
      return bad_request(std::string(name) + " Must Stand Once");
  return {};
}

wire_verdict check_vias(const wire_message& message) {
  if (message.count("Via") == 0) // a response: a request without it cannot be answered
    return bad_request("No Via");
  for (const auto& header : message.headers) {
    if (!equal_ignoring_case(header.name, "Via"))
      continue;
    const auto elements = split_header(header.value, ',');
    if (!elements)
      return bad_request("Bad Via");
    for (const auto element : *elements)
      if (!read_via(element))
        return bad_request("Bad Via");
  }
  return {};
}

wire_verdict check_sequence(const wire_message& message) {
  const std::string_view value = *message.header("CSeq");
  const auto blank = value.find_first_of(" \t");
  const auto number = whole_number(value.substr(0, blank));
  if (blank == std::string_view::npos || !number || *number > 0x7fffffffU) // RFC 3261 8.1.1.5
    return bad_request("Bad CSeq");
  const auto method = trim(value.substr(blank));
  if (!is_token(method) || (!message.is_response && method != message.method))
    return bad_request("CSeq Names Another Method");
  return {};
}

wire_verdict check_addresses(const wire_message& message) {
  for (const auto* name : {"From", "To"})
    if (!read_address(*message.header(name)))
      return bad_request(std::string("Bad ") + name);
  for (const auto& header : message.headers) {
    if (!equal_ignoring_case(header.name, "Contact") || header.value == "*")
      continue;
    const auto elements = split_header(header.value, ',');
    if (!elements)
      return bad_request("Bad Contact");
    for (const auto element : *elements)
      if (!read_address(element))
        return bad_request("Bad Contact");
  }
  return {};
}

/// `user@[host]:port;parameters` of a SIP URI.
bool is_sip_target(std::string_view rest) {
  if (const auto at = rest.find('@'); at != std::string_view::npos) // the user may hold a `?`
    rest.remove_prefix(at + 1);
  const auto host = rest.substr(0, rest.find(';'));
  if (host.starts_with('[') && host.find_first_not_of("0123456789abcdefABCDEF:.", 1) != host.find(']'))
    return false;
  // Headers have no place in a Request-URI (RFC 3261 19.1.1).
  return rest.find('?') == std::string_view::npos && !host.empty() && host.front() != ':' &&
         port_of(host).has_value();
}

wire_verdict check_request_uri(const wire_message& message) {
  if (message.is_response)
    return {};
  const auto colon = message.uri.find(':');
  if (colon == std::string_view::npos || colon + 1 == message.uri.size() ||
      message.uri.find_first_of("<>\"") != std::string_view::npos ||
      !is_token(message.uri.substr(0, colon)) || !is_token(message.method))
    return bad_request("Bad Request Line");
  const auto scheme = message.uri.substr(0, colon);
  if (equal_ignoring_case(scheme, "tel"))
    return {};
  if (!equal_ignoring_case(scheme, "sip") && !equal_ignoring_case(scheme, "sips"))
    return message_refusal{416, "Unsupported URI Scheme", {}};
  if (!is_sip_target(message.uri.substr(colon + 1)))
    return bad_request("Bad Request-URI");
  return {};
}

wire_verdict check_length(const wire_message& message) {
  if (const auto* hops = message.header("Max-Forwards")) {
    const auto count = whole_number(*hops);
    if (!count || *count > 255)
      return bad_request("Max-Forwards Not 0 to 255");
  }
  const auto* header = message.header("Content-Length");
  const auto length = header != nullptr ? whole_number(*header) : message.body.size();
  if (!length)
    return bad_request("Bad Content-Length");
  if (*length > message.body.size())
    return bad_request("Content-Length Longer Than Body");
  if (*length > wire_limits::body_bytes)
    return message_refusal{513, "Message Too Large", {}};
  const auto* call = message.header("Call-ID");
  if (call->empty() || call->size() > max_call_id_bytes || call->find_first_of(" \t") != std::string::npos)
    return bad_request("Call-ID Empty Or Too Long");
  return {};
}

} // namespace

std::optional<message_refusal> check_wire(const wire_message& message) {
  if (message.problem)
    return bad_request(*message.problem);
  for (auto check : {check_version, check_counts, check_vias, check_sequence, check_addresses,
                     check_request_uri, check_length})
    if (auto wrong = check(message))
      return wrong;
  return {};
}

std::string_view declared_body(const wire_message& message) {
  const auto* header = message.header("Content-Length");
  const auto length = header != nullptr ? whole_number(*header) : std::nullopt;
  return message.body.substr(0, length.value_or(message.body.size()));
}

} // namespace plenary::sip_layer
