#include "node/link/first_protocol.hpp"

namespace plenary::link {

namespace {

using wire::text_of;

leg_reply as_reply(wire::Done::Reader) {
  return order::done{};
}
leg_reply as_reply(wire::SdpSession::Reader value) {
  return wire::read(value);
}
leg_reply as_reply(wire::RoomPlace::Reader value) {
  return wire::read(value);
}

[[maybe_unused]] promised_reply not_known() { // for orders and reports of later protocols
  return result<peer_reply>{fail(errc::unsupported, "the peer's version does not know this request")};
}

/// One method for each order.
class order_sender {
public:
  explicit order_sender(wire::Leg::Client leg)
      : leg_(kj::mv(leg)) {}

  promised_reply operator()(const order::open& what) {
    auto call = leg_.openRequest();
    if (what.offer)
      call.setOffer(text_of(*what.offer));
    call.setSrtp(wire::to_wire(what.srtp));
    if (what.continuing)
      wire::write(call.initContinuing(), *what.continuing);
    call.setSignalling(text_of(what.signalling));
    call.setTrunk(text_of(what.trunk));
    call.setHeldBack(what.held_back);
    return send<wire::SdpSession>(call);
  }
  promised_reply operator()(const order::renegotiate& what) {
    auto call = leg_.renegotiateRequest();
    if (what.offer)
      call.setOffer(text_of(*what.offer));
    return send<wire::SdpSession>(call);
  }
  promised_reply operator()(const order::accept_answer& what) {
    auto call = leg_.acceptAnswerRequest();
    call.setAnswer(text_of(what.answer));
    return send<wire::Done>(call);
  }
  promised_reply operator()(const order::enter& what) {
    auto call = leg_.enterRequest();
    wire::write(call.initRoom(), what.room);
    call.setEpoch(what.epoch);
    call.setMuted(what.how.muted);
    call.setEndOnExit(what.how.end_on_exit);
    wire::write(call.initHow(), what.how);
    return send<wire::RoomPlace>(call);
  }
  promised_reply operator()(order::confirm) { return send<wire::Done>(leg_.confirmRequest()); }
  promised_reply operator()(order::exit) { return send<wire::Done>(leg_.exitRequest()); }
  promised_reply operator()(order::close) { return send<wire::Done>(leg_.closeRequest()); }
  template <class Later>
  promised_reply operator()(const Later&) {
    return not_known();
  }

private:
  template <class Value, class Request>
  static promised_reply send(Request&& call) {
    return send_call<Value>(call, [](auto value) { return peer_reply{as_reply(value)}; });
  }

  wire::Leg::Client leg_;
};

/// One method for each report.
class report_sender {
public:
  report_sender(wire::Call::Client call, std::uint32_t leg)
      : call_(kj::mv(call))
      , leg_(leg) {}

  promised_reply operator()(const report::left_room& what) {
    return send(call_.leftRoomRequest(), [&](auto& call) { call.setReason(wire::to_wire(what.reason)); });
  }
  promised_reply operator()(report::media_timed_out) {
    return send(call_.mediaTimedOutRequest(), [](auto&) {});
  }
  promised_reply operator()(const report::digit_pressed& what) {
    return send(call_.digitReceivedRequest(),
                [&](auto& call) { call.setDigit(static_cast<std::uint8_t>(what.digit)); });
  }
  promised_reply operator()(const report::room_moves& what) {
    return send(call_.roomMovesRequest(), [&](auto& call) { wire::write(call.initTo(), what.to); });
  }
  promised_reply operator()(const report::participant_changed& what) {
    return send(call_.participantChangedRequest(), [&](auto& call) {
      call.setMuted(what.change.muted.value_or(false));
      wire::write(call.initChange(), what.change);
    });
  }
  promised_reply operator()(report::ended) {
    return send(call_.legEndedRequest(), [](auto&) {});
  }
  template <class Later>
  promised_reply operator()(const Later&) {
    return not_known();
  }

private:
  template <class Request, class Fill>
  promised_reply send(Request call, Fill fill) {
    call.setLeg(leg_);
    fill(call);
    return send_done(call);
  }

  wire::Call::Client call_;
  std::uint32_t leg_;
};

} // namespace

promised_reply order_by_first_protocol(wire::Leg::Client leg, const leg_order& what) {
  return std::visit(order_sender{kj::mv(leg)}, what);
}

promised_reply report_by_first_protocol(wire::Call::Client call, std::uint32_t leg, const leg_report& what) {
  return std::visit(report_sender{kj::mv(call), leg}, what);
}

} // namespace plenary::link
