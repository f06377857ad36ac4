#pragma once

#include "node/sip/ip_network.hpp"
#include "node/sip/libre.hpp"
#include "node/sip/sip_settings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace plenary::sip_layer {

/// Where a request goes next.
struct hop {
  signalling_transport transport = signalling_transport::udp;
  std::string host; ///< IP literal, IPv6 without brackets
  std::uint16_t port = 5060;

  friend bool operator==(const hop&, const hop&) = default;
};

/// The hop that a SIP URI names (RFC 3261 19.1, RFC 3263 4 without DNS): its `maddr` counts before its host,
/// its `transport` and port in any case. Nothing for a host name, a port outside 1 to 65535, a transport that
/// is not spoken here, another scheme.
std::optional<hop> hop_of(std::string_view uri);

/// The URI that names a hop, for example `sip:[::1]:5060;transport=tcp`.
std::string uri_of(const hop& to, std::string_view user = {});

/// The source of a message.
hop source_of(const sip_msg& message);

/// True when an address belongs to the trunk of the dialog.
using inside_check = std::function<bool(const ip_address&)>;

/// The hop of a URI when it may be reached: inside the trunk's networks.
std::optional<hop> reachable_hop(std::string_view uri, const inside_check& inside);

/// True when requests to the caller must follow the flow of its INVITE, because its Contact cannot be
/// reached: a direct peer (one Via, no Record-Route) over TCP or TLS, or behind a NAT (its Via differs from
/// its source address).
bool needs_flow_target(const sip_msg& invite);

/// Our Contact header line for answers to this request and for later requests of the dialog.
/// `advertise` is the host that it names; empty: the address that the request came to.
std::string contact_header(::sip* stack, const sip_msg& request, const std::string& advertise);

} // namespace plenary::sip_layer
