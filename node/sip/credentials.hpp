#pragma once

#include "node/sip/libre.hpp"
#include "node/sip/sip_settings.hpp"

namespace plenary::sip_layer {

/// Digest state that answers challenges with the trunk's username and password; null when it has none.
re_ptr<sip_auth> make_credentials(const sip_trunk& trunk);

/// Ends a dialog with a BYE, once more with credentials when it is challenged. `headers` are whole lines.
void send_bye(::sip* stack, re_ptr<sip_dialog> dialog, const sip_trunk& trunk, const std::string& headers);

} // namespace plenary::sip_layer
