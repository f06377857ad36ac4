#include "node/sip/session.hpp"

#include "node/sip/credentials.hpp"
#include "node/sip/dialog_target.hpp"
#include "node/sip/message_checks.hpp"
#include "node/sip/message_reader.hpp"
#include "node/sip/reason_header.hpp"

namespace plenary::sip_layer {

namespace {

std::string phrase_of(const rejection& why) {
  std::string phrase;
  for (char c : why.reason)
    if (c >= ' ' && c != 0x7f)
      phrase += c;
  return phrase.empty() ? std::string(reason_phrase(why.status)) : phrase;
}

std::string headers_of(const rejection& why) {
  return why.retry_after ? fmt::format("Retry-After: {}\r\n", why.retry_after->count()) : std::string();
}

/// What is not a refusal becomes one that says nothing wrong.
int status_of(const rejection& why) {
  return why.status >= 400 && why.status <= 699 ? why.status : 503;
}

} // namespace

session::session(session_environment& environment, call_id id, const sip_trunk& trunk)
    : environment_(environment)
    , id_(std::move(id))
    , trunk_(trunk)
    , ok_(environment.stack, environment.counters, environment.settings.t1,
          [this] {
            const hangup_cause no_ack{102, "no_ack"};
            bye(hang_up_after_ack_.value_or(no_ack));
            end(no_ack);
          })
    , refresh_([this] { refresh(); })
    , expiry_([this] { on_expired(); }) {}

session::~session() {
  // Only a session that did not start still holds its transaction.
  if (invite_transaction_ != nullptr)
    mem_deref(invite_transaction_);
}

result<void> session::start(const sip_msg& invite, const timer_agreement& timer) {
  flow_ = needs_flow_target(invite);
  if (accept_dialog(dialog_, invite, flow_) != 0)
    return fail(errc::malformed, "INVITE whose Contact or Record-Route makes no dialog");
  invite_ = re_ptr<sip_msg>::share(&invite);
  invite_cseq_ = invite.cseq.num;
  contact_ = contact_header(environment_.stack, invite, environment_.settings.advertise);
  timer_ = timer;
  peer_min_se_ = read_timer(invite).min_se.value_or(std::chrono::seconds(0));
  learn_methods(invite);
  make_requester();
  if (sip_strans_alloc(&invite_transaction_, environment_.stack, &invite, on_invite_cancelled, this) != 0 ||
      sip_treply(&invite_transaction_, environment_.stack, &invite, 100, "Trying") != 0)
    return fail(errc::network, "100 cannot be sent");
  return {};
}

void session::ring() {
  if (phase_ != phase::proceeding)
    return;
  sip_treplyf(&invite_transaction_, nullptr, environment_.stack, invite_.get(), true, 180, "Ringing",
              "%sContent-Length: 0\r\n\r\n", contact_.c_str());
}

void session::accept(std::string sdp) {
  if (phase_ != phase::proceeding)
    return;
  ok_carries_offer_ = mbuf_get_left(invite_->mb) == 0;
  if (!send_ok(*invite_, invite_transaction_, timer_, sdp)) {
    end({38, "network_out_of_order"});
    return;
  }
  phase_ = phase::accepted;
  local_sdp_ = std::move(sdp);
  keep_alive(timer_);
}

void session::reject(const rejection& why) {
  if (phase_ != phase::proceeding)
    return;
  if (why.status == 488 || why.status == 606)
    environment_.counters.count(counter::invites_refused_not_acceptable);
  refuse_invite(why, headers_of(why));
  finish();
}

void session::refuse_invite(const rejection& why, const std::string& headers) {
  sip_treplyf(&invite_transaction_, nullptr, environment_.stack, invite_.get(), false,
              static_cast<std::uint16_t>(status_of(why)), phrase_of(why).c_str(),
              "%sContent-Length: 0\r\n\r\n", headers.c_str());
}

void session::answer_offer(std::string sdp) {
  if (phase_ == phase::over || !peer_offer_)
    return;
  auto offer = std::move(*peer_offer_);
  peer_offer_.reset();
  update_dialog(dialog_.get(), *offer.request, flow_);
  bool sent = false;
  if (offer.invite) {
    ok_carries_offer_ = mbuf_get_left(offer.request->mb) == 0;
    sent = send_ok(*offer.request, offer.transaction, offer.timer, sdp);
  } else {
    sent = sip_treplyf(&offer.transaction, nullptr, environment_.stack, offer.request.get(), true, 200, "OK",
                       "%s", ok_text(offer.timer, sdp).c_str()) == 0;
  }
  if (!sent) {
    end({38, "network_out_of_order"});
    return;
  }
  local_sdp_ = std::move(sdp);
  keep_alive(offer.timer);
  send_waiting_offer();
}

void session::refuse_offer(const rejection& why) {
  if (phase_ == phase::over || !peer_offer_)
    return;
  close_peer_offer(status_of(why), phrase_of(why), headers_of(why));
  send_waiting_offer();
}

void session::hang_up(const hangup_cause& cause) {
  silent_ = true;
  switch (phase_) {
  case phase::proceeding:
    refuse_invite({status_for(cause), {}, {}}, format_reason(cause));
    finish();
    break;
  case phase::accepted: // BYE has to wait for the ACK (RFC 3261 15)
    hang_up_after_ack_ = cause;
    break;
  case phase::confirmed:
    bye(cause);
    finish();
    break;
  case phase::over:
    break;
  }
}

void session::shut_down() {
  if (phase_ == phase::accepted) {
    silent_ = true;
    bye(hang_up_after_ack_.value_or(hangup_cause{38, "node_stopped"}));
    finish();
    return;
  }
  hang_up({38, "node_stopped"});
}

bool session::send_ok(const sip_msg& invite, sip_strans*& transaction, const timer_agreement& timer,
                      const std::string& sdp) {
  re_ptr<mbuf> sent;
  if (sip_treplyf(&transaction, sent.out(), environment_.stack, &invite, true, 200, "OK", "%s",
                  ok_text(timer, sdp).c_str()) != 0)
    return false;
  ok_.start(std::move(sent), invite);
  return true;
}

std::string session::ok_text(const timer_agreement& timer, const std::string& sdp) const {
  return fmt::format("{}Allow: {}\r\n{}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{}",
                     contact_, allowed_methods, answer_headers(timer), sdp.size(), sdp);
}

void session::on_invite_cancelled(void* self) {
  auto& me = *static_cast<session*>(self);
  if (me.phase_ != phase::proceeding)
    return;
  me.refuse_invite({487, {}, {}}, {});
  me.finish();
  me.tell(invite_cancelled{});
}

void session::tell(signalling_event event) {
  if (!silent_)
    environment_.listener.on_event(id_, std::move(event));
}

void session::end(const hangup_cause& cause) {
  if (phase_ == phase::over)
    return;
  finish(); // first: whoever hears of the end sees the call gone
  tell(dialog_ended{cause});
}

void session::bye(const hangup_cause& cause) {
  // Our own request that is under way is dropped first: its answer means nothing any more.
  requester_->cancel();
  send_bye(environment_.stack, std::move(dialog_), trunk_, format_reason(cause));
}

void session::finish() {
  if (phase_ == phase::over)
    return;
  phase_ = phase::over;
  ok_.stop();
  refresh_.cancel();
  expiry_.cancel();
  requester_->cancel();
  if (peer_offer_)
    close_peer_offer(487, std::string(reason_phrase(487)), {});
  environment_.retire(*this);
}

} // namespace plenary::sip_layer
