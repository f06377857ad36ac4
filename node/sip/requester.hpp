#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/sip/credentials.hpp"
#include "node/sip/dialog.hpp"
#include "node/sip/session_timer.hpp"
#include "node/sip/timers.hpp"

#include <functional>
#include <optional>
#include <string>

namespace plenary::sip_layer {

/// A re-INVITE or UPDATE of ours.
struct own_request {
  const char* method = "INVITE"; ///< `INVITE` or `UPDATE`
  std::optional<std::string> sdp;
  timer_agreement timer;
};

/// What came of it.
struct request_outcome {
  enum class kind {
    accepted,
    refused, ///< the session goes on as it was
    lost     ///< no answer, 408 or 481: the dialog is gone
  };
  kind what = kind::refused;
  int status = 0;                  ///< 0: there was no answer
  const sip_msg* answer = nullptr; ///< of `accepted`; valid during the call
  timer_agreement asked;           ///< what the last attempt proposed
};

/// The dialog that requests are sent in; what it refers to outlives the requester.
struct request_dialog {
  ::sip* stack = nullptr;
  sip_layer::dialog* dialog = nullptr;
  dialog_credentials* credentials = nullptr;
  telemetry* counters = nullptr;
  logger* log = nullptr;
  std::string contact; ///< our header line
  std::string call{};  ///< its id, for the log
};

/// True when a request could not be sent, or its connection ended before the answer; false for a timeout and
/// for the end of the stack.
bool is_broken(int error);

/// True when the request is to be sent again with what `credentials` now give. Only the trunk itself is
/// answered; a challenge that is not is counted and logged.
bool take_challenge(const sip_msg& answer, const request_dialog& asked);

/// Sends our requests inside one dialog, one at a time: acknowledges, answers challenges, and tries again
/// after 422 (RFC 4028 7.3) and 491 (RFC 3261 14.1).
class requester {
public:
  using outcome_handler = std::function<void(const request_outcome&)>;

  /// `may_send` is asked before a request is sent again after 491.
  requester(request_dialog dialog, std::function<bool()> may_send, outcome_handler on_outcome);
  requester(const requester&) = delete;
  requester& operator=(const requester&) = delete;
  ~requester() { cancel(); }

  /// Not while `busy`. The outcome may come before this returns.
  void send(own_request request, std::chrono::seconds min_se);

  /// A request is under way, or waits to be sent again.
  bool busy() const { return in_flight() || again_.running(); }
  /// A request is under way: one of the other side meets it (glare).
  bool in_flight() const { return request_ != nullptr; }

  /// Sends the ACK of this CSeq again; for a 200 that came twice.
  bool repeat_ack(std::uint32_t cseq);

  /// Forgets what is under way; no outcome follows.
  void cancel();

private:
  static void on_response(int error, const sip_msg* answer, void* self);
  static int keep_ack(sip_transp transport, const sa* source, const sa* target, mbuf* message, void* self);

  void transmit();
  void on_final(const sip_msg& answer);
  void on_accepted(const sip_msg& answer);
  bool try_again(const sip_msg& answer);
  void acknowledge(std::uint32_t cseq);

  request_dialog dialog_;
  std::function<bool()> may_send_;
  outcome_handler on_outcome_;
  own_request wanted_;
  std::chrono::seconds min_se_{90};
  struct ::sip_request* request_ = nullptr;
  int attempts_ = 0;
  std::string authorization_; ///< lines of the latest request; its ACK repeats them (RFC 3261 22.1)
  stack_timer again_;

  re_ptr<mbuf> ack_;
  std::uint32_t ack_cseq_ = 0;
  sa ack_target_{};
  sip_transp ack_transport_ = SIP_TRANSP_UDP;
};

} // namespace plenary::sip_layer
