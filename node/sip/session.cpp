#include "node/sip/session.hpp"

#include "node/sip/farewell.hpp"
#include "node/sip/message_checks.hpp"
#include "node/sip/message_reader.hpp"
#include "node/sip/reason_header.hpp"
#include "node/sip/rejection_headers.hpp"

#include <fmt/format.h>

namespace plenary::sip_layer {

namespace {

std::string phrase_of(const rejection& why) {
  std::string phrase;
  for (char c : why.reason)
    if (c >= ' ' && c != 0x7f)
      phrase += c;
  return phrase.empty() ? std::string(reason_phrase(why.status)) : phrase;
}

std::string agent_of(const sip_settings& settings) {
  return settings.user_agent.empty() ? "Plenary/" PLENARY_VERSION : settings.user_agent;
}

/// The host and port of our Contact line, which name us in a Warning.
std::string_view host_in(std::string_view contact) {
  const auto start = contact.find_first_of('@') != std::string_view::npos ? contact.find_first_of('@') + 1
                                                                          : contact.find("sip:") + 4;
  return contact.substr(start, contact.find_first_of(";>", start) - start);
}

/// What is not a refusal becomes one that says nothing wrong.
int status_of(const rejection& why) {
  return why.status >= 400 && why.status <= 699 ? why.status : 503;
}

} // namespace

session::session(session_environment& environment, call_id id, std::shared_ptr<const known_trunk> trunk)
    : environment_(environment)
    , id_(std::move(id))
    , trunk_(std::move(trunk))
    , credentials_(trunk_, environment.pins)
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
  // The dialog may outlive the session, for its BYE.
  const auto inside = [trunk = trunk_](const ip_address& address) { return trunk->owns(address); };
  auto made = dialog::accept(invite, inside, agent_of(environment_.settings));
  if (!made)
    return tl::unexpected(made.error());
  dialog_ = std::make_unique<dialog>(std::move(*made));
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
  refuse_invite(why, rejection_headers(why, host_in(contact_)));
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
  dialog_->refresh(*offer.request);
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
  close_peer_offer(status_of(why), phrase_of(why), rejection_headers(why, host_in(contact_)));
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
  if (me.phase_ != phase::proceeding || !me.may_cancel())
    return;
  me.refuse_invite({487, {}, {}}, {});
  me.finish();
  me.tell(invite_cancelled{});
}

bool session::may_cancel() const {
  if (trunk_->owns(to_ip(environment_.packet_source)))
    return true;
  environment_.counters.count(counter::dialog_requests_refused_source);
  return false;
}

void session::tell(signalling_event event) {
  if (!silent_)
    environment_.listener.on_event(id_, std::move(event));
}

void session::end(const hangup_cause& cause, bool by_caller) {
  if (phase_ == phase::over)
    return;
  finish(); // first: whoever hears of the end sees the call gone
  tell(dialog_ended{cause, by_caller});
}

void session::bye(const hangup_cause& cause) {
  // Our own request that is under way is dropped first: its answer means nothing any more.
  requester_->cancel();
  send_bye({environment_.stack, std::move(dialog_), credentials_, &environment_.counters, &environment_.log,
            id_.value, environment_.in_use},
           format_reason(cause));
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
