#pragma once

#include "node/call_router.hpp"
#include "node/clock/metronome.hpp"
#include "node/config/configuration.hpp"
#include "node/directory_backend.hpp"
#include "node/http/api.hpp"
#include "node/http/http_server.hpp"
#include "node/metrics/prometheus_telemetry.hpp"
#include "node/net/curl_http_client.hpp"
#include "node/net/udp_media_transport.hpp"
#include "node/sip/sip_edge.hpp"
#include "node/store/sqlite_store.hpp"

#include <memory>

namespace plenary {

/// A whole node: the edges, the actors between them, and the order in which they start and stop.
class node {
public:
  /// Starts everything; serves when it returns. Fails with the first edge's error; what had started is
  /// stopped again.
  static result<std::unique_ptr<node>> start(configuration config, logger& log);

  /// Stops without ceremony if drain() was not called.
  ~node();

  /// Takes no new calls, ends the running ones with BYE, flushes webhooks and store, and returns within
  /// `node.drain_deadline_s`.
  void drain();

private:
  explicit node(configuration config, logger& log);

  result<void> start_edges();
  result<void> start_signalling();
  void start_actors();
  void announce();
  void stop_webhooks(std::chrono::milliseconds patience);
  void stop_actors();

  // Members in the order of starting; they end in the opposite order.
  configuration config_;
  logger& log_;
  prometheus_telemetry meters_;
  node_edges edges_;
  std::unique_ptr<sqlite_store> store_;
  std::unique_ptr<curl_http_client> http_client_;
  std::unique_ptr<udp_media_transport> media_;
  std::unique_ptr<metronome> ticks_;
  caf::actor_system_config actor_config_;
  std::unique_ptr<caf::actor_system> actors_;
  directory_actor directory_;
  webhook_pool_actor webhooks_;
  node_root_actor root_;
  std::unique_ptr<call_router> router_;
  std::unique_ptr<directory_backend> backend_;
  std::unique_ptr<api> api_;
  std::unique_ptr<sip_edge> sip_;
  std::unique_ptr<http_server> http_;
  bool stopped_ = false;
};

} // namespace plenary
