#pragma once

#include "node/sip/libre.hpp"
#include "node/sip/sip_settings.hpp"

#include <string>
#include <vector>

namespace plenary::sip_layer {

/// The caller: E.164 where it is a number, `anonymous`, SIP URI otherwise.
std::string read_caller(const sip_msg& message);

/// What the INVITE says of its caller beside From: P-Asserted-Identity of a trusted trunk, Privacy, the
/// latest Diversion, and the wanted headers, 256 bytes of each.
caller_details read_caller_details(const sip_msg& invite, const sip_trunk& trunk,
                                   const std::vector<std::string>& wanted);

/// The tokens of Privacy headers, at most 8, in lower case, divided by `;`.
std::string privacy_of(const std::vector<std::string>& values);

} // namespace plenary::sip_layer
