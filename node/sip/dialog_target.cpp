#include "node/sip/dialog_target.hpp"

#include "node/sip/message_reader.hpp"
#include "node/sip/text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace plenary::sip_layer {

namespace {

/// RFC 3261 section 25.1, `hostport`: an IPv6 address stands in brackets.
std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string_view without_brackets(std::string_view host) {
  return host.size() >= 2 && host.front() == '[' && host.back() == ']' ? host.substr(1, host.size() - 2)
                                                                       : host;
}

/// Takes the scheme off; nothing unless it is `sip` or `sips`.
std::optional<bool> take_scheme(std::string_view& uri) {
  const auto colon = uri.find(':');
  const auto scheme = uri.substr(0, colon);
  const bool secure = equal_ignoring_case(scheme, "sips");
  if (colon == std::string_view::npos || (!secure && !equal_ignoring_case(scheme, "sip")))
    return std::nullopt;
  uri.remove_prefix(colon + 1);
  return secure;
}

/// The value of `;name=value`, in any case; nothing when it is not there.
std::optional<std::string_view> parameter(std::string_view parameters, std::string_view name) {
  while (!parameters.empty()) {
    parameters.remove_prefix(1);
    const auto one = parameters.substr(0, parameters.find(';'));
    parameters.remove_prefix(one.size());
    const auto equals = one.find('=');
    if (equals != std::string_view::npos && equal_ignoring_case(trim(one.substr(0, equals)), name))
      return trim(one.substr(equals + 1));
  }
  return std::nullopt;
}

/// UDP, TCP or TLS, as the parameter and the scheme say it together; nothing for others.
std::optional<signalling_transport> transport_of(std::optional<std::string_view> named, bool secure) {
  if (named && equal_ignoring_case(*named, "tls"))
    return signalling_transport::tls;
  if (named && equal_ignoring_case(*named, "tcp"))
    return secure ? signalling_transport::tls : signalling_transport::tcp;
  if (named && !equal_ignoring_case(*named, "udp"))
    return std::nullopt;
  return secure ? signalling_transport::tls : signalling_transport::udp;
}

std::string_view transport_parameter(signalling_transport transport) {
  switch (transport) {
  case signalling_transport::udp:
    return "";
  case signalling_transport::tcp:
    return ";transport=tcp";
  case signalling_transport::tls:
    return ";transport=tls";
  }
  return "";
}

} // namespace

std::optional<hop> hop_of(std::string_view uri) {
  const auto secure = take_scheme(uri);
  if (!secure)
    return std::nullopt;
  if (const auto at = uri.find('@'); at != std::string_view::npos) // the user part may hold `;` and `?`
    uri.remove_prefix(at + 1);
  uri = uri.substr(0, uri.find('?'));
  const auto address = uri.substr(0, uri.find(';'));
  const auto parameters = uri.substr(address.size());
  const auto transport = transport_of(parameter(parameters, "transport"), *secure);
  if (!transport)
    return std::nullopt;
  const auto colon = address.starts_with('[') ? address.find(':', address.find(']')) : address.find(':');
  const auto host =
      without_brackets(without_brackets(parameter(parameters, "maddr").value_or(address.substr(0, colon))));
  if (!parse_ip(host))
    return std::nullopt;
  hop to{*transport, std::string(host),
         static_cast<std::uint16_t>(*transport == signalling_transport::tls ? 5061 : 5060)};
  if (colon == std::string_view::npos)
    return to;
  const auto digits = address.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), to.port);
  if (error != std::errc{} || end != digits.data() + digits.size() || to.port == 0)
    return std::nullopt;
  return to;
}

std::string uri_of(const hop& to, std::string_view user) {
  return fmt::format("sip:{}{}{}{}", user, user.empty() ? "" : "@", host_and_port(to.host, to.port),
                     transport_parameter(to.transport));
}

hop source_of(const sip_msg& message) {
  char text[INET6_ADDRSTRLEN] = "";
  sa_ntop(&message.src, text, sizeof text);
  const auto transport = message.tp == SIP_TRANSP_TLS   ? signalling_transport::tls
                         : message.tp == SIP_TRANSP_TCP ? signalling_transport::tcp
                                                        : signalling_transport::udp;
  return {transport, text, sa_port(&message.src)};
}

std::optional<hop> reachable_hop(std::string_view uri, const inside_check& inside) {
  auto to = hop_of(uri);
  if (!to || !inside(*parse_ip(to->host)))
    return std::nullopt;
  return to;
}

bool needs_flow_target(const sip_msg& invite) {
  const bool direct =
      sip_msg_hdr_count(&invite, SIP_HDR_VIA) == 1 && sip_msg_hdr_count(&invite, SIP_HDR_RECORD_ROUTE) == 0;
  if (!direct)
    return false;
  if (invite.tp != SIP_TRANSP_UDP)
    return true;
  sa sent_by = invite.via.addr;
  if (sa_isset(&sent_by, SA_ADDR) && sa_port(&sent_by) == 0)
    sa_set_port(&sent_by, SIP_PORT);
  return !sa_cmp(&sent_by, &invite.src, SA_ALL);
}

std::string contact_header(::sip* stack, const sip_msg& request, const std::string& advertise) {
  sa local = request.dst;
  if (!sa_isset(&local, SA_ADDR)) {
    // Listening on the wildcard address: the one that faces the caller.
    sa facing;
    if (sip_transp_laddr(stack, &facing, request.tp, &request.src) == 0) {
      sa_set_port(&facing, sa_port(&local));
      local = facing;
    }
  }
  const auto user = view(request.uri.user);
  const auto host = advertise.empty() ? to_text(local) : host_and_port(advertise, sa_port(&local));
  return fmt::format("Contact: <sip:{}{}{}{}>\r\n", user, user.empty() ? "" : "@", host,
                     sip_transp_param(request.tp));
}

} // namespace plenary::sip_layer
