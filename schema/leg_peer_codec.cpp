// What a call and its leg say to each other, on the wire.

#include "schema/peer_codec.hpp"

namespace plenary::wire {

namespace {

/// Writes each order into its member of the union.
struct order_writer {
  LegOrder::Builder to;

  void operator()(const order::open& what) {
    auto open = to.initOpen();
    if (what.offer)
      open.setOffer(text_of(*what.offer));
    open.setSrtp(to_wire(what.srtp));
    if (what.continuing)
      write(open.initContinuing(), *what.continuing);
    open.setSignalling(text_of(what.signalling));
    open.setTrunk(text_of(what.trunk));
    open.setHeldBack(what.held_back);
  }
  void operator()(const order::renegotiate& what) {
    auto again = to.initRenegotiate();
    if (what.offer)
      again.setOffer(text_of(*what.offer));
  }
  void operator()(const order::accept_answer& what) { to.initAcceptAnswer().setAnswer(text_of(what.answer)); }
  void operator()(order::confirm) { to.setConfirm(); }
  void operator()(const order::enter& what) {
    auto enter = to.initEnter();
    write(enter.initRoom(), what.room);
    enter.setEpoch(what.epoch);
    write(enter.initHow(), what.how);
  }
  void operator()(order::exit) { to.setExit(); }
  void operator()(order::close) { to.setClose(); }
};

/// Writes each report into its member of the union.
struct report_writer {
  LegReport::Builder to;

  void operator()(const report::left_room& what) { to.initLeftRoom().setReason(to_wire(what.reason)); }
  void operator()(report::media_timed_out) { to.setMediaTimedOut(); }
  void operator()(const report::digit_pressed& what) {
    to.initDigitPressed().setDigit(static_cast<std::uint8_t>(what.digit));
  }
  void operator()(const report::room_moves& what) { write(to.initRoomMoves().initTo(), what.to); }
  void operator()(const report::participant_changed& what) {
    write(to.initParticipantChanged().initChange(), what.change);
  }
  void operator()(report::ended) { to.setEnded(); }
};

result<leg_order> read_open(LegOrder::Open::Reader from) {
  const auto srtp = from_wire(from.getSrtp());
  if (!srtp)
    return tl::unexpected<error>(srtp.error());
  order::open what;
  what.srtp = *srtp;
  if (from.hasOffer())
    what.offer = text_of(from.getOffer());
  if (from.hasContinuing())
    what.continuing = read(from.getContinuing());
  what.signalling = text_of(from.getSignalling());
  what.trunk = text_of(from.getTrunk());
  what.held_back = from.getHeldBack();
  return what;
}

leg_order read_renegotiate(LegOrder::Renegotiate::Reader from) {
  return order::renegotiate{from.hasOffer() ? std::optional{text_of(from.getOffer())} : std::nullopt};
}

} // namespace

void write(LegOrder::Builder to, const leg_order& from) {
  std::visit(order_writer{to}, from);
}

result<leg_order> read(LegOrder::Reader from) {
  switch (from.which()) {
  case LegOrder::OPEN:
    return read_open(from.getOpen());
  case LegOrder::RENEGOTIATE:
    return read_renegotiate(from.getRenegotiate());
  case LegOrder::ACCEPT_ANSWER:
    return order::accept_answer{text_of(from.getAcceptAnswer().getAnswer())};
  case LegOrder::CONFIRM:
    return order::confirm{};
  case LegOrder::ENTER: {
    auto enter = from.getEnter();
    return order::enter{read(enter.getRoom()), read(enter.getHow()), enter.getEpoch()};
  }
  case LegOrder::EXIT:
    return order::exit{};
  case LegOrder::CLOSE:
    return order::close{};
  case LegOrder::UNKNOWN:
    break;
  }
  return fail(errc::unsupported, "this node's version does not know the order to the leg");
}

void write(LegReply::Builder to, const leg_reply& from) {
  if (const auto* media = std::get_if<sdp_session>(&from))
    write(to.initMedia(), *media);
  else if (const auto* place = std::get_if<room_place>(&from))
    write(to.initPlace(), *place);
  else
    to.setDone();
}

result<leg_reply> read(LegReply::Reader from) {
  switch (from.which()) {
  case LegReply::DONE:
    return order::done{};
  case LegReply::MEDIA:
    return read(from.getMedia());
  case LegReply::PLACE:
    return read(from.getPlace());
  case LegReply::UNKNOWN:
    break;
  }
  return fail(errc::malformed, "the answer to the order is of an unknown kind");
}

void write(LegReport::Builder to, const leg_report& from) {
  std::visit(report_writer{to}, from);
}

result<leg_report> read(LegReport::Reader from) {
  switch (from.which()) {
  case LegReport::LEFT_ROOM:
    return report::left_room{from_wire(from.getLeftRoom().getReason())};
  case LegReport::MEDIA_TIMED_OUT:
    return report::media_timed_out{};
  case LegReport::DIGIT_PRESSED:
    return report::digit_pressed{static_cast<char>(from.getDigitPressed().getDigit())};
  case LegReport::ROOM_MOVES:
    return report::room_moves{read(from.getRoomMoves().getTo())};
  case LegReport::PARTICIPANT_CHANGED:
    return report::participant_changed{read(from.getParticipantChanged().getChange())};
  case LegReport::ENDED:
    return report::ended{};
  case LegReport::UNKNOWN:
    break;
  }
  return fail(errc::unsupported, "this node's version does not know the report of the leg");
}

} // namespace plenary::wire
