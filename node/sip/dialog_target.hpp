#pragma once

#include "node/sip/libre.hpp"

#include <string>

namespace plenary::sip_layer {

/// True when requests to the caller must follow the flow of its INVITE, because its Contact cannot be
/// reached: a direct peer (one Via, no Record-Route) over TCP or TLS, behind a NAT (its Via differs from
/// its source address), or with a host name in the Contact.
bool needs_flow_target(const sip_msg& invite);

/// `sip_dialog_accept`, with the flow in place of the Contact when `flow` is set.
int accept_dialog(re_ptr<sip_dialog>& dialog, const sip_msg& invite, bool flow);

/// `sip_dialog_update` (RFC 3261 12.2), with the flow in place of the Contact when `flow` is set.
int update_dialog(sip_dialog* dialog, const sip_msg& message, bool flow);

/// Our Contact header line for answers to this request and for later requests of the dialog.
/// `advertise` is the host that it names; empty: the address that the request came to.
std::string contact_header(::sip* stack, const sip_msg& request, const std::string& advertise);

} // namespace plenary::sip_layer
