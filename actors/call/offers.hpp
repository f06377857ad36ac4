#pragma once

#include "actors/call/legs.hpp"
#include "schema/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace plenary::media_path {

/// The caller's own re-INVITE: none, at the leg, or answered with our offer, whose answer comes with the ACK.
enum class caller_offer { none, asked, confirming };

/// Our re-INVITE that is not answered yet.
struct pending_offer {
  std::uint32_t number = 0; ///< of the leg that it is for
  sdp_session session;
};

/// To be done: re-INVITE [offer_answered].
struct send_offer {
  std::string sdp;
};
/// To be done: hand the caller's offer, or its wish for one of ours, to the leg [offer_taken].
struct renegotiate_leg {
  std::uint32_t number = 0;
  std::optional<std::string> offer;
};
/// To be done: 200 to the caller's offer.
struct answer_offer {
  std::string sdp;
};
/// To be done: refuse the caller's offer.
struct refuse_offer {
  error why;
};

/// Offers and answers on the call's dialog once the INVITE is answered: one at a time (RFC 3261 section 14).
///
///   ours:    [none] --offer--> [offered] --settle--> [none]
///
///   theirs:  [none] --receive--> [asked] --take--> [none]
///                                   | take, our offer is in the 200
///                                   v
///                              [confirming] --confirm--> [none]
///
/// The session in effect changes when an offer is answered, whoever made it.
struct offers {
  sdp_session session;                  ///< in effect with the caller
  std::optional<pending_offer> offered; ///< ours
  caller_offer theirs = caller_offer::none;
  bool comes_in_200 = false; ///< the caller's re-INVITE asked for our offer

  /// Offers this leg to the caller, unless an offer for another one is still unanswered.
  std::optional<send_offer> offer(const leg& to);
  /// The caller has answered: gives the leg that was offered; nothing when none was.
  std::optional<std::uint32_t> settle(bool accepted);

  /// The caller's re-INVITE or UPDATE, for this leg; none: its media is being moved.
  std::variant<renegotiate_leg, refuse_offer> receive(std::optional<std::uint32_t> to,
                                                      std::optional<std::string> offer);
  /// What the leg says to it, when it is waited for; `is_there`: the leg still carries the caller.
  std::optional<std::variant<answer_offer, refuse_offer>> take(const result<sdp_session>& said,
                                                               bool is_there);
  /// True when the caller's ACK was waited for with the answer to our offer.
  bool confirm();
};

} // namespace plenary::media_path
