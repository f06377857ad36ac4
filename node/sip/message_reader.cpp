#include "node/sip/message_reader.hpp"

#include "node/sip/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace plenary::sip_layer {

namespace {

bool collect(const sip_hdr* header, const sip_msg*, void* values) {
  static_cast<std::vector<std::string_view>*>(values)->push_back(view(header->val));
  return false;
}

std::vector<uri_view> read_uris(const sip_msg& message, sip_hdrid id) {
  std::vector<uri_view> uris;
  for (auto value : header_values(message, id)) {
    const auto text = to_pl(value);
    sip_addr address{};
    if (sip_addr_decode(&address, &text) == 0)
      uris.push_back({view(address.uri.scheme), view(address.uri.host)});
    else
      uris.push_back({});
  }
  return uris;
}

std::string_view content_type(const sip_msg& message) {
  const auto type = view(message.ctyp.type);
  const auto subtype = view(message.ctyp.subtype);
  if (type.empty() || subtype.empty())
    return {};
  // Both point into `type/subtype` of the same header.
  return {type.data(), static_cast<std::size_t>(subtype.data() + subtype.size() - type.data())};
}

} // namespace

std::vector<std::string_view> header_values(const sip_msg& message, sip_hdrid id) {
  std::vector<std::string_view> values;
  sip_msg_hdr_apply(&message, true, id, collect, &values);
  return values;
}

bool has_token(const sip_msg& message, sip_hdrid id, std::string_view token) {
  const auto values = header_values(message, id);
  return std::any_of(values.begin(), values.end(),
                     [&](auto value) { return equal_ignoring_case(value, token); });
}

request_view read_request(const sip_msg& message) {
  request_view request;
  request.method = view(message.met);
  request.scheme = view(message.uri.scheme);
  request.cseq_method = view(message.cseq.met);
  request.cseq_number = message.cseq.num;
  request.call_id = view(message.callid);
  request.from_tag = view(message.from.tag);
  request.in_dialog = pl_isset(&message.to.tag);
  request.from_headers = sip_msg_hdr_count(&message, SIP_HDR_FROM);
  request.to_headers = sip_msg_hdr_count(&message, SIP_HDR_TO);
  request.cseq_headers = sip_msg_hdr_count(&message, SIP_HDR_CSEQ);
  request.call_id_headers = sip_msg_hdr_count(&message, SIP_HDR_CALL_ID);
  request.content_lengths = header_values(message, SIP_HDR_CONTENT_LENGTH);
  request.body_bytes = mbuf_get_left(message.mb);
  request.content_type = content_type(message);
  if (const auto* header = sip_msg_hdr(&message, SIP_HDR_CONTENT_ENCODING))
    request.content_encoding = view(header->val);
  if (pl_isset(&message.maxfwd))
    request.max_forwards = view(message.maxfwd);
  request.require = header_values(message, SIP_HDR_REQUIRE);
  request.contacts = read_uris(message, SIP_HDR_CONTACT);
  request.record_routes = read_uris(message, SIP_HDR_RECORD_ROUTE);
  return request;
}

std::string_view called_user(const sip_msg& message) {
  // libre reads what follows `tel:` as a host.
  return view(equal_ignoring_case(view(message.uri.scheme), "tel") ? message.uri.host : message.uri.user);
}

timer_offer read_timer(const sip_msg& message) {
  timer_offer offer;
  if (const auto* header = sip_msg_hdr(&message, SIP_HDR_SESSION_EXPIRES))
    offer.expires = parse_session_expires(view(header->val));
  if (const auto* header = sip_msg_hdr(&message, SIP_HDR_MIN_SE))
    offer.min_se = parse_min_se(view(header->val));
  offer.supported =
      has_token(message, SIP_HDR_SUPPORTED, "timer") || has_token(message, SIP_HDR_REQUIRE, "timer");
  return offer;
}

std::optional<std::string> read_sdp(const sip_msg& message) {
  const auto bytes = mbuf_get_left(message.mb);
  if (bytes == 0)
    return std::nullopt;
  return std::string(reinterpret_cast<const char*>(mbuf_buf(message.mb)), bytes);
}

ip_address to_ip(const sa& address) {
  ip_address ip{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (sa_af(&address) == AF_INET6) {
    sa_in6(&address, ip.data());
    return ip;
  }
  const auto v4 = htonl(sa_in(&address));
  std::memcpy(ip.data() + 12, &v4, 4);
  return ip;
}

std::string to_text(const sa& address) {
  char text[INET6_ADDRSTRLEN] = "";
  sa_ntop(&address, text, sizeof text);
  const bool v6 = sa_af(&address) == AF_INET6;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", text, v6 ? "]" : "", sa_port(&address));
}

} // namespace plenary::sip_layer
