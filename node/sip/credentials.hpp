#pragma once

#include "node/sip/digest.hpp"
#include "node/sip/sip_settings.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::sip_layer {

/// The realm of each trunk that names none: that of the first challenge which was answered. It is forgotten
/// again when the answer did not help, so that nobody else's realm stays.
class realm_pins {
public:
  /// True when a challenge of this realm may be answered with the trunk's password.
  bool allows(const sip_trunk& trunk, std::string_view realm) const;

  /// A challenge of this realm is being answered.
  void used(const sip_trunk& trunk, std::string_view realm);
  void accepted(const sip_trunk& trunk);
  void refused(const sip_trunk& trunk);

private:
  struct pin {
    std::string realm;
    bool proven = false;
  };
  std::map<std::string, pin, std::less<>> pins_; ///< by the trunk's name
};

/// The trunk's credentials within one dialog: which challenges they are shown to, and how often.
///
/// One challenge of the proxy and one of the server are answered a request, and each once more when it says
/// that only the nonce was stale (RFC 3261 22.3); later requests use the nonce again, counted.
class dialog_credentials {
public:
  /// The pins outlive it. The trunk's settings may change meanwhile: what they are at a challenge counts.
  dialog_credentials(std::shared_ptr<const sip_trunk> trunk, realm_pins& pins)
      : trunk_(std::move(trunk))
      , pins_(&pins) {}

  const sip_trunk& trunk() const { return *trunk_; }

  /// Before the first sending of a request.
  void begin_request();

  /// A 401 or 407 whose sender may be answered: the best challenge of all its headers. False: the request is
  /// not to be sent again.
  bool take(const std::vector<digest_challenge>& challenges);

  /// The request was not refused for its credentials.
  void accepted();

  /// The header lines for a request; empty before the first challenge.
  std::string lines(const digest_request& request);

private:
  struct demand {
    std::optional<digest_challenge> challenge;
    std::string client_nonce;
    std::uint32_t count = 0;
    int answered = 0; ///< within this request
  };

  bool may_answer(const demand& known, const digest_challenge& challenge) const;

  std::shared_ptr<const sip_trunk> trunk_;
  realm_pins* pins_;
  demand server_;
  demand proxy_;
};

} // namespace plenary::sip_layer
