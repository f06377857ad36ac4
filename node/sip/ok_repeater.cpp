#include "node/sip/ok_repeater.hpp"

#include <algorithm>

namespace plenary::sip_layer {

ok_repeater::ok_repeater(::sip* stack, telemetry& counters, std::chrono::milliseconds t1,
                         std::function<void()> on_no_ack)
    : stack_(stack)
    , counters_(counters)
    , t1_(t1)
    , again_([this] { repeat(); })
    , give_up_([this, on_no_ack = std::move(on_no_ack)] {
      stop();
      on_no_ack();
    }) {}

void ok_repeater::start(re_ptr<mbuf> answer, const sip_msg& invite) {
  answer_ = std::move(answer);
  invite_ = re_ptr<sip_msg>::share(&invite);
  // Not the source address: without rport the answer belongs to the port in the Via (RFC 3261 18.2.2).
  pl ignored;
  const bool rport = msg_param_exists(&invite.via.params, "rport", &ignored) == 0;
  sip_reply_addr(&target_, &invite, rport);
  interval_ = t1_;
  again_.start(interval_);
  give_up_.start(64 * t1_);
}

bool ok_repeater::acknowledge(std::uint32_t cseq) {
  if (!waiting() || invite_->cseq.num != cseq)
    return false;
  stop();
  return true;
}

void ok_repeater::stop() {
  again_.cancel();
  give_up_.cancel();
  answer_.reset();
  invite_.reset();
}

void ok_repeater::repeat() {
  answer_->pos = 0;
  sip_send(stack_, invite_->sock, invite_->tp, &target_, answer_.get());
  counters_.count(counter::sip_retransmissions);
  interval_ = std::min(2 * interval_, 8 * t1_);
  again_.start(interval_);
}

} // namespace plenary::sip_layer
