#pragma once

#include "schema/peer.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>

namespace plenary {

/// A new call that passed admission (known source, known DID, below the limits). The caller has got a 100.
struct incoming_invite {
  call_id id;
  plenary::customer_id customer;
  application_id application;
  std::string trunk; ///< name of the trunk that the source belongs to
  srtp_policy srtp = srtp_policy::optional;
  std::string from; ///< E.164 where it is a number, SIP URI otherwise
  std::string to;
  std::optional<std::string> offer; ///< SDP of the INVITE; nothing: the offer is ours (RFC 3261 13.2.1)
  std::string sip_call_id{};        ///< Call-ID of the INVITE
  caller_details caller{};
  std::string source{}; ///< IP literal that the INVITE came from
};

/// The caller gave up before the call was answered (CANCEL, or the transaction died).
struct invite_cancelled {};

/// ACK arrived; `answer` holds its SDP when the offer was ours.
struct call_confirmed {
  std::optional<std::string> answer;
};

/// A re-INVITE or UPDATE; `answer_offer` or `refuse_offer` must follow. No SDP: a re-INVITE that asks for
/// our offer, whose answer then comes with `offer_answered`.
struct offer_received {
  std::optional<std::string> offer;
};

/// The other side's answer to an offer of ours that was not the call's first.
struct offer_answered {
  result<std::string> answer;
};

/// The dialog is over: BYE from the caller, no ACK within 32 s, session timer ran out, connection gone.
struct dialog_ended {
  hangup_cause cause;
  bool by_caller = true; ///< false: no BYE came, the dialog died
};

/// What the signalling tells of one call, in order.
using signalling_event =
    std::variant<invite_cancelled, call_confirmed, offer_received, offer_answered, dialog_ended>;

/// A final answer that refuses an INVITE.
struct rejection {
  int status = 503; ///< SIP status code, 400 to 699
  std::string reason;
  std::optional<std::chrono::seconds> retry_after;
  std::string detail{}; ///< for the log; of 488 and 606 for the Warning header too (RFC 3261 20.43)
};

/// Commands to the signalling; every method is safe from every thread and returns at once. A command for
/// a call that is already gone does nothing.
class signalling {
public:
  virtual ~signalling() = default;

  /// 180 Ringing.
  virtual void ring(const call_id& id) = 0;
  /// 200 with this SDP (the answer, or the offer when the INVITE had none); repeated until the ACK.
  virtual void accept(const call_id& id, std::string sdp) = 0;
  /// Ends an unanswered INVITE.
  virtual void reject(const call_id& id, rejection why) = 0;
  /// Answers the pending `offer_received`: with SDP, also when that is our offer.
  virtual void answer_offer(const call_id& id, std::string sdp) = 0;
  /// Refuses the pending `offer_received`; the session goes on as it was.
  virtual void refuse_offer(const call_id& id, rejection why) = 0;
  /// re-INVITE with a new offer; `offer_answered` follows.
  virtual void send_offer(const call_id& id, std::string sdp) = 0;
  /// BYE (or 487/603 when not answered yet) with a Reason header of this cause; nothing is told afterwards.
  virtual void hang_up(const call_id& id, hangup_cause cause) = 0;
};

/// Who hears of calls; called on the signalling's thread, must return at once.
class signalling_listener {
public:
  virtual ~signalling_listener() = default;
  virtual void on_invite(incoming_invite invite) = 0;
  virtual void on_event(const call_id& id, signalling_event event) = 0;
};

} // namespace plenary
