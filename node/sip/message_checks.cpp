#include "node/sip/message_checks.hpp"

#include "node/sip/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace plenary::sip_layer {

namespace {

using check_result = std::optional<message_refusal>;

message_refusal bad(std::string reason) {
  return {400, std::move(reason), {}};
}

bool is_sip(const uri_view& uri) {
  return (equal_ignoring_case(uri.scheme, "sip") || equal_ignoring_case(uri.scheme, "sips")) &&
         !uri.host.empty();
}

std::optional<std::uint32_t> read_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

/// RFC 3311 asks for a Contact in UPDATE too; one without it changes no target.
bool may_set_target(const request_view& request) {
  return request.method == "INVITE" || (request.method == "UPDATE" && !request.contacts.empty());
}

bool carries_description(const request_view& request) {
  return request.method == "INVITE" || request.method == "UPDATE";
}

check_result check_identity(const request_view& request) {
  if (request.from_headers != 1 || request.to_headers != 1 || request.cseq_headers != 1 ||
      request.call_id_headers != 1)
    return bad("From, To, CSeq and Call-ID must stand once");
  if (request.call_id.empty() || request.call_id.size() > max_call_id_bytes)
    return bad("Call-ID Empty Or Too Long");
  if (request.from_tag.empty())
    return bad("No Tag In From");
  if (request.cseq_method != request.method)
    return bad("CSeq Names Another Method");
  if (request.cseq_number > 0x7fffffffU) // RFC 3261 8.1.1.5
    return bad("CSeq Too Large");
  return {};
}

check_result check_framing(const request_view& request) {
  if (request.content_lengths.size() > 1)
    return bad("Content-Length Must Stand Once");
  if (!request.content_lengths.empty() && read_number(request.content_lengths[0]) != request.body_bytes)
    return bad("Content-Length Differs From Body");
  if (request.max_forwards) {
    const auto hops = read_number(*request.max_forwards);
    if (!hops || *hops > 255)
      return bad("Max-Forwards Not 0 to 255");
  }
  return {};
}

check_result check_method(const request_view& request) {
  static constexpr std::array served{"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "UPDATE"};
  static constexpr std::array known{"REGISTER", "SUBSCRIBE", "NOTIFY", "PUBLISH",
                                    "MESSAGE",  "INFO",      "REFER",  "PRACK"};
  if (std::find(served.begin(), served.end(), request.method) != served.end())
    return {};
  const auto allow = fmt::format("Allow: {}\r\n", allowed_methods);
  if (std::find(known.begin(), known.end(), request.method) != known.end())
    return message_refusal{405, "Method Not Allowed", allow};
  return message_refusal{501, "Not Implemented", allow};
}

check_result check_extensions(const request_view& request) {
  if (request.method == "ACK" || request.method == "CANCEL") // RFC 3261 8.2.2.3
    return {};
  // What is repeated costs no more than one line of ours: the first few of many, the beginning of a long one.
  constexpr std::size_t most_repeated = 512;
  constexpr std::size_t longest_token = 64;
  std::string unknown;
  for (auto token : request.require)
    if (!token.empty() && !equal_ignoring_case(token, "timer") && unknown.size() < most_repeated)
      unknown += fmt::format("Unsupported: {}\r\n",
                             token.substr(0, std::min(token.find_first_of(" \t\r\n"), longest_token)));
  if (unknown.empty())
    return {};
  return message_refusal{420, "Bad Extension", unknown};
}

check_result check_target(const request_view& request) {
  if (!may_set_target(request))
    return {};
  // Inside a dialog the target stays what it was without one.
  const bool kept = request.in_dialog && request.contacts.empty();
  if (!kept && (request.contacts.size() != 1 || !is_sip(request.contacts[0])))
    return bad("Contact Must Be One SIP URI");
  if (!std::all_of(request.record_routes.begin(), request.record_routes.end(), is_sip))
    return bad("Record-Route Is No SIP URI");
  return {};
}

check_result check_body(const request_view& request) {
  if (!carries_description(request) || request.body_bytes == 0)
    return {};
  if (!request.content_encoding.empty() && !equal_ignoring_case(request.content_encoding, "identity"))
    return message_refusal{415, "Unsupported Media Type", "Accept-Encoding: identity\r\n"};
  if (!equal_ignoring_case(request.content_type, "application/sdp"))
    return message_refusal{415, "Unsupported Media Type", "Accept: application/sdp\r\n"};
  return {};
}

} // namespace

std::optional<message_refusal> check_request(const request_view& request) {
  for (auto check : {check_identity, check_framing, check_method})
    if (auto refused = check(request))
      return refused;
  if (!equal_ignoring_case(request.scheme, "sip") && !equal_ignoring_case(request.scheme, "sips") &&
      !equal_ignoring_case(request.scheme, "tel"))
    return message_refusal{416, "Unsupported URI Scheme", {}};
  for (auto check : {check_extensions, check_target, check_body})
    if (auto refused = check(request))
      return refused;
  return {};
}

} // namespace plenary::sip_layer
