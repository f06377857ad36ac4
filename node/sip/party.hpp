#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plenary::sip_layer {

/// The URI of a header such as From: what stands in `<>`, else what stands before the first `;`.
std::string_view address_of(std::string_view header);

/// The value of a header's parameter, that is behind the URI, without quotes; empty when it is not there.
std::string header_parameter(std::string_view header, std::string_view name);

/// Whom a header such as From, P-Asserted-Identity or Diversion names: `anonymous` (RFC 3323 4.1), an E.164
/// number of a `sip`, `sips` or `tel` URI (RFC 3966; a local number together with a `phone-context` that is a
/// prefix), else the URI without parameters and password, 256 bytes at most.
std::string party_of(std::string_view header);

} // namespace plenary::sip_layer
