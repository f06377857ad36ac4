#pragma once

#include "actors/edge/mixing_permit.hpp"
#include "node/call_router.hpp"
#include "node/clock/metronome.hpp"
#include "node/config/configuration.hpp"
#include "node/config/load.hpp"
#include "node/customers/catalogue.hpp"
#include "node/directory_backend.hpp"
#include "node/http/api.hpp"
#include "node/http/http_server.hpp"
#include "node/http/metrics_api.hpp"
#include "node/link/etcd_discovery.hpp"
#include "node/link/kj_peer_network.hpp"
#include "node/metrics/prometheus_telemetry.hpp"
#include "node/net/curl_http_client.hpp"
#include "node/net/udp_media_transport.hpp"
#include "node/peer_gateway.hpp"
#include "node/sip/sip_edge.hpp"
#include "node/store/open_store.hpp"
#include "node/watch/watchdog.hpp"
#include "node/work/worker_pool.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace plenary {

/// A whole node: the edges, the actors between them, and the order in which they start and stop.
class node {
public:
  /// Starts everything; serves when it returns, and takes calls once it is a member of its cluster. Fails
  /// with the first edge's error; what had started is stopped again.
  static result<std::unique_ptr<node>> start(configuration config, logger& log);

  /// Stops without ceremony if drain() was not called.
  ~node();

  /// The operator wants the node to leave: it takes nothing new and, in a cluster, moves its rooms and legs
  /// to the others while its own calls go on. has_left() tells when that is done.
  void leave();

  /// To be asked every few hundred milliseconds; tells in the log when the node has become ready. True once a
  /// leaving node (told by leave() or over the API) has nothing left, or the time of `node.drain_deadline_s`
  /// for it is over.
  bool has_left();

  /// Takes customers, carriers, keys, limits and certificates as they are now, the files that they stand in
  /// included; all of it or, when something is wrong or needs a restart, nothing. Gives the names of the
  /// options that changed. Who called before goes on: see docs/operations.md.
  tl::expected<std::vector<std::string>, problem> reload(const read_configuration& next);

  /// Ends the calls that are still there with BYE, flushes webhooks and store, and returns within what is
  /// left of `node.drain_deadline_s`.
  void drain();

private:
  explicit node(configuration config, logger& log);

  using time_point = std::chrono::steady_clock::time_point;

  result<void> start_edges();
  result<void> start_links();
  result<void> start_signalling();
  result<void> start_http();
  void start_actors();
  void announce();
  void stop_webhooks(std::chrono::milliseconds patience);
  void stop_actors();
  std::optional<drain_progress> progress();
  void take_calls(bool takes);
  bool may_take_calls() const;
  void tell_readiness();

  // Members in the order of starting; they end in the opposite order.
  configuration config_;
  logger& log_;
  heartbeats seen_; ///< of the threads that mix and of the metronome
  catalogue catalogue_;
  prometheus_telemetry meters_;
  std::shared_ptr<store_health> health_;
  node_edges edges_;
  std::unique_ptr<event_store> store_;
  std::unique_ptr<worker_pool>
      work_; ///< stopped before the actors, gone after the client that hands it answers
  std::unique_ptr<curl_http_client> http_client_;
  std::unique_ptr<udp_media_transport> media_;
  std::unique_ptr<metronome> ticks_;
  mixing_permit permit_;
  peer_gateway gateway_;
  std::unique_ptr<kj_peer_network> peers_; ///< null: a node without cluster
  std::unique_ptr<etcd_discovery> discovery_;
  caf::actor_system_config actor_config_;
  std::unique_ptr<caf::actor_system> actors_;
  directory_actor directory_;
  webhook_pool_actor webhooks_;
  registry_actor calls_;
  responder_actor responder_; ///< for the API
  std::unique_ptr<call_router> router_;
  std::unique_ptr<directory_backend> backend_;
  std::unique_ptr<api> api_;
  std::unique_ptr<sip_edge> sip_;
  std::unique_ptr<http_server> http_;
  std::unique_ptr<metrics_api> metrics_api_; ///< null: /metrics stands beside the API
  std::unique_ptr<http_server> metrics_http_;
  std::unique_ptr<watchdog> watchdog_;
  std::optional<time_point> leaving_since_; ///< nothing: nobody has asked it to leave
  bool ready_ = false;                      ///< as it was told last
  bool stopped_ = false;
};

} // namespace plenary
