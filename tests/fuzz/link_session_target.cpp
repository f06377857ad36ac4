// What a peer says on a link: messages of RPC in any order, and bytes that are none (node/link/session).
#include "node/link/session.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/fake_edges.hpp"

#include <capnp/rpc.capnp.h>
#include <capnp/serialize.h>
#include <kj/async-io.h>

#include <algorithm>

namespace plenary::fuzz::link_session_target {

namespace {

using namespace link;

/// The node behind the session: answers what is asked at once, with little.
class served_node final : public peer_listener, public session_owner {
public:
  void on_link_up(peer_identity, member_status) override {}
  void on_status(const node_name&, member_status, mono_time) override {}
  void on_link_down(const node_name&, link_end) override {}
  void on_request(const node_name&, peer_request what, peer_network::callback answer) override {
    FUZZ_CHECK(up);
    const auto* here = std::get_if<node_request>(&what);
    if (here != nullptr && std::holds_alternative<peer::list_calls>(*here))
      return answer(peer_reply{std::vector<call_record>(3)});
    if (here == nullptr && std::holds_alternative<peer::locate_room>(std::get<directory_request>(what)))
      return answer(peer_reply{room_place{}});
    answer(peer_reply{peer::done{}});
  }

  judgement on_greeting(session&) override { return {}; }
  void on_confirmed(session& which) override {
    up = true;
    which.confirm();
  }
  void on_refused(session& which, const error&) override { which.end(link_end::refused); }
  void on_heard(session&) override {}
  void on_ended(session&, link_end) override { ++ended; }

  bool up = false;
  int ended = 0;
};

/// Writes the peer's messages.
class peer_script {
public:
  explicit peer_script(bytes input)
      : from_(input) {}

  bool over() const { return from_.empty(); }

  /// The next message, or bytes that are none.
  std::vector<kj::byte> next() {
    const auto what = from_.byte() % 10;
    if (what == 0) {
      const auto raw = from_.take(from_.below(200));
      return {raw.begin(), raw.end()};
    }
    capnp::MallocMessageBuilder message;
    write(what, message.initRoot<capnp::rpc::Message>());
    const auto flat = capnp::messageToFlatArray(message);
    const auto all = flat.asBytes();
    return {all.begin(), all.end()};
  }

private:
  using call_builder = capnp::rpc::Call::Builder;

  void write(int what, capnp::rpc::Message::Builder to) {
    switch (what) {
    case 1:
      return to.initBootstrap().setQuestionId(id());
    case 2:
      return write_hello(to.initCall());
    case 3:
      return write_ping(to.initCall());
    case 4: {
      auto finish = to.initFinish();
      finish.setQuestionId(id());
      return finish.setReleaseResultCaps(from_.flag());
    }
    case 5: {
      auto release = to.initRelease();
      release.setId(id());
      return release.setReferenceCount(from_.byte());
    }
    case 6: {
      auto answer = to.initReturn();
      answer.setAnswerId(id());
      return write_payload(answer.initResults());
    }
    case 7:
      return write_disembargo(to.initDisembargo());
    default:
      return write_call(to.initCall());
    }
  }

  std::uint32_t id() { return from_.byte() % 6; }

  std::string text() { return std::string{text_of(from_.take(from_.byte() % 24))}; }

  void write_target(capnp::rpc::MessageTarget::Builder to) {
    if (from_.flag())
      return to.setImportedCap(id());
    auto promised = to.initPromisedAnswer();
    promised.setQuestionId(id());
    auto path = promised.initTransform(from_.byte() % 3);
    for (auto step : path)
      step.setGetPointerField(from_.byte() % 3);
  }

  void aim(call_builder call, std::uint64_t interface_id, std::uint16_t method) {
    call.setQuestionId(id());
    write_target(call.initTarget());
    call.setInterfaceId(interface_id);
    call.setMethodId(method);
  }

  /// The first call on a bootstrap capability.
  void write_hello(call_builder call) {
    aim(call, capnp::typeId<wire::Node>(), 0);
    auto params = call.initParams().initContent().initAs<wire::Node::HelloParams>();
    params.initIdentity().setName(text().c_str());
    params.initStatus();
  }

  void write_ping(call_builder call) {
    aim(call, capnp::typeId<wire::Node>(), 1);
    call.initParams().initContent().initAs<wire::Node::PingParams>().initStatus();
  }

  void write_call(call_builder call) {
    static const std::uint64_t interfaces[] = {capnp::typeId<wire::Node>(), capnp::typeId<wire::Directory>(),
                                               capnp::typeId<wire::Leg>(),  capnp::typeId<wire::Call>(),
                                               capnp::typeId<wire::Room>(), capnp::typeId<wire::MoreCalls>()};
    const auto which = interfaces[from_.byte() % std::size(interfaces)];
    aim(call, which, from_.byte() % 12);
    write_payload(call.initParams());
  }

  /// Any struct: numbers, texts, structs in it, and capabilities that may not be there.
  void write_payload(capnp::rpc::Payload::Builder to) {
    auto caps = to.initCapTable(from_.byte() % 3);
    for (auto cap : caps)
      from_.flag() ? cap.setSenderHosted(id()) : cap.setReceiverHosted(id());
    write_struct(to.getContent().initAsAnyStruct(from_.byte() % 4, from_.byte() % 5), 2);
  }

  void write_struct(capnp::AnyStruct::Builder to, int depth) {
    auto numbers = to.getDataSection();
    const auto given = from_.take(numbers.size());
    std::copy(given.begin(), given.end(), numbers.begin());
    for (auto pointer : to.getPointerSection()) {
      const auto what = from_.byte() % 4;
      if (what == 1)
        pointer.setAs<capnp::Text>(text().c_str());
      else if (what == 2 && depth > 0)
        write_struct(pointer.initAsAnyStruct(from_.byte() % 4, from_.byte() % 5), depth - 1);
      else if (what == 3 && depth > 0)
        for (auto each : pointer.initAsListOfAnyStruct(1, 2, from_.byte() % 4))
          write_struct(each, depth - 1);
    }
  }

  void write_disembargo(capnp::rpc::Disembargo::Builder to) {
    write_target(to.initTarget());
    auto context = to.getContext();
    from_.flag() ? context.setSenderLoopback(id()) : context.setReceiverLoopback(id());
  }

  byte_source from_;
};

/// Reads and forgets what the session says.
kj::Promise<void> swallow(kj::AsyncIoStream& stream, std::vector<kj::byte>& room) {
  return stream.tryRead(room.data(), 1, room.size())
      .then([&stream, &room](std::size_t size) -> kj::Promise<void> {
        return size == 0 ? kj::Promise<void>(kj::READY_NOW) : swallow(stream, room);
      });
}

void carry_out(task_queue& queue) {
  for (auto& each : queue.take())
    each();
}

void run_link_session(bytes input) {
  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};
  test::counting_telemetry counters;
  test::silent_logger log;
  link_settings settings;
  settings.counters = &counters;
  settings.log = &log;
  served_node node;
  environment around{settings, {}, node, std::make_shared<task_queue>(), timer};
  auto desk = std::make_shared<answer_desk>(around);
  auto ends = kj::newTwoWayPipe();
  {
    auto served = session::open(around, kj::mv(ends.ends[0]), {}, node, desk);
    auto& peer = *ends.ends[1];
    std::vector<kj::byte> room(4096);
    auto reading = swallow(peer, room).eagerlyEvaluate([](kj::Exception&&) {});
    peer_script script{input};
    for (int i = 0; i < 40 && !script.over() && node.ended == 0; ++i) {
      const auto said = script.next();
      bool taken = false;
      auto writing = peer.write(said.data(), said.size())
                         .then([&taken] { taken = true; })
                         .eagerlyEvaluate([](kj::Exception&&) {});
      scope.poll();
      carry_out(*around.queue);
      scope.poll();
      if (!taken) // the session reads no more
        break;
    }
    reading = nullptr;
    ends.ends[1] = nullptr;
    scope.poll();
    carry_out(*around.queue);
  }
  scope.poll();
  carry_out(*around.queue);
  FUZZ_CHECK(node.ended <= 1);
  FUZZ_CHECK(desk->unanswered() == 0);
}

FUZZ_TARGET(.name = "link_session", .run = run_link_session,
            .limit = {.allocated = 4 * 1024 * 1024, .allocated_per_byte = 16 * 1024});

} // namespace

} // namespace plenary::fuzz::link_session_target
