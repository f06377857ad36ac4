// A node of another version, as small as it can be: listens, accepts one hello, asks the node that dialled a
// few things, and prints one line for each answer. Compiled against the frozen schema, and against a later
// one.
#include "node.capnp.h"

#include <capnp/ez-rpc.h>
#include <kj/debug.h>

#include <cstdio>
#include <string>

namespace wire = plenary::wire;

namespace {

void say(const char* what, const std::string& value) {
  std::printf("%s %s\n", what, value.c_str());
  std::fflush(stdout);
}

std::string verdict_of(wire::Outcome<wire::Done>::Reader from) {
  if (from.isValue())
    return "done";
  return "error " + std::to_string(static_cast<unsigned>(from.getError().getCode()));
}

#ifdef LATER_VERSION
std::string verdict_of(wire::Outcome<wire::LegReply>::Reader from) {
  if (from.isValue())
    return "reply " + std::to_string(static_cast<unsigned>(from.getValue().which()));
  return "error " + std::to_string(static_cast<unsigned>(from.getError().getCode()));
}
#endif

std::string type_of(const kj::Exception& why) {
  return why.getType() == kj::Exception::Type::UNIMPLEMENTED ? "unimplemented" : "failed";
}

class foreign_directory final : public wire::Directory::Server {
  kj::Promise<void> locate(LocateContext context) override {
    auto name = context.getParams().getKey().getName();
    if (name == "unknown-error") {
      context.getResults().initError().setCode(static_cast<wire::ErrorCode>(17));
      return kj::READY_NOW;
    }
    auto place = context.getResults().initValue();
    place.setOwner(name);
    place.setEpoch(5);
#ifdef LATER_VERSION
    place.setInvented("new");
#endif
    return kj::READY_NOW;
  }
};

/// Says which method it was asked by.
class foreign_leg final : public wire::Leg::Server {
  kj::Promise<void> enter(EnterContext context) override {
    say("leg", std::string{"enter "} + context.getParams().getRoom().getName().cStr());
    context.getResults().initValue().setEpoch(5);
    return kj::READY_NOW;
  }
#ifdef LATER_VERSION
  kj::Promise<void> order(OrderContext context) override {
    auto what = context.getParams().getWhat();
    auto answer = context.getResults().initValue();
    if (what.isEnter()) {
      say("leg", std::string{"order "} + what.getEnter().getRoom().getName().cStr());
      answer.initPlace().setEpoch(5);
    } else
      answer.setInvented();
    return kj::READY_NOW;
  }
#endif
};

/// The same of a call.
class foreign_call final : public wire::Call::Server {
  kj::Promise<void> mediaTimedOut(MediaTimedOutContext context) override {
    say("call", "mediaTimedOut " + std::to_string(context.getParams().getLeg()));
    context.getResults().initValue();
    return kj::READY_NOW;
  }
#ifdef LATER_VERSION
  kj::Promise<void> report(ReportContext context) override {
    say("call", "report " + std::to_string(context.getParams().getLeg()));
    context.getResults().initValue();
    return kj::READY_NOW;
  }
#endif
};

class foreign_node final : public wire::Node::Server, private kj::TaskSet::ErrorHandler {
public:
  foreign_node()
      : tasks_(*this) {}

  kj::Promise<void> hello(HelloContext context) override {
    auto from = context.getParams();
    say("hello", std::string{from.getIdentity().getName().cStr()});
    auto answer = context.getResults();
    describe(answer.initIdentity());
    describe(answer.initStatus());
    answer.getVerdict().setAccepted();
    peer_ = from.getMe();
    return kj::READY_NOW;
  }

  kj::Promise<void> ping(PingContext context) override {
    describe(context.getResults().initStatus());
    if (!asked_) {
      asked_ = true;
      ask(KJ_ASSERT_NONNULL(peer_));
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> directory(DirectoryContext context) override {
    context.getResults().setDirectory(kj::heap<foreign_directory>());
    return kj::READY_NOW;
  }

  kj::Promise<void> leg(LegContext context) override {
    context.getResults().setLeg(kj::heap<foreign_leg>());
    return kj::READY_NOW;
  }

  kj::Promise<void> call(CallContext context) override {
    context.getResults().setCall(kj::heap<foreign_call>());
    return kj::READY_NOW;
  }

private:
  static void describe(wire::Identity::Builder identity) {
    identity.setName("node-z");
    identity.setIncarnation(1);
    identity.setWeight(1);
#ifdef LATER_VERSION
    identity.setProtocol(99);
    identity.setInvented("new");
#else
    identity.setProtocol(1);
#endif
  }

  static void describe(wire::Status::Builder status) {
    status.setCallers(7);
#ifdef LATER_VERSION
    status.setPhase(wire::Phase::INVENTED);
#else
    status.setPhase(wire::Phase::LIVE);
#endif
  }

  void ask(wire::Node::Client peer) {
    auto heartbeat = peer.pingRequest();
    describe(heartbeat.initStatus());
    tasks_.add(heartbeat.send().then([](auto&&) { say("ping", "answered"); }));
    auto drain = peer.drainRequest();
    drain.setDrain(true);
    tasks_.add(drain.send().then([](auto&& answer) { say("drain", verdict_of(answer)); }));
    auto room = [&] {
      auto request = peer.roomRequest();
      request.setCustomer("cust");
      request.setName("standup");
      return request.send().getRoom();
    }();
    auto control = room.controlRequest();
    control.setCall("call_1");
    control.setWhat(static_cast<wire::ParticipantAction>(999));
    tasks_.add(control.send().then([](auto&& answer) { say("control", verdict_of(answer)); }));
    ask_for_a_leg(peer);
  }

  void ask_for_a_leg(wire::Node::Client& peer) {
    auto found = peer.legRequest();
    found.setCall("call_1");
    found.setNumber(2);
    auto leg = found.send().getLeg();
    auto close = leg.closeRequest();
    tasks_.add(close.send().then([](auto&& answer) { say("leg.close", verdict_of(answer)); }));
    auto named = peer.callRequest();
    named.setId("call_1");
    auto call = named.send().getCall();
    auto ended = call.legEndedRequest();
    ended.setLeg(2);
    tasks_.add(ended.send().then([](auto&& answer) { say("call.legEnded", verdict_of(answer)); }));
#ifdef LATER_VERSION
    auto order = leg.orderRequest();
    order.initWhat().setClose();
    tasks_.add(order.send().then([](auto&& answer) { say("leg.order", verdict_of(answer)); }));
    auto invented_order = leg.orderRequest();
    invented_order.initWhat().initInvented().setWhat("new");
    tasks_.add(invented_order.send().then([](auto&& answer) { say("leg.invented", verdict_of(answer)); }));
    auto invented_report = call.reportRequest();
    invented_report.initWhat().setInvented();
    tasks_.add(invented_report.send().then([](auto&& answer) { say("call.invented", verdict_of(answer)); }));
#endif
    ask_what_nobody_knows(peer);
  }

  void ask_what_nobody_knows([[maybe_unused]] wire::Node::Client& peer) {
#ifdef LATER_VERSION
    auto room = peer.roomRequest().send().getRoom();
    tasks_.add(
        peer.inventedRequest().send().then([](auto&& answer) { say("node.invented", verdict_of(answer)); },
                                           [](kj::Exception&& why) { say("node.invented", type_of(why)); }));
    tasks_.add(
        room.inventedRequest().send().then([](auto&& answer) { say("room.invented", verdict_of(answer)); },
                                           [](kj::Exception&& why) { say("room.invented", type_of(why)); }));
#endif
  }

  void taskFailed(kj::Exception&& why) override {
    say("failed", type_of(why));
  }

  kj::Maybe<wire::Node::Client> peer_;
  bool asked_ = false;
  kj::TaskSet tasks_;
};

} // namespace

int main() {
  capnp::EzRpcServer server{kj::heap<foreign_node>(), "127.0.0.1", 0};
  auto& scope = server.getWaitScope();
  say("port", std::to_string(server.getPort().wait(scope)));
  kj::Promise<void>{kj::NEVER_DONE}.wait(scope);
}
