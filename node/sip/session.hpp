#pragma once

#include "actors/edge/signalling.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/sip/admission.hpp"
#include "node/sip/libre.hpp"
#include "node/sip/ok_repeater.hpp"
#include "node/sip/requester.hpp"
#include "node/sip/session_timer.hpp"
#include "node/sip/sip_settings.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace plenary::sip_layer {

class session;

/// What a session uses of its surroundings; outlives it.
struct session_environment {
  ::sip* stack = nullptr;
  const sip_settings& settings;
  signalling_listener& listener;
  telemetry& counters;
  logger& log;
  std::function<void(session&)> retire; ///< takes the session out of the tables; destroys it later
  const sa& packet_source;              ///< of the message that is being handled
  realm_pins pins{};
  std::shared_ptr<const bool> in_use = std::make_shared<const bool>(true); ///< as long as this lives
};

/// One call's dialog, from INVITE to the end. Lives on the stack's thread.
///
///     proceeding --accept, 200--> accepted --ACK--> confirmed --BYE, timer--> over
///         |                          |
///         +--reject, CANCEL, BYE-----+--no ACK in 64 T1, BYE----------------> over
///
/// While confirmed, at most one offer of each side is open; offers that meet get 491 or 500.
class session {
public:
  session(session_environment& environment, call_id id, std::shared_ptr<const known_trunk> trunk);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session();

  /// Makes the dialog and sends 100; fails with `malformed` or `network`, and is then to be destroyed.
  result<void> start(const sip_msg& invite, const timer_agreement& timer);

  const call_id& id() const { return id_; }

  void ring();
  void accept(std::string sdp);
  void reject(const rejection& why);
  void answer_offer(std::string sdp);
  void refuse_offer(const rejection& why);
  void send_offer(std::string sdp);
  void hang_up(const hangup_cause& cause);
  /// Ends the call because the stack stops; nothing is told.
  void shut_down();

  /// True until the INVITE has its final answer.
  bool proceeding() const { return phase_ == phase::proceeding; }
  const std::string& local_tag() const { return dialog_->local_tag(); }
  /// True when the message comes from the trunk's networks or the dialog's own flow.
  bool trusts(const sip_msg& message) const { return dialog_->trusts(message); }
  /// True for another copy of the INVITE that took another way (RFC 3261 8.2.2.2).
  bool is_merged(const sip_msg& invite) const { return invite.cseq.num == invite_cseq_; }
  /// INVITE, ACK, BYE or UPDATE inside this dialog that passed the checks.
  void on_request(const sip_msg& request);
  /// A 200 to our INVITE that came again.
  void on_repeated_ok(const sip_msg& answer) { requester_->repeat_ack(answer.cseq.num); }

private:
  enum class phase { proceeding, accepted, confirmed, over };

  /// An offer of the other side that is not answered yet.
  struct peer_offer {
    re_ptr<sip_msg> request;
    sip_strans* transaction = nullptr;
    bool invite = false;
    timer_agreement timer;
  };

  static void on_invite_cancelled(void* self);
  static void on_offer_cancelled(void* self);

  bool may_cancel() const;
  void tell(signalling_event event);
  void end(const hangup_cause& cause, bool by_caller = false);
  void bye(const hangup_cause& cause);
  void finish();
  void refuse_invite(const rejection& why, const std::string& headers);
  bool send_ok(const sip_msg& invite, sip_strans*& transaction, const timer_agreement& timer,
               const std::string& sdp);
  std::string ok_text(const timer_agreement& timer, const std::string& sdp) const;

  // session_requests.cpp: what the other side asks for
  void on_ack(const sip_msg& ack);
  void on_bye(const sip_msg& request);
  void on_offer_request(const sip_msg& request, bool invite);
  void on_refresh_request(const sip_msg& request, const timer_agreement& timer);
  bool refuse_glare(const sip_msg& request, bool invite);
  void open_peer_offer(const sip_msg& request, bool invite, const timer_agreement& timer);
  void close_peer_offer(int status, const std::string& reason, const std::string& headers);
  void answer(const sip_msg& request, int status, const std::string& headers = {});
  void learn_methods(const sip_msg& message);
  timer_policy policy() const;

  // session_offers.cpp: what we ask for
  void make_requester();
  void send_waiting_offer();
  void keep_alive(const timer_agreement& agreement);
  void refresh();
  void on_outcome(const request_outcome& outcome);
  void on_own_accepted(const request_outcome& outcome, bool was_refresh);
  void on_own_refused(int status, bool was_refresh);
  void on_expired();

  session_environment& environment_;
  call_id id_;
  std::shared_ptr<const known_trunk> trunk_;
  phase phase_ = phase::proceeding;
  bool silent_ = false;

  re_ptr<sip_msg> invite_; ///< until its ACK
  std::uint32_t invite_cseq_ = 0;
  sip_strans* invite_transaction_ = nullptr; ///< until the final answer
  std::unique_ptr<dialog> dialog_;
  dialog_credentials credentials_;
  std::string contact_;
  std::string local_sdp_; ///< the latest that we sent; refreshes repeat it

  ok_repeater ok_;
  bool ok_carries_offer_ = false;
  std::optional<hangup_cause> hang_up_after_ack_;
  std::optional<peer_offer> peer_offer_;

  std::unique_ptr<requester> requester_;
  std::optional<std::string> waiting_offer_;
  bool refreshing_ = false;
  bool peer_takes_update_ = false;
  timer_agreement timer_;
  std::chrono::seconds peer_min_se_{0};
  stack_timer refresh_;
  stack_timer expiry_;
};

} // namespace plenary::sip_layer
