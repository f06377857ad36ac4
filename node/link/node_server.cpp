#include "node/link/node_server.hpp"

#include "node/link/served_pages.hpp"
#include "schema/peer_codec.hpp"

#include <kj/debug.h>

namespace plenary::link {

namespace {

using handler_pointer = std::weak_ptr<call_handler>;
using answer = result<peer_reply>;

constexpr std::size_t most_changed_rooms = 1'000'000; ///< of one `rooms_changed`, all parts together

using wire::text_of;

void fill(wire::Outcome<wire::Done>::Builder to, const peer::done&) {
  to.initValue();
}
void fill(wire::Outcome<wire::RoomPlace>::Builder to, const peer::room_place& value) {
  wire::write(to.initValue(), value);
}
void fill(wire::Outcome<wire::SdpSession>::Builder to, const peer::described_media& value) {
  wire::write(to.initValue(), value.session);
}
void fill(wire::Outcome<wire::CallPage>::Builder to, std::vector<call_record>& value) {
  write_page(to.initValue(), std::move(value));
}
void fill(wire::Outcome<wire::CallPage>::Builder to, std::optional<call_record>& value) {
  auto calls = to.initValue().initCalls(value ? 1 : 0);
  if (value)
    wire::write(calls[0], *value);
}
void fill(wire::Outcome<wire::RoomPage>::Builder to, room_snapshot& value) {
  write_page(to.initValue(), std::move(value));
}

/// Has a request served and writes what comes back, a `Request::reply` or an error, into the call's results.
template <class Request, class Context>
kj::Promise<void> respond(const handler_pointer& handler, Context context, Request what) {
  context.releaseParams();
  auto alive = handler.lock();
  if (!alive)
    return KJ_EXCEPTION(DISCONNECTED, "the link has ended");
  return alive->serve(std::move(what)).then([context](answer&& got) mutable {
    auto results = context.initResults();
    if (!got)
      return wire::write(results.initError(), got.error());
    if (auto* value = std::get_if<typename Request::reply>(&*got))
      return fill(results, *value);
    wire::write(results.initError(), error{errc::internal, "the answer does not fit the request"});
  });
}

/// A call that cannot even be put as a request.
template <class Context>
kj::Promise<void> respond_error(Context context, const error& why) {
  wire::write(context.initResults().initError(), why);
  return kj::READY_NOW;
}

class directory_server final : public wire::Directory::Server {
public:
  directory_server(handler_pointer handler, std::shared_ptr<peer::rooms_changed> parts)
      : handler_(std::move(handler))
      , parts_(std::move(parts)) {}

  kj::Promise<void> locate(LocateContext context) override {
    return respond(handler_, context, peer::locate_room{wire::read(context.getParams().getKey())});
  }

  kj::Promise<void> open(OpenContext context) override {
    auto from = context.getParams();
    return respond(handler_, context,
                   peer::open_room{wire::read(from.getRoom()), wire::from_wire(from.getReason()),
                                   std::chrono::milliseconds{from.getLostForMs()}});
  }

  kj::Promise<void> roomsChanged(RoomsChangedContext context) override {
    auto from = context.getParams();
    if (parts_->opened.size() + parts_->closed.size() + from.getOpened().size() + from.getClosed().size() >
        most_changed_rooms)
      return respond_error(context, {errc::limit_reached, "too many rooms in one message"});
    for (auto room : from.getOpened())
      parts_->opened.push_back(wire::read(room));
    for (auto room : from.getClosed())
      parts_->closed.push_back(wire::read(room));
    if (from.getMore()) {
      context.initResults().initValue();
      return kj::READY_NOW;
    }
    auto whole = std::exchange(*parts_, {});
    whole.all = from.getAll();
    return respond(handler_, context, std::move(whole));
  }

  kj::Promise<void> vacate(VacateContext context) override {
    auto from = context.getParams();
    return respond(handler_, context,
                   peer::vacate_room{wire::read(from.getKey()), from.getEpoch(), wire::read(from.getTo())});
  }

private:
  handler_pointer handler_;
  std::shared_ptr<peer::rooms_changed> parts_; ///< that came before the last; calls of a link are in order
};

class room_server final : public wire::Room::Server {
public:
  room_server(handler_pointer handler, room_key key)
      : handler_(std::move(handler))
      , key_(std::move(key)) {}

  kj::Promise<void> describe(DescribeContext context) override {
    return respond(handler_, context, peer::describe_room{key_});
  }

  kj::Promise<void> control(ControlContext context) override {
    auto from = context.getParams();
    auto what = wire::from_wire(from.getWhat(), from.getChange());
    if (!what)
      return respond_error(context, what.error());
    return respond(handler_, context,
                   peer::control_participant{key_, from.getEpoch(), {text_of(from.getCall())}, *what});
  }

  kj::Promise<void> end(EndContext context) override {
    return respond(handler_, context, peer::end_room{key_, context.getParams().getEpoch()});
  }

private:
  handler_pointer handler_;
  room_key key_;
};

class leg_server final : public wire::Leg::Server {
public:
  leg_server(handler_pointer handler, leg_name leg)
      : handler_(std::move(handler))
      , leg_(std::move(leg)) {}

  kj::Promise<void> open(OpenContext context) override {
    auto from = context.getParams();
    auto srtp = wire::from_wire(from.getSrtp());
    if (!srtp)
      return respond_error(context, srtp.error());
    peer::open_leg what{leg_, std::nullopt, *srtp, std::nullopt};
    what.signalling = text_of(from.getSignalling());
    what.trunk = text_of(from.getTrunk());
    what.held_back = from.getHeldBack();
    if (from.hasOffer())
      what.offer = text_of(from.getOffer());
    if (from.hasContinuing())
      what.continuing = wire::read(from.getContinuing());
    return respond(handler_, context, std::move(what));
  }

  kj::Promise<void> renegotiate(RenegotiateContext context) override {
    auto from = context.getParams();
    peer::renegotiate what{leg_, std::nullopt};
    if (from.hasOffer())
      what.offer = text_of(from.getOffer());
    return respond(handler_, context, std::move(what));
  }

  kj::Promise<void> acceptAnswer(AcceptAnswerContext context) override {
    return respond(handler_, context, peer::accept_answer{leg_, text_of(context.getParams().getAnswer())});
  }

  kj::Promise<void> enter(EnterContext context) override {
    auto from = context.getParams();
    return respond(handler_, context,
                   peer::enter_room{leg_, wire::read(from.getRoom()), from.getEpoch(),
                                    from.hasHow() ? wire::read(from.getHow())
                                                  : participation{from.getMuted(), from.getEndOnExit()}});
  }

  kj::Promise<void> exit(ExitContext context) override {
    return respond(handler_, context, peer::exit_room{leg_});
  }

  kj::Promise<void> close(CloseContext context) override {
    return respond(handler_, context, peer::close_leg{leg_});
  }

  kj::Promise<void> confirm(ConfirmContext context) override {
    return respond(handler_, context, peer::confirm_leg{leg_});
  }

private:
  handler_pointer handler_;
  leg_name leg_;
};

class call_server final : public wire::Call::Server {
public:
  call_server(handler_pointer handler, call_id id)
      : handler_(std::move(handler))
      , id_(std::move(id)) {}

  kj::Promise<void> leftRoom(LeftRoomContext context) override {
    auto from = context.getParams();
    return respond(handler_, context, peer::left_room{leg(from.getLeg()), wire::from_wire(from.getReason())});
  }

  kj::Promise<void> mediaTimedOut(MediaTimedOutContext context) override {
    return respond(handler_, context, peer::media_timed_out{leg(context.getParams().getLeg())});
  }

  kj::Promise<void> digitReceived(DigitReceivedContext context) override {
    auto from = context.getParams();
    return respond(handler_, context,
                   peer::digit_received{leg(from.getLeg()), static_cast<char>(from.getDigit())});
  }

  kj::Promise<void> roomMoves(RoomMovesContext context) override {
    auto from = context.getParams();
    return respond(handler_, context, peer::room_moves{leg(from.getLeg()), wire::read(from.getTo())});
  }

  kj::Promise<void> participantChanged(ParticipantChangedContext context) override {
    auto from = context.getParams();
    auto change = wire::read(from.getChange());
    change.muted = from.getMuted();
    return respond(handler_, context, peer::participant_changed{leg(from.getLeg()), std::move(change)});
  }

  kj::Promise<void> legEnded(LegEndedContext context) override {
    return respond(handler_, context, peer::leg_ended{leg(context.getParams().getLeg())});
  }

  kj::Promise<void> describe(DescribeContext context) override {
    return respond(handler_, context, peer::describe_call{id_});
  }

  kj::Promise<void> hangUp(HangUpContext context) override {
    return respond(handler_, context, peer::hang_up_call{{text_of(context.getParams().getCustomer())}, id_});
  }

private:
  leg_name leg(std::uint32_t number) const { return {id_, number}; }

  handler_pointer handler_;
  call_id id_;
};

class node_server final : public wire::Node::Server {
public:
  explicit node_server(handler_pointer handler)
      : handler_(std::move(handler)) {}

  kj::Promise<void> hello(HelloContext context) override {
    auto from = context.getParams();
    alive()->greet(from.getMe(), wire::read(from.getIdentity()), wire::read(from.getStatus()),
                   context.initResults());
    return kj::READY_NOW;
  }

  kj::Promise<void> ping(PingContext context) override {
    auto status = alive()->beat(wire::read(context.getParams().getStatus()));
    if (!status)
      return KJ_EXCEPTION(FAILED, "no hello was accepted");
    wire::write(context.initResults().initStatus(), *status);
    return kj::READY_NOW;
  }

  kj::Promise<void> directory(DirectoryContext context) override {
    context.initResults().setDirectory(kj::heap<directory_server>(handler_, changed_rooms_));
    return kj::READY_NOW;
  }

  kj::Promise<void> room(RoomContext context) override {
    context.initResults().setRoom(kj::heap<room_server>(handler_, wire::read(context.getParams())));
    return kj::READY_NOW;
  }

  kj::Promise<void> call(CallContext context) override {
    context.initResults().setCall(
        kj::heap<call_server>(handler_, call_id{text_of(context.getParams().getId())}));
    return kj::READY_NOW;
  }

  kj::Promise<void> leg(LegContext context) override {
    context.initResults().setLeg(kj::heap<leg_server>(handler_, wire::read(context.getParams())));
    return kj::READY_NOW;
  }

  kj::Promise<void> listCalls(ListCallsContext context) override {
    return respond(handler_, context, peer::list_calls{{text_of(context.getParams().getCustomer())}});
  }

  kj::Promise<void> drain(DrainContext context) override {
    return respond(handler_, context, peer::drain_node{context.getParams().getDrain()});
  }

  kj::Promise<void> refuse(RefuseContext context) override {
    alive()->refused(wire::read(context.getParams().getReason()));
    return kj::READY_NOW;
  }

private:
  std::shared_ptr<call_handler> alive() const {
    auto alive = handler_.lock();
    if (!alive)
      kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "the link has ended"));
    return alive;
  }

  handler_pointer handler_;
  std::shared_ptr<peer::rooms_changed> changed_rooms_ = std::make_shared<peer::rooms_changed>();
};

} // namespace

wire::Node::Client make_node_server(std::weak_ptr<call_handler> handler) {
  return kj::heap<node_server>(std::move(handler));
}

} // namespace plenary::link
