#pragma once

#include "node/sip/requester.hpp"

#include <memory>

namespace plenary::sip_layer {

/// A dialog that is let go of.
struct ending_dialog {
  ::sip* stack = nullptr;
  std::unique_ptr<dialog> left;
  dialog_credentials credentials;
  telemetry* counters = nullptr;
  logger* log = nullptr;
  std::string call;                 ///< its id, for the log
  std::weak_ptr<const bool> in_use; ///< expired: what it refers to is gone, the stack closes
};

/// Ends a dialog with a BYE, again with credentials when it is challenged. `headers` are whole lines.
void send_bye(ending_dialog ended, std::string headers);

} // namespace plenary::sip_layer
