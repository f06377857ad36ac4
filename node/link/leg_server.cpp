#include "node/link/leg_server.hpp"

#include "node/link/respond.hpp"

namespace plenary::link {

namespace {

using wire::text_of;

class leg_server final : public wire::Leg::Server {
public:
  leg_server(handler_pointer handler, leg_name leg)
      : handler_(std::move(handler))
      , leg_(std::move(leg)) {}

  kj::Promise<void> order(OrderContext context) override {
    auto what = wire::read(context.getParams().getWhat());
    return what ? take(context, std::move(*what)) : respond_error(context, what.error());
  }

  // Of nodes of protocol 1: one method for each order.

  kj::Promise<void> open(OpenContext context) override {
    auto from = context.getParams();
    auto srtp = wire::from_wire(from.getSrtp());
    if (!srtp)
      return respond_error(context, srtp.error());
    order::open what;
    what.srtp = *srtp;
    if (from.hasOffer())
      what.offer = text_of(from.getOffer());
    if (from.hasContinuing())
      what.continuing = wire::read(from.getContinuing());
    what.signalling = text_of(from.getSignalling());
    what.trunk = text_of(from.getTrunk());
    what.held_back = from.getHeldBack();
    return take(context, std::move(what));
  }

  kj::Promise<void> renegotiate(RenegotiateContext context) override {
    auto from = context.getParams();
    return take(context,
                order::renegotiate{from.hasOffer() ? std::optional{text_of(from.getOffer())} : std::nullopt});
  }

  kj::Promise<void> acceptAnswer(AcceptAnswerContext context) override {
    return take(context, order::accept_answer{text_of(context.getParams().getAnswer())});
  }

  kj::Promise<void> enter(EnterContext context) override {
    auto from = context.getParams();
    auto how =
        from.hasHow() ? wire::read(from.getHow()) : participation{from.getMuted(), from.getEndOnExit()};
    return take(context, order::enter{wire::read(from.getRoom()), std::move(how), from.getEpoch()});
  }

  kj::Promise<void> exit(ExitContext context) override { return take(context, order::exit{}); }

  kj::Promise<void> close(CloseContext context) override { return take(context, order::close{}); }

  kj::Promise<void> confirm(ConfirmContext context) override { return take(context, order::confirm{}); }

private:
  template <class Context>
  kj::Promise<void> take(Context context, leg_order what) {
    return respond(handler_, context, peer::order_leg{leg_, std::move(what)});
  }

  handler_pointer handler_;
  leg_name leg_;
};

class call_server final : public wire::Call::Server {
public:
  call_server(handler_pointer handler, call_id id)
      : handler_(std::move(handler))
      , id_(std::move(id)) {}

  kj::Promise<void> describe(DescribeContext context) override {
    return respond(handler_, context, peer::describe_call{id_});
  }

  kj::Promise<void> hangUp(HangUpContext context) override {
    return respond(handler_, context, peer::hang_up_call{{text_of(context.getParams().getCustomer())}, id_});
  }

  kj::Promise<void> report(ReportContext context) override {
    auto what = wire::read(context.getParams().getWhat());
    return what ? take(context, std::move(*what)) : respond_error(context, what.error());
  }

  // Of nodes of protocol 1: one method for each report.

  kj::Promise<void> leftRoom(LeftRoomContext context) override {
    return take(context, report::left_room{wire::from_wire(context.getParams().getReason())});
  }

  kj::Promise<void> mediaTimedOut(MediaTimedOutContext context) override {
    return take(context, report::media_timed_out{});
  }

  kj::Promise<void> digitReceived(DigitReceivedContext context) override {
    return take(context, report::digit_pressed{static_cast<char>(context.getParams().getDigit())});
  }

  kj::Promise<void> roomMoves(RoomMovesContext context) override {
    return take(context, report::room_moves{wire::read(context.getParams().getTo())});
  }

  kj::Promise<void> participantChanged(ParticipantChangedContext context) override {
    auto from = context.getParams();
    auto change = wire::read(from.getChange());
    change.muted = from.getMuted();
    return take(context, report::participant_changed{std::move(change)});
  }

  kj::Promise<void> legEnded(LegEndedContext context) override { return take(context, report::ended{}); }

private:
  template <class Context>
  kj::Promise<void> take(Context context, leg_report what) {
    const auto leg = context.getParams().getLeg();
    return respond(handler_, context, leg_told{{id_, leg}, std::move(what)});
  }

  handler_pointer handler_;
  call_id id_;
};

} // namespace

wire::Leg::Client make_leg_server(handler_pointer handler, leg_name leg) {
  return kj::heap<leg_server>(std::move(handler), std::move(leg));
}

wire::Call::Client make_call_server(handler_pointer handler, call_id id) {
  return kj::heap<call_server>(std::move(handler), std::move(id));
}

} // namespace plenary::link
