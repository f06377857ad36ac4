#include "node/sip/message_checks.hpp"
#include "node/sip/message_reader.hpp"
#include "node/sip/reason_header.hpp"
#include "node/sip/session.hpp"

#include <fmt/format.h>

namespace plenary::sip_layer {

namespace {

/// Retry-After of a 500 to overlapping offers: 0 to 10 s (RFC 3261 14.2).
std::string overlap_headers() {
  return fmt::format("Retry-After: {}\r\n", rand_u32() % 11);
}

} // namespace

void session::on_request(const sip_msg& request) {
  const auto method = view(request.met);
  if (method == "ACK") {
    on_ack(request);
    return;
  }
  if (!dialog_->take_sequence(request)) { // RFC 3261 12.2.2
    answer(request, 500);
    return;
  }
  if (method == "BYE")
    on_bye(request);
  else
    on_offer_request(request, method == "INVITE");
}

void session::on_ack(const sip_msg& ack) {
  if (!ok_.acknowledge(ack.cseq.num))
    return;
  auto sdp = ok_carries_offer_ ? read_sdp(ack) : std::nullopt;
  if (phase_ == phase::accepted) {
    phase_ = phase::confirmed;
    invite_.reset();
    if (hang_up_after_ack_) {
      bye(*hang_up_after_ack_);
      finish();
      return;
    }
    tell(call_confirmed{std::move(sdp)});
  } else if (ok_carries_offer_) {
    tell(offer_answered{sdp ? result<std::string>(std::move(*sdp))
                            : fail(errc::malformed, "ACK without the SDP answer")});
  }
  send_waiting_offer();
}

void session::on_bye(const sip_msg& request) {
  answer(request, 200);
  const auto cause = parse_reason(header_values(request, SIP_HDR_REASON));
  if (phase_ == phase::proceeding) { // RFC 3261 15: BYE on an early dialog
    refuse_invite({487, {}, {}}, {});
    finish();
    tell(invite_cancelled{});
    return;
  }
  end(cause.value_or(normal_clearing()), true);
}

void session::on_offer_request(const sip_msg& request, bool invite) {
  const auto offer = read_timer(request);
  const auto timer = answer_timer(offer, policy());
  if (!timer) {
    answer(request, 422, fmt::format("Min-SE: {}\r\n", timer.error().min_se.count()));
    return;
  }
  peer_min_se_ = offer.min_se.value_or(peer_min_se_);
  learn_methods(request);
  const bool carries_offer = invite || mbuf_get_left(request.mb) != 0;
  if (!carries_offer)
    on_refresh_request(request, *timer);
  else if (!refuse_glare(request, invite))
    open_peer_offer(request, invite, *timer);
}

void session::on_refresh_request(const sip_msg& request, const timer_agreement& timer) {
  dialog_->refresh(request);
  const auto headers = contact_ + fmt::format("Allow: {}\r\n", allowed_methods) + answer_headers(timer);
  answer(request, 200, headers);
  if (phase_ != phase::proceeding)
    keep_alive(timer);
  else
    timer_ = timer;
}

bool session::refuse_glare(const sip_msg& request, bool invite) {
  const bool ours_open = requester_->in_flight() || (ok_.waiting() && ok_carries_offer_);
  const bool theirs_open = phase_ == phase::proceeding || peer_offer_.has_value() ||
                           (ok_.waiting() && (invite || phase_ == phase::accepted));
  if (theirs_open && !ours_open) { // RFC 3261 14.2, RFC 3311 5.2
    answer(request, 500, overlap_headers());
    return true;
  }
  if (ours_open)
    answer(request, 491);
  return ours_open;
}

void session::open_peer_offer(const sip_msg& request, bool invite, const timer_agreement& timer) {
  peer_offer offer{re_ptr<sip_msg>::share(&request), nullptr, invite, timer};
  if (sip_strans_alloc(&offer.transaction, environment_.stack, &request, on_offer_cancelled, this) != 0)
    return;
  if (invite && sip_treply(&offer.transaction, environment_.stack, &request, 100, "Trying") != 0)
    return; // the connection is gone; the caller sends the request again over a new one
  peer_offer_ = std::move(offer);
  tell(offer_received{read_sdp(request)});
}

void session::on_offer_cancelled(void* self) {
  auto& me = *static_cast<session*>(self);
  if (!me.peer_offer_ || !me.peer_offer_->invite ||
      !me.may_cancel()) // CANCEL has no effect on UPDATE (RFC 3261 9.1)
    return;
  me.close_peer_offer(487, std::string(reason_phrase(487)), {});
  me.send_waiting_offer();
}

void session::close_peer_offer(int status, const std::string& reason, const std::string& headers) {
  auto offer = std::move(*peer_offer_);
  peer_offer_.reset();
  sip_treplyf(&offer.transaction, nullptr, environment_.stack, offer.request.get(), false,
              static_cast<std::uint16_t>(status), reason.c_str(), "%sContent-Length: 0\r\n\r\n",
              headers.c_str());
}

void session::answer(const sip_msg& request, int status, const std::string& headers) {
  sip_treplyf(nullptr, nullptr, environment_.stack, &request, true, static_cast<std::uint16_t>(status),
              std::string(reason_phrase(status)).c_str(), "%sContent-Length: 0\r\n\r\n", headers.c_str());
}

void session::learn_methods(const sip_msg& message) {
  if (sip_msg_hdr(&message, SIP_HDR_ALLOW) != nullptr)
    peer_takes_update_ = has_token(message, SIP_HDR_ALLOW, "UPDATE");
}

timer_policy session::policy() const {
  return {environment_.settings.session_expires, environment_.settings.min_session_expires};
}

} // namespace plenary::sip_layer
