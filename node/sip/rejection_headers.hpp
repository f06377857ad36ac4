#pragma once

#include "actors/edge/signalling.hpp"

#include <string>
#include <string_view>

namespace plenary::sip_layer {

/// The warn-code (RFC 3261 20.43) of what did not fit, by the words of the sentence; 399 for the rest.
int warning_code(std::string_view detail);

/// The header lines of a final refusal: Retry-After, and for 488 and 606 a Warning with the detail. `agent`
/// is our host and port.
std::string rejection_headers(const rejection& why, std::string_view agent);

} // namespace plenary::sip_layer
