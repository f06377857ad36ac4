#include "node/sip/requester.hpp"

#include "node/sip/message_checks.hpp"
#include "node/sip/message_reader.hpp"
#include "node/sip/readable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary::sip_layer {

namespace {

/// Times one request is sent, however it is refused; a guess that no real exchange reaches.
constexpr int max_attempts = 6;

/// 0 to 2 s in steps of 10 ms: the side that did not make the Call-ID (RFC 3261 14.1).
std::chrono::milliseconds glare_delay() {
  return std::chrono::milliseconds(10 * (rand_u32() % 201));
}

/// Wait before asking `may_send` again.
constexpr std::chrono::milliseconds occupied_delay{200};

} // namespace

bool is_broken(int error) {
  return error != 0 && error != ETIMEDOUT && error != ECONNABORTED; // libre's own: the stack closes
}

bool take_challenge(const sip_msg& answer, const request_dialog& asked) {
  std::vector<digest_challenge> challenges;
  if (asked.dialog->is_inside(answer))
    for (const bool proxy : {false, true})
      for (const auto value :
           header_values(answer, proxy ? SIP_HDR_PROXY_AUTHENTICATE : SIP_HDR_WWW_AUTHENTICATE))
        if (challenges.size() < max_challenges)
          for (auto& each : read_challenges(value, proxy))
            challenges.push_back(std::move(each));
  if (asked.credentials->take(challenges))
    return true;
  asked.counters->count(counter::digest_challenges_refused);
  const auto source = to_text(answer.src);
  const auto realm = readable(challenges.empty() ? std::string_view{} : challenges.front().realm);
  asked.log->warning("sip_challenge_refused", {{"call", std::string_view{asked.call}},
                                               {"trunk", std::string_view{asked.credentials->trunk().name}},
                                               {"source", std::string_view{source}},
                                               {"realm", std::string_view{realm}}});
  return false;
}

requester::requester(request_dialog dialog, std::function<bool()> may_send, outcome_handler on_outcome)
    : dialog_(std::move(dialog))
    , may_send_(std::move(may_send))
    , on_outcome_(std::move(on_outcome))
    , again_([this] {
      if (may_send_())
        transmit();
      else
        again_.start(occupied_delay);
    }) {}

void requester::send(own_request request, std::chrono::seconds min_se) {
  PLENARY_ASSERT(!busy());
  wanted_ = std::move(request);
  min_se_ = std::max(min_se_, min_se);
  attempts_ = 0;
  dialog_.credentials->begin_request();
  transmit();
}

void requester::transmit() {
  ++attempts_;
  const auto body = wanted_.sdp.value_or("");
  authorization_ = dialog_.credentials->lines({wanted_.method, dialog_.dialog->target(), body});
  auto text = fmt::format("{}{}Allow: {}\r\n{}{}Content-Length: {}\r\n\r\n{}", authorization_,
                          dialog_.contact, allowed_methods, request_headers(wanted_.timer, min_se_),
                          wanted_.sdp ? "Content-Type: application/sdp\r\n" : "", body.size(), body);
  if (dialog_.dialog->send(dialog_.stack, {wanted_.method, dialog_.dialog->next_sequence(), std::move(text)},
                           {nullptr, on_response, this}, &request_) != 0)
    on_outcome_({request_outcome::kind::refused, 0, nullptr, wanted_.timer});
}

void requester::on_response(int error, const sip_msg* answer, void* self) {
  auto& me = *static_cast<requester*>(self);
  if (is_broken(error) && me.dialog_.dialog->leave_flow())
    me.transmit();
  else if (error != 0 || answer == nullptr)
    me.on_outcome_({request_outcome::kind::lost, 0, nullptr, me.wanted_.timer});
  else if (answer->scode >= 200)
    me.on_final(*answer);
}

void requester::on_final(const sip_msg& answer) {
  const bool dialog_is_gone = answer.scode == 408 || answer.scode == 481; // RFC 3261 12.2.1.2
  const bool of_another_dialog = !dialog_is_gone && !dialog_.dialog->matches(answer);
  if (!of_another_dialog && answer.scode < 300)
    on_accepted(answer);
  else if (dialog_is_gone)
    on_outcome_({request_outcome::kind::lost, answer.scode, nullptr, wanted_.timer});
  else if (of_another_dialog || attempts_ >= max_attempts || !try_again(answer))
    on_outcome_({request_outcome::kind::refused, answer.scode, nullptr, wanted_.timer});
}

void requester::on_accepted(const sip_msg& answer) {
  dialog_.credentials->accepted();
  dialog_.dialog->refresh(answer);
  if (view(answer.cseq.met) == "INVITE")
    acknowledge(answer.cseq.num);
  on_outcome_({request_outcome::kind::accepted, answer.scode, &answer, wanted_.timer});
}

bool requester::try_again(const sip_msg& answer) {
  if (answer.scode == 491) {
    again_.start(glare_delay());
    return true;
  }
  if (answer.scode == 422) {
    const auto least = read_timer(answer).min_se;
    if (!least || *least <= wanted_.timer.interval)
      return false;
    min_se_ = std::max(min_se_, *least);
    wanted_.timer.interval = *least;
    transmit();
    return true;
  }
  if ((answer.scode != 401 && answer.scode != 407) || !take_challenge(answer, dialog_))
    return false;
  transmit();
  return true;
}

int requester::keep_ack(sip_transp transport, const sa*, const sa* target, mbuf* message, void* self) {
  auto& me = *static_cast<requester*>(self);
  me.ack_ = re_ptr<mbuf>::share(message); // libre writes the rest of the ACK into the same buffer
  me.ack_target_ = *target;
  me.ack_transport_ = transport;
  return 0;
}

void requester::acknowledge(std::uint32_t cseq) {
  ack_cseq_ = cseq;
  dialog_.dialog->send(dialog_.stack, {"ACK", cseq, authorization_ + "Content-Length: 0\r\n\r\n", false},
                       {keep_ack, nullptr, this}, nullptr);
}

bool requester::repeat_ack(std::uint32_t cseq) {
  if (!ack_ || cseq != ack_cseq_)
    return false;
  ack_->pos = 0;
  sip_send(dialog_.stack, nullptr, ack_transport_, &ack_target_, ack_.get());
  return true;
}

void requester::cancel() {
  again_.cancel();
  if (auto* request = std::exchange(request_, nullptr))
    mem_deref(request);
}

} // namespace plenary::sip_layer
