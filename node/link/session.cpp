#include "node/link/session.hpp"

#include "node/link/request_sender.hpp"
#include "schema/peer_codec.hpp"

#include <kj/debug.h>

namespace plenary::link {

namespace {

constexpr std::size_t largest_message = 4u << 20;

double seconds_since(mono_time start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The verdict as the dialler reads it.
judgement verdict_of(wire::Welcome::Reader welcome) {
  auto said = welcome.getVerdict();
  switch (said.which()) {
  case wire::Welcome::Verdict::REFUSED:
    return {verdict::refuse, wire::read(said.getRefused())};
  case wire::Welcome::Verdict::ACCEPTED:
    return {verdict::accept, {}};
  case wire::Welcome::Verdict::DIAL_BACK:
    return {verdict::dial_back, {}};
  case wire::Welcome::Verdict::SELF:
    return {verdict::self, {}};
  }
  return {verdict::refuse, {errc::unavailable, "the peer answered hello with something unknown"}};
}

void write_verdict(wire::Welcome::Verdict::Builder to, const judgement& given) {
  switch (given.what) {
  case verdict::accept:
  case verdict::duplicate:
    return to.setAccepted();
  case verdict::dial_back:
    return to.setDialBack();
  case verdict::self:
    return to.setSelf();
  case verdict::refuse:
    return wire::write(to.initRefused(), given.reason);
  }
}

} // namespace

capnp::ReaderOptions reader_options() {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = largest_message / sizeof(capnp::word);
  return options;
}

std::shared_ptr<session> session::open(environment& around, kj::Own<kj::AsyncIoStream> stream, origin from,
                                       session_owner& owner, std::shared_ptr<answer_desk> desk) {
  std::shared_ptr<session> made{new session(around, kj::mv(stream), std::move(from), owner, std::move(desk))};
  made->start();
  return made;
}

session::session(environment& around, kj::Own<kj::AsyncIoStream> stream, origin from, session_owner& owner,
                 std::shared_ptr<answer_desk> desk)
    : around_(around)
    , owner_(owner)
    , desk_(std::move(desk))
    , origin_(std::move(from))
    , stream_(kj::mv(stream), around.counters())
    , network_(stream_,
               origin_.dialled ? capnp::rpc::twoparty::Side::CLIENT : capnp::rpc::twoparty::Side::SERVER,
               reader_options())
    , tasks_(*this) {}

wire::Node::Client& session::remote() {
  PLENARY_ASSERT(remote_.has_value());
  return *remote_;
}

session::~session() noexcept {
  for (auto& [number, done] : std::exchange(asked_, {}))
    done(fail(errc::unavailable, "the link ended before the answer"));
}

void session::start() {
  if (origin_.dialled) {
    rpc_.emplace(capnp::makeRpcClient(network_));
    capnp::MallocMessageBuilder message;
    auto id = message.initRoot<capnp::rpc::twoparty::VatId>();
    id.setSide(capnp::rpc::twoparty::Side::SERVER);
    remote_.emplace(rpc_->bootstrap(id).castAs<wire::Node>());
  } else {
    rpc_.emplace(
        capnp::makeRpcServer(network_, capnp::Capability::Client{make_node_server(weak_from_this())}));
  }
  tasks_.add(network_.onDisconnect().then([this] { end(link_end::closed); }));
}

kj::Promise<judgement> session::hello() {
  auto request = remote().helloRequest();
  request.setMe(make_node_server(weak_from_this()));
  wire::write(request.initIdentity(), around_.own);
  wire::write(request.initStatus(), around_.status);
  return request.send().then([this](capnp::Response<wire::Welcome>&& welcome) {
    peer_ = wire::read(welcome.getIdentity());
    peer_status_ = wire::read(welcome.getStatus());
    return verdict_of(welcome);
  });
}

void session::greet(wire::Node::Client peer, peer_identity who, member_status status,
                    wire::Welcome::Builder answer) {
  KJ_REQUIRE(state_ == state::greeting && !origin_.dialled, "hello stands at the start, by the dialler");
  remote_.emplace(kj::mv(peer));
  peer_ = std::move(who);
  peer_status_ = std::move(status);
  auto given = owner_.on_greeting(*this);
  if (given.what == verdict::accept && state_ == state::greeting)
    state_ = state::accepted;
  wire::write(answer.initIdentity(), around_.own);
  wire::write(answer.initStatus(), around_.status);
  write_verdict(answer.getVerdict(), given);
}

std::optional<member_status> session::beat(member_status status) {
  if (state_ == state::accepted) {
    peer_status_ = status;
    owner_.on_confirmed(*this);
  }
  if (state_ != state::up)
    return std::nullopt;
  // A new phase is asked for at once, so that the listener hears of it with the time of our own question.
  if (status.phase != peer_status_.phase) {
    peer_status_.phase = status.phase;
    tell_status();
  }
  return around_.status;
}

void session::refused(error reason) {
  if (state_ == state::accepted || state_ == state::up)
    owner_.on_refused(*this, reason);
}

void session::confirm() {
  state_ = state::up;
  tasks_.add(keep_beating().catch_([this](kj::Exception&& why) {
    end(why.getType() == kj::Exception::Type::OVERLOADED ? link_end::silent : link_end::closed);
  }));
}

kj::Promise<void> session::refuse(const error& reason) {
  auto request = remote().refuseRequest();
  wire::write(request.initReason(), reason);
  return request.send().ignoreResult();
}

kj::Promise<void> session::ping() {
  auto asked_at = std::chrono::steady_clock::now();
  auto request = remote().pingRequest();
  wire::write(request.initStatus(), around_.status);
  return around_.timer.timeoutAfter(to_kj(around_.settings.silence), request.send())
      .then([this, asked_at](capnp::Response<wire::Node::PingResults>&& answer) {
        around_.counters().observe(histogram::link_round_trip, seconds_since(asked_at));
        if (state_ != state::up)
          return;
        peer_status_ = wire::read(answer.getStatus());
        around_.listener.on_status(peer_.name, peer_status_, asked_at);
        owner_.on_heard(*this);
      });
}

kj::Promise<void> session::keep_beating() {
  if (overloaded()) {
    end(link_end::overload);
    return kj::READY_NOW;
  }
  return ping()
      .then([this] { return around_.timer.afterDelay(to_kj(around_.settings.heartbeat)); })
      .then([this] { return keep_beating(); });
}

void session::tell_status() {
  if (state_ == state::up)
    tasks_.add(ping());
}

bool session::overloaded() {
  return network_.getCurrentQueueSize() + stream_.buffered() > around_.settings.max_queued_bytes;
}

void session::ask(const peer_request& what, std::chrono::milliseconds deadline, peer_network::callback done) {
  auto number = ++next_ask_;
  asked_.emplace(number, std::move(done));
  if (overloaded())
    return end(link_end::overload);
  auto late = around_.timer.afterDelay(to_kj(deadline)).then([]() -> result<peer_reply> {
    return fail(errc::timeout, "the peer did not answer in time");
  });
  tasks_.add(send_request(remote(), std::min(around_.own.protocol, peer_.protocol), what)
                 .exclusiveJoin(kj::mv(late))
                 .then([this, number](result<peer_reply>&& answer) { finish(number, kj::mv(answer)); }));
}

void session::finish(std::uint64_t number, result<peer_reply>&& answer) {
  auto found = asked_.find(number);
  if (found == asked_.end())
    return;
  auto done = std::move(found->second);
  asked_.erase(found);
  done(std::move(answer));
}

kj::Promise<result<peer_reply>> session::serve(peer_request what) {
  if (state_ != state::up)
    return result<peer_reply>{fail(errc::unauthorized, "no hello was accepted")};
  if (serving_ >= around_.settings.max_unanswered)
    return result<peer_reply>{fail(errc::limit_reached, "too many requests without an answer")};
  ++serving_;
  return desk_->pass_on(peer_.name, std::move(what)).attach(kj::defer([alive = weak_from_this()] {
    if (auto self = alive.lock())
      --self->serving_;
  }));
}

void session::end(link_end reason) {
  if (state_ == state::ended)
    return;
  state_ = state::ended;
  for (auto& [number, done] : std::exchange(asked_, {}))
    done(fail(errc::unavailable, "the link ended before the answer"));
  stream_.cut();
  owner_.on_ended(*this, reason);
}

void session::taskFailed(kj::Exception&& why) {
  // The heartbeat and the network's end have handlers of their own; an extra ping may fail with them.
  around_.log().debug("link_task_failed", {{"peer", peer_.name.value},
                                           {"reason", std::string_view{why.getDescription().cStr()}}});
}

} // namespace plenary::link
