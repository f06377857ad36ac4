#pragma once

#include "node/sip/libre.hpp"
#include "node/sip/sip_settings.hpp"

namespace plenary::sip_layer {

/// A TLS 1.2+ context with the certificate chain and key of the settings; fails with `malformed`, naming the
/// file. Connections that we open are not verified: only flows that the other side opened are used.
result<re_ptr<tls>> load_tls(const sip_settings& settings);

} // namespace plenary::sip_layer
