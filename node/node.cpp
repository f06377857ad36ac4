#include "node/node.hpp"

#include "actors/directory/directory_actor.hpp"
#include "actors/link/responder_actor.hpp"
#include "actors/webhook/webhook_pool_actor.hpp"
#include "node/clock/real_time.hpp"
#include "node/recovery.hpp"
#include "node/settings.hpp"
#include "node/store/private_files.hpp"
#include "node/watched_scheduler.hpp"

#include <algorithm>

namespace plenary {

namespace {

/// What a leaving node keeps of its time for the farewell of its last calls, at most.
constexpr std::chrono::seconds farewell_time{4};
constexpr std::chrono::seconds shortest_farewell{1};

constexpr std::chrono::seconds progress_patience{1};

/// Messages that one actor may handle in a row, so that a full mailbox cannot hold a worker.
constexpr std::size_t messages_per_turn = 64;

/// Threads that read offers and documents: one that is busy with a heavy one leaves another for the rest.
constexpr std::size_t reading_threads = 2;

/// Gives CAF's workers, which mix, real-time priority.
class mixing_priority_hook final : public caf::thread_hook {
public:
  void init(caf::actor_system&) override {}
  void thread_started() override { enter_real_time(mixing_priority); }
  void thread_terminates() override {}
};

wall_time wall_clock() {
  return wall_time{std::chrono::system_clock::now()};
}

/// What a node without links says of itself.
peer_identity lone_identity(const peer_identity& linked) {
  peer_identity self;
  self.version = linked.version;
  self.incarnation = linked.incarnation;
  self.region = linked.region;
  return self;
}

std::string_view edge_name(signalling_transport transport) {
  switch (transport) {
  case signalling_transport::udp:
    return "sip_udp";
  case signalling_transport::tcp:
    return "sip_tcp";
  case signalling_transport::tls:
    return "sip_tls";
  }
  return "sip";
}

} // namespace

result<std::unique_ptr<node>> node::start(configuration config, logger& log) {
  std::unique_ptr<node> made(new node(std::move(config), log));
  if (auto started = made->start_edges(); !started)
    return tl::unexpected<error>(started.error());
  if (auto started = made->start_links(); !started)
    return tl::unexpected<error>(started.error());
  made->start_actors();
  made->watchdog_ = std::make_unique<watchdog>(made->seen_, log, made->config_.node.drain_deadline);
  if (auto started = made->start_signalling(); !started)
    return tl::unexpected<error>(started.error());
  made->announce();
  return made;
}

node::node(configuration config, logger& log)
    : config_(std::move(config))
    , log_(log)
    , catalogue_(edition_of(config_))
    , health_(std::make_shared<store_health>(meters_, log_))
    , gateway_([this](const node_name& lost, std::uint64_t incarnation) {
      end_calls_of_lost_node(*store_, catalogue_, lost, incarnation, wall_clock, log_);
    }) {}

result<void> node::start_edges() {
  if (auto made = make_private_folder(config_.node.data_dir / "store"); !made)
    return made;
  auto settings = store_settings_of(config_, wall_clock());
  settings.health = health_;
  auto store = open_store({config_.store.url, config_.node.data_dir}, meters_, log_, std::move(settings));
  if (!store)
    return tl::unexpected<error>(store.error());
  store_ = std::move(*store);
  if (auto ended = end_unfinished_calls(*store_, catalogue_, config_.node.name, wall_clock(), log_); !ended)
    return tl::unexpected<error>(ended.error());
  http_client_ = std::make_unique<curl_http_client>(http_client_settings_of(config_, meters_, log_));
  auto media = udp_media_transport::make(media_settings_of(config_), meters_);
  if (!media)
    return tl::unexpected<error>(media.error());
  media_ = std::move(*media);
  ticks_ = std::make_unique<metronome>(config_.node.real_time, &seen_);
  return {};
}

result<void> node::start_links() {
  if (config_.cluster.listen.empty())
    return {};
  auto peers = kj_peer_network::start(link_settings_of(config_, meters_, log_), gateway_);
  if (!peers)
    return tl::unexpected<error>(peers.error());
  peers_ = std::move(*peers);
  if (config_.cluster.discovery == cluster_discovery::etcd)
    discovery_ = std::make_unique<etcd_discovery>(etcd_settings_of(config_, peers_->identity().address, log_),
                                                  [peers = peers_.get()](std::vector<std::string> addresses) {
                                                    peers->set_addresses(std::move(addresses));
                                                  });
  return {};
}

void node::start_actors() {
  work_ = std::make_unique<worker_pool>(reading_threads, meters_);
  edges_ = {.node = config_.node.name,
            .log = &log_,
            .meters = &meters_,
            .store = store_.get(),
            .http = http_client_.get(),
            .sip = nullptr, // set before any call actor starts
            .media = media_.get(),
            .ticks = ticks_.get(),
            .peers = peers_.get(),
            .permit = &permit_,
            .work = work_.get(),
            .wall_clock = wall_clock,
            .customers = &catalogue_};
  watch_workers(actor_config_, seen_);
  actor_config_.set("scheduler.max-threads", std::max<std::size_t>(2, std::thread::hardware_concurrency()));
  actor_config_.set("scheduler.max-throughput", messages_per_turn);
  if (config_.node.real_time)
    actor_config_.add_thread_hook<mixing_priority_hook>();
  actors_ = std::make_unique<caf::actor_system>(actor_config_);
  auto placing = directory_settings_of(config_);
  if (peers_) {
    placing.cluster.self = peers_->identity();
    permit_.hold_until(mono_time::min()); // until it knows the members
  } else {
    placing.cluster.self = lone_identity(link_settings_of(config_, meters_, log_).identity);
  }
  registry_settings calls;
  calls.failed = [this](const call_id& id) { end_failed_call(edges_, id); };
  placing.live = calls.live;
  placing.registry = calls_ = actors_->spawn(registry, std::move(calls), &edges_);
  directory_ = actors_->spawn(directory, placing, &edges_, &permit_);
  responder_ = caf::actor_cast<responder_actor>(actors_->spawn(responder, directory_, calls_, &edges_));
  gateway_.open(directory_);
  webhooks_ = caf::actor_cast<webhook_pool_actor>(
      actors_->spawn(webhook_pool, webhook_settings_of(config_), &edges_));
  router_ = std::make_unique<call_router>(*actors_, edges_, catalogue_);
  backend_ = std::make_unique<directory_backend>(*actors_, *store_, peers_ != nullptr);
  backend_->watch_store([health = health_] { return health->trouble(); });
  backend_->watch_permit([this] { return may_take_calls(); });
}

result<void> node::start_signalling() {
  auto settings = sip_settings_of(config_, *catalogue_.edition());
  settings.takes_calls = [this] { return may_take_calls(); };
  settings.can_store = [health = health_] { return health->accepts(); };
  auto sip = sip_edge::start(std::move(settings), *router_, meters_, log_);
  if (!sip)
    return tl::unexpected<error>(sip.error());
  sip_ = std::move(*sip);
  edges_.sip = sip_.get();
  router_->open(directory_, calls_, webhooks_);
  backend_->open({config_.node.name, directory_, responder_});
  return start_http();
}

result<void> node::start_http() {
  const bool apart = !config_.http.metrics_listen.empty();
  const auto metrics = [this] { return meters_.expose(); };
  api_options guards;
  guards.limits = catalogue_.edition()->request_limits;
  guards.customers = [this] { return summaries_of(*catalogue_.edition()); };
  guards.meters = &meters_;
  guards.log = &log_;
  guards.tells_metrics = !apart;
  api_ = std::make_unique<api>(catalogue_.edition()->keys, *backend_, metrics, std::move(guards));
  auto http = http_server::start(http_options_of(config_), *api_, meters_, log_);
  if (!http)
    return tl::unexpected<error>(http.error());
  http_ = std::move(*http);
  if (!apart)
    return {};
  metrics_api_ = std::make_unique<metrics_api>(*backend_, metrics);
  auto second = http_server::start(metrics_options_of(config_), *metrics_api_, meters_, log_);
  if (!second)
    return tl::unexpected<error>(second.error());
  metrics_http_ = std::move(*second);
  return {};
}

void node::announce() {
  for (const auto& address : sip_->addresses()) {
    auto text = to_string(listen_address{address.host, address.port});
    log_.info("listening", {{"edge", edge_name(address.transport)}, {"address", text}});
  }
  auto text = to_string(listen_address{config_.http.listen.host, http_->port()});
  log_.info("listening", {{"edge", "http"}, {"address", text}});
  if (metrics_http_) {
    const auto host = parse_listen_address(config_.http.metrics_listen)->host;
    text = to_string(listen_address{host, metrics_http_->port()});
    log_.info("listening", {{"edge", "metrics"}, {"address", text}});
  }
  meters_.set(gauge::real_time_scheduling, ticks_->real_time() ? 1 : 0);
  if (config_.node.real_time && !ticks_->real_time())
    log_.warning("no_real_time_priority",
                 {{"hint", "grant CAP_SYS_NICE or LimitRTPRIO=20, or set node.real_time = false"}});
  log_.info("started", {{"node", config_.node.name.value}, {"version", PLENARY_VERSION}});
}

// -- taking calls -------------------------------------------------------------------------------------------

/// A node that is joining or held has no permit: its calls would find no room. Safe from every thread.
bool node::may_take_calls() const {
  return !peers_ || permit_.holds(std::chrono::steady_clock::now());
}

void node::tell_readiness() {
  const bool ready = !leaving_since_ && may_take_calls();
  const auto unready = leaving_since_ ? service_phase::leaving : service_phase::waiting;
  watchdog_->enter(ready ? service_phase::ready : unready);
  if (std::exchange(ready_, ready) == ready)
    return;
  if (ready)
    log_.info("ready", {{"node", config_.node.name.value}});
  else
    log_.warning("not_ready", {{"reason", leaving_since_ ? "draining" : "no member of the cluster now"}});
}

// -- leaving ------------------------------------------------------------------------------------------------

void node::leave() {
  leaving_since_ = leaving_since_.value_or(std::chrono::steady_clock::now());
  take_calls(false);
  caf::anon_send(directory_, set_draining{true});
}

/// In this order: a node that says that it is ready takes calls.
void node::take_calls(bool takes) {
  if (!takes)
    backend_->drain();
  sip_->drain(!takes);
  if (takes)
    backend_->drain(false);
}

/// Nothing while the directory is too busy to answer.
std::optional<drain_progress> node::progress() {
  std::optional<drain_progress> now;
  caf::scoped_actor self{*actors_};
  self->request(directory_, progress_patience, describe_drain{})
      .receive([&now](const drain_progress& said) { now = said; }, [](const caf::error&) {});
  return now;
}

bool node::has_left() {
  const auto now = std::chrono::steady_clock::now();
  const auto left = progress();
  if (left && !left->draining) { // never asked, or cancelled over the API
    if (std::exchange(leaving_since_, std::nullopt))
      take_calls(true);
    tell_readiness();
    return false;
  }
  if (!left && !leaving_since_)
    return false;
  leaving_since_ = leaving_since_.value_or(now);
  take_calls(false);
  tell_readiness();
  if (!peers_ || (left && left->rooms_left == 0 && left->calls_left == 0))
    return true;
  const auto for_moving =
      config_.node.drain_deadline - std::min(config_.node.drain_deadline / 2, farewell_time);
  return now - *leaving_since_ >= for_moving;
}

void node::drain() {
  stopped_ = true;
  watchdog_->enter(service_phase::stopping);
  const auto now = std::chrono::steady_clock::now();
  auto deadline =
      std::max(leaving_since_.value_or(now) + config_.node.drain_deadline, now + shortest_farewell);
  take_calls(false);
  caf::scoped_actor self{*actors_};
  // Two thirds for the calls, the rest for what they leave behind.
  auto for_calls = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now) * 2 / 3;
  self->request(calls_, caf::infinite, plenary::drain{for_calls})
      .receive(
          [this](const drained& done) {
            log_.info("drained", {{"calls_left", static_cast<std::int64_t>(done.calls_left)}});
          },
          [](const caf::error&) {});
  auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  stop_webhooks(std::max(left / 2, std::chrono::milliseconds{100}));
  http_->stop();
  if (metrics_http_)
    metrics_http_->stop();
  sip_->stop();
  if (!store_->flush(deadline))
    log_.error("store_not_flushed");
}

void node::stop_webhooks(std::chrono::milliseconds patience) {
  caf::scoped_actor self{*actors_};
  self->request(webhooks_, caf::infinite, plenary::stop_webhooks{patience})
      .receive([](const webhooks_stopped&) {}, [](const caf::error&) {});
}

void node::stop_actors() {
  if (router_)
    router_->close();
  if (backend_)
    backend_->close();
  gateway_.close();
  discovery_.reset();
  if (work_)
    work_->stop();
  if (!actors_)
    return;
  for (const auto& each : {caf::actor_cast<caf::actor>(std::exchange(calls_, nullptr)),
                           caf::actor_cast<caf::actor>(std::exchange(responder_, nullptr)),
                           caf::actor_cast<caf::actor>(std::exchange(webhooks_, nullptr)),
                           caf::actor_cast<caf::actor>(std::exchange(directory_, nullptr))})
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
}

node::~node() {
  if (http_ && !stopped_)
    http_->stop();
  if (metrics_http_ && !stopped_)
    metrics_http_->stop();
  if (sip_ && !stopped_)
    sip_->stop();
  watchdog_.reset(); // its threads end now
  stop_actors();
}

} // namespace plenary
