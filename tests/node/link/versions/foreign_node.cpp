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

private:
  static void describe(wire::Identity::Builder identity) {
    identity.setName("node-z");
    identity.setIncarnation(1);
    identity.setWeight(1);
    identity.setProtocol(2);
#ifdef LATER_VERSION
    identity.setInvented("new");
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
#ifdef LATER_VERSION
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
