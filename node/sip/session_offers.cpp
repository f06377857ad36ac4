#include "node/sip/message_reader.hpp"
#include "node/sip/session.hpp"

#include <fmt/format.h>

namespace plenary::sip_layer {

namespace {

/// Wait before a refresh that meets another request is tried again.
constexpr std::chrono::milliseconds refresh_again{1000};

tl::unexpected<error> refused_offer(int status) {
  if (status == 0)
    return fail(errc::network, "the offer could not be sent");
  const auto code =
      status == 488 || status == 606 || status == 415 ? errc::not_acceptable : errc::unavailable;
  return fail(code, fmt::format("the offer was refused with {}", status));
}

} // namespace

void session::make_requester() {
  const auto may_send = [this] { return !peer_offer_ && !ok_.waiting(); };
  requester_ = std::make_unique<requester>(
      request_dialog{environment_.stack, dialog_.get(), &credentials_, &environment_.counters,
                     &environment_.log, contact_, id_.value},
      may_send, [this](const request_outcome& outcome) { on_outcome(outcome); });
}

void session::send_offer(std::string sdp) {
  if (phase_ == phase::over)
    return;
  if (phase_ == phase::proceeding) {
    tell(offer_answered{fail(errc::unavailable, "the call is not answered yet")});
    return;
  }
  if (waiting_offer_ || (requester_->busy() && !refreshing_)) {
    tell(offer_answered{fail(errc::limit_reached, "an earlier offer is not answered yet")});
    return;
  }
  waiting_offer_ = std::move(sdp);
  send_waiting_offer();
}

void session::send_waiting_offer() {
  if (!waiting_offer_ || phase_ != phase::confirmed || requester_->busy() || peer_offer_ || ok_.waiting())
    return;
  local_sdp_ = std::move(*waiting_offer_);
  waiting_offer_.reset();
  requester_->send({"INVITE", local_sdp_, timer_}, std::max(policy().min_se, peer_min_se_));
}

void session::keep_alive(const timer_agreement& agreement) {
  timer_ = agreement;
  refresh_.cancel();
  expiry_.cancel();
  if (agreement.ours)
    refresh_.start(refresh_delay(agreement.interval));
  else
    expiry_.start(expiry_delay(agreement.interval));
}

void session::refresh() {
  if (phase_ != phase::confirmed || requester_->busy() || peer_offer_ || ok_.waiting()) {
    refresh_.start(refresh_again);
    return;
  }
  refreshing_ = true;
  own_request request{peer_takes_update_ ? "UPDATE" : "INVITE", std::nullopt, timer_};
  if (!peer_takes_update_)
    request.sdp = local_sdp_; // without SDP the other side would have to make an offer
  requester_->send(std::move(request), std::max(policy().min_se, peer_min_se_));
}

void session::on_outcome(const request_outcome& outcome) {
  const bool was_refresh = std::exchange(refreshing_, false);
  switch (outcome.what) {
  case request_outcome::kind::accepted:
    on_own_accepted(outcome, was_refresh);
    break;
  case request_outcome::kind::refused:
    on_own_refused(outcome.status, was_refresh);
    break;
  case request_outcome::kind::lost: {
    if (!was_refresh)
      tell(offer_answered{fail(errc::timeout, "the other side is gone")});
    const hangup_cause cause = outcome.status == 481 ? hangup_cause{41, "temporary_failure"}
                                                     : hangup_cause{102, "recovery_on_timer_expiry"};
    bye(cause);
    end(cause);
    return;
  }
  }
  send_waiting_offer();
}

void session::on_own_accepted(const request_outcome& outcome, bool was_refresh) {
  const auto& answer = *outcome.answer;
  learn_methods(answer);
  keep_alive(settle_timer(outcome.asked, policy().min_se, read_timer(answer).expires));
  if (was_refresh)
    return;
  auto sdp = read_sdp(answer);
  tell(offer_answered{sdp ? result<std::string>(std::move(*sdp))
                          : fail(errc::malformed, "200 without the SDP answer")});
}

void session::on_own_refused(int status, bool was_refresh) {
  if (!was_refresh) {
    tell(offer_answered{refused_offer(status)});
    return;
  }
  // RFC 4028 10: the session lives until its time is up; until then the refresh is tried again.
  if (!expiry_.running())
    expiry_.start(expiry_delay(timer_.interval) - refresh_delay(timer_.interval));
  if (status == 405 || status == 501)
    peer_takes_update_ = false;
  refresh_.start(refresh_delay(timer_.interval) / 8);
}

void session::on_expired() {
  const hangup_cause cause{102, "session_expired"};
  bye(cause);
  end(cause);
}

} // namespace plenary::sip_layer
