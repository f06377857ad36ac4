#include "node/link/hub.hpp"

#include "node/link/tls_identity.hpp"

#include <fmt/format.h>
#include <kj/debug.h>

#include <algorithm>

namespace plenary::link {

namespace {

constexpr auto accept_pause = 100 * kj::MILLISECONDS; ///< after accept() failed, for example for descriptors

/// So long an older process of a restarted node is refused; then a clock that was set back is forgiven.
constexpr auto newest_memory = std::chrono::seconds{10};

counter counter_of(link_end reason) {
  switch (reason) {
  case link_end::closed:
    return counter::links_ended_closed;
  case link_end::silent:
    return counter::links_ended_silent;
  case link_end::refused:
    return counter::links_ended_refused;
  case link_end::overload:
    return counter::links_ended_overload;
  }
  return counter::links_ended_closed;
}

/// Addresses whose lines are remembered.
constexpr std::size_t most_told = 256;

std::string_view text_of(const kj::Exception& why) {
  return why.getDescription().cStr();
}

/// The stream keeps the context, which must outlive it; with the last stream of a renewed one it goes.
kj::Promise<kj::AuthenticatedStream> keeping(std::shared_ptr<kj::TlsContext> context,
                                             kj::Promise<kj::AuthenticatedStream> handshake) {
  return handshake.then([context = std::move(context)](kj::AuthenticatedStream safe) mutable {
    safe.stream = safe.stream.attach(std::move(context));
    return safe;
  });
}

} // namespace

/// Destroys something from the loop, never inside one of its own callbacks.
template <class Dead>
void hub::bury(Dead dead) {
  tasks_.add(kj::evalLater([gone = std::move(dead)] {}));
}

hub::hub(environment& around, sockets opened)
    : around_(around)
    , sockets_(kj::mv(opened))
    , desk_(std::make_shared<answer_desk>(around))
    , tasks_(*this)
    , told_(token_rate{1.0 / 60, 1}, most_told)
    , dials_(
          around, [this](const std::string& address) { return dial(address); },
          [this](const node_name& peer) { return links_.contains(peer); }) {
  tasks_.add(accept_next());
}

hub::~hub() noexcept = default;

// -- accepting ----------------------------------------------------------------------------------------------

kj::Promise<void> hub::accept_next() {
  // accept() throws synchronously when descriptors are used up.
  return kj::evalNow([this] { return sockets_.listening->acceptAuthenticated(); })
      .then(
          [this](kj::AuthenticatedStream stream) {
            accepted(kj::mv(stream));
            return accept_next();
          },
          [this](kj::Exception&& why) {
            around_.log().warning("link_accept_failed", {{"reason", text_of(why)}});
            return around_.timer.afterDelay(accept_pause).then([this] { return accept_next(); });
          });
}

void hub::accepted(kj::AuthenticatedStream stream) {
  if (newcomers_.size() >= around_.settings.max_greeting)
    turn_away(newcomers_.begin(), "too many unconfirmed connections");
  auto number = ++next_newcomer_;
  const kj::String source = stream.peerIdentity->toString();
  auto greeting = kj::evalLater(
      [this, number, stream = kj::mv(stream)]() mutable { return receive(number, kj::mv(stream)); });
  newcomers_[number].source = std::string{source.begin(), source.size()};
  newcomers_[number].work =
      around_.timer.timeoutAfter(to_kj(around_.settings.greeting_limit), kj::mv(greeting))
          .eagerlyEvaluate([this, number](kj::Exception&& why) {
            if (auto who = newcomers_.find(number); who != newcomers_.end())
              turn_away(who, text_of(why));
          });
}

kj::Promise<void> hub::receive(std::uint64_t number, kj::AuthenticatedStream stream) {
  kj::Promise<kj::AuthenticatedStream> wrapped = nullptr;
  if (sockets_.tls)
    wrapped = keeping(sockets_.tls, sockets_.tls->wrapServer(kj::mv(stream)));
  else
    wrapped = kj::mv(stream);
  return wrapped.then([this, number](kj::AuthenticatedStream safe) -> kj::Promise<void> {
    session::origin from{false, common_name(safe), ""};
    newcomers_[number].connection =
        session::open(around_, kj::mv(safe.stream), std::move(from), *this, desk_);
    return kj::NEVER_DONE; // until it is confirmed, ends, or the time is over
  });
}

hub::newcomers::iterator hub::find(const session& which) {
  return std::find_if(newcomers_.begin(), newcomers_.end(),
                      [&](const auto& entry) { return entry.second.connection.get() == &which; });
}

void hub::turn_away(newcomers::iterator who, std::string_view reason) {
  // One that has introduced itself and was judged is no stranger.
  if (!who->second.connection || who->second.connection->peer().name.value.empty()) {
    around_.counters().count(counter::link_handshakes_refused);
    const auto& source = who->second.source;
    around_.log().write(level_for(source.substr(0, source.rfind(':'))), "link_handshake_refused",
                        {{"source", source}, {"reason", reason}});
  }
  bury(std::move(who->second));
  newcomers_.erase(who);
}

log_level hub::level_for(const std::string& whom) {
  return told_.take(whom, std::chrono::steady_clock::now()) ? log_level::info : log_level::debug;
}

std::optional<std::string> hub::common_name(kj::AuthenticatedStream& stream) {
  if (sockets_.tls == nullptr)
    return std::nullopt;
  auto name = kj::downcast<kj::TlsPeerIdentity>(*stream.peerIdentity).getCommonName();
  return std::string{name.begin(), name.size()};
}

// -- dialling -----------------------------------------------------------------------------------------------

kj::Promise<dial_outcome> hub::dial(const std::string& address) {
  auto attempt = connect(address).then(
      [this, address](kj::AuthenticatedStream stream) { return introduce(address, kj::mv(stream)); });
  return around_.timer.timeoutAfter(to_kj(around_.settings.greeting_limit), kj::mv(attempt))
      .catch_([this, address](kj::Exception&& why) {
        around_.log().write(level_for(address), "link_dial_failed",
                            {{"address", address}, {"reason", text_of(why)}});
        return dial_outcome::failed;
      });
}

kj::Promise<kj::AuthenticatedStream> hub::connect(const std::string& address) {
  return kj::evalNow([&] {
           return sockets_.network.parseAddress({address.c_str(), address.size()});
         })
      .then([this](kj::Own<kj::NetworkAddress>&& parsed) {
        auto connecting = parsed->connectAuthenticated();
        return around_.timer.timeoutAfter(to_kj(around_.settings.connect_limit), kj::mv(connecting))
            .attach(kj::mv(parsed));
      })
      .then([this](kj::AuthenticatedStream stream) -> kj::Promise<kj::AuthenticatedStream> {
        if (sockets_.tls)
          return keeping(sockets_.tls, sockets_.tls->wrapClient(kj::mv(stream), common_certificate_name));
        return kj::mv(stream);
      });
}

kj::Promise<dial_outcome> hub::introduce(const std::string& address, kj::AuthenticatedStream stream) {
  session::origin from{true, common_name(stream), address};
  auto dialled = session::open(around_, kj::mv(stream.stream), std::move(from), *this, desk_);
  auto* connection = dialled.get();
  return connection->hello()
      .then([this, dialled](judgement&& theirs) { return welcomed(dialled, theirs); })
      .attach(kj::defer([this, dialled] { bury(dialled); }));
}

kj::Promise<dial_outcome> hub::welcomed(const std::shared_ptr<session>& dialled, const judgement& theirs) {
  auto ours = judge_peer(*dialled);
  if (theirs.what == verdict::self || ours.what == verdict::self)
    return dial_outcome::self;
  dials_.note_peer(dialled->from().address, dialled->peer().name);
  drop_older_link(dialled->peer());
  if (theirs.what == verdict::refuse) {
    on_refused(*dialled, theirs.reason);
    return theirs.reason.code == errc::unavailable ? dial_outcome::paused : dial_outcome::refused;
  }
  if (ours.what == verdict::refuse)
    return reject(dialled, ours.reason);
  if (theirs.what == verdict::dial_back || ours.what == verdict::dial_back)
    return dial_outcome::dial_back;
  if (ours.what == verdict::accept)
    raise(dialled);
  return dial_outcome::linked;
}

kj::Promise<dial_outcome> hub::reject(const std::shared_ptr<session>& dialled, const error& reason) {
  log_refusal(*dialled, reason);
  auto how = reason.code == errc::unavailable ? dial_outcome::paused : dial_outcome::refused;
  return dialled->refuse(reason).then([how] { return how; }, [how](kj::Exception&&) { return how; });
}

// -- deciding -----------------------------------------------------------------------------------------------

judgement hub::judge_peer(const session& which) {
  const auto& peer = which.peer();
  introduction facts{around_.own, peer, which.from().certificate_name, !which.from().dialled,
                     is_paused(peer.name)};
  if (auto link = links_.find(peer.name); link != links_.end())
    facts.linked_incarnation = link->second->peer().incarnation;
  auto known = newest_.find(peer.name);
  if (known != newest_.end() && std::chrono::steady_clock::now() < known->second.until)
    facts.newest_incarnation = known->second.incarnation;
  return judge(facts);
}

judgement hub::on_greeting(session& from) {
  auto given = judge_peer(from);
  if (given.what == verdict::refuse) {
    log_refusal(from, given.reason);
    return given;
  }
  if (given.what == verdict::self)
    return given;
  drop_older_link(from.peer());
  if (given.what == verdict::dial_back) {
    dials_.learn(from.peer().address, from.peer().name);
    dials_.wake(from.peer().name, std::chrono::milliseconds{0}); // the way is free: no back-off any more
  }
  return given;
}

void hub::on_confirmed(session& which) {
  auto who = find(which);
  // Circumstances may have changed since hello: a pause, or another link of a newer incarnation.
  if (who == newcomers_.end() || judge_peer(which).what != verdict::accept)
    return which.end(link_end::closed);
  auto link = who->second.connection;
  bury(std::move(who->second));
  newcomers_.erase(who);
  raise(link);
}

void hub::on_refused(session& which, const error& reason) {
  log_refusal(which, reason);
  if (which.up())
    which.end(link_end::refused);
}

void hub::drop_older_link(const peer_identity& peer) {
  auto link = links_.find(peer.name);
  if (link == links_.end() || link->second->peer().incarnation >= peer.incarnation)
    return;
  newest_[peer.name] = {peer.incarnation, std::chrono::steady_clock::now() + newest_memory};
  close_link(peer.name);
}

void hub::close_link(const node_name& peer) {
  auto link = links_.find(peer);
  if (link == links_.end())
    return;
  auto held = link->second; // it leaves `links_` meanwhile
  held->end(link_end::closed);
}

void hub::raise(const std::shared_ptr<session>& link) {
  auto peer = link->peer();
  close_link(peer.name);
  links_[peer.name] = link;
  around_.log().info("link_up", {{"peer", peer.name.value},
                                 {"address", peer.address},
                                 {"version", peer.version},
                                 {"dialled", link->from().dialled}});
  around_.listener.on_link_up(peer, link->last_status());
  link->confirm();
  on_heard(*link);
}

void hub::on_heard(session& which) {
  for (const auto& other : which.last_status().links)
    if (other.name != around_.own.name && !other.address.empty() && !links_.contains(other.name))
      dials_.learn(other.address, other.name);
  compare_customers(which);
}

void hub::compare_customers(const session& with) {
  const auto& peer = with.peer().name;
  const auto differ = customers_.note(peer, around_.customers, with.last_status().customers,
                                      std::chrono::steady_clock::now());
  if (!differ)
    return;
  if (differ->empty())
    return around_.log().info("customers_agree", {{"peer", peer.value}});
  around_.log().warning("customers_differ",
                        {{"peer", peer.value},
                         {"differ", *differ},
                         {"hint", "give all nodes the same [[application]] and [[did]], then SIGHUP"}});
}

void hub::on_ended(session& which, link_end reason) {
  if (auto who = find(which); who != newcomers_.end())
    return turn_away(who, "closed before it was confirmed");
  auto link = links_.find(which.peer().name);
  if (link == links_.end() || link->second.get() != &which)
    return;
  auto name = link->first;
  bury(std::move(link->second));
  links_.erase(link);
  around_.counters().count(counter_of(reason));
  around_.log().warning("link_down", {{"peer", name.value}, {"reason", to_string(reason)}});
  customers_.forget(name);
  around_.listener.on_link_down(name, reason);
  auto pause = reason == link_end::refused ? around_.settings.refused_pause : std::chrono::milliseconds{0};
  if (is_paused(name))
    pause =
        std::chrono::ceil<std::chrono::milliseconds>(paused_until_[name] - std::chrono::steady_clock::now());
  dials_.wake(name, pause);
}

bool hub::is_paused(const node_name& peer) const {
  auto found = paused_until_.find(peer);
  return found != paused_until_.end() && std::chrono::steady_clock::now() < found->second;
}

void hub::log_refusal(const session& which, const error& reason) {
  if (reason.code == errc::unavailable)
    return; // passes by itself
  around_.counters().count(counter::links_ended_refused);
  around_.log().warning("link_refused", {{"peer", which.peer().name.value},
                                         {"address", which.peer().address},
                                         {"reason", reason.message},
                                         {"hint", hint_for(reason)}});
}

// -- the network's methods ----------------------------------------------------------------------------------

void hub::ask(const node_name& peer, const peer_request& what, std::chrono::milliseconds deadline,
              peer_network::callback done) {
  auto link = links_.find(peer);
  if (link == links_.end())
    return done(fail(errc::unavailable, fmt::format("there is no link to node \"{}\"", peer.value)));
  auto held = link->second; // it leaves `links_` when the ask finds it overloaded
  held->ask(what, deadline, std::move(done));
}

void hub::set_status(member_status status) {
  auto changed = status.phase != around_.status.phase;
  around_.status = std::move(status);
  around_.status.customers = around_.customers;
  if (changed)
    for (auto& [name, link] : links_)
      link->tell_status();
}

void hub::set_customers(const customer_digests& customers, std::uint64_t configuration) {
  around_.own.configuration = configuration;
  around_.customers = customers;
  around_.status.customers = customers;
}

void hub::set_addresses(const std::vector<std::string>& addresses) {
  dials_.set(addresses);
}

void hub::cut(const node_name& peer, std::chrono::milliseconds pause) {
  paused_until_[peer] = std::chrono::steady_clock::now() + pause;
  close_link(peer);
}

result<void> hub::load_tls(const link_tls_files& files) {
  auto made = make_tls_context(files, around_.timer, around_.settings.greeting_limit);
  if (!made)
    return tl::unexpected(made.error());
  loaded_tls_ = std::move(*made);
  return {};
}

void hub::use_loaded_tls() {
  auto loaded = std::exchange(loaded_tls_, nullptr);
  if (loaded && sockets_.tls)
    sockets_.tls = std::move(loaded);
}

void hub::taskFailed(kj::Exception&& why) {
  around_.log().error("link_task_failed", {{"reason", text_of(why)}});
}

} // namespace plenary::link
