#include "node/link/node_server.hpp"

#include "node/link/leg_server.hpp"
#include "node/link/respond.hpp"

namespace plenary::link {

namespace {

using wire::text_of;

constexpr std::size_t most_changed_rooms = 1'000'000; ///< of one `rooms_changed`, all parts together

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
    context.initResults().setCall(make_call_server(handler_, {text_of(context.getParams().getId())}));
    return kj::READY_NOW;
  }

  kj::Promise<void> leg(LegContext context) override {
    context.initResults().setLeg(make_leg_server(handler_, wire::read(context.getParams())));
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
