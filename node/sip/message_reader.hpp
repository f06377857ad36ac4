#pragma once

#include "node/sip/ip_network.hpp"
#include "node/sip/libre.hpp"
#include "node/sip/message_checks.hpp"
#include "node/sip/session_timer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace plenary::sip_layer {

/// What `check_request` needs of a message; refers to the message's own text.
request_view read_request(const sip_msg& message);

/// The values of a header, one for each element of a comma-separated list.
std::vector<std::string_view> header_values(const sip_msg& message, sip_hdrid id);

/// True when a list header holds the token, whatever its case.
bool has_token(const sip_msg& message, sip_hdrid id, std::string_view token);

/// The user of the Request-URI, or the number of a `tel` URI; as received.
std::string_view called_user(const sip_msg& message);

/// What the message says about session timers.
timer_offer read_timer(const sip_msg& message);

/// The SDP in the body; nothing when there is none.
std::optional<std::string> read_sdp(const sip_msg& message);

ip_address to_ip(const sa& address);

/// `192.0.2.1:5060` or `[2001:db8::1]:5060`.
std::string to_text(const sa& address);

} // namespace plenary::sip_layer
