#pragma once

#include "schema/ids.hpp"

#include <functional>

namespace plenary {

class customer_book;
class logger;
class telemetry;
class event_store;
class http_client;
class signalling;
class media_transport;
class tick_source;
class peer_network;
class mixing_permit;
class work_pool;

/// What a node's actors may use of the world outside; made by the node, outlives every actor.
struct node_edges {
  node_name node;
  logger* log = nullptr;
  telemetry* meters = nullptr;
  event_store* store = nullptr;
  http_client* http = nullptr;
  signalling* sip = nullptr;
  media_transport* media = nullptr;
  tick_source* ticks = nullptr;
  peer_network* peers = nullptr;            ///< null: a node without cluster
  const mixing_permit* permit = nullptr;    ///< null: always
  work_pool* work = nullptr;                ///< null: such work is done at once, by who wants it done
  std::function<wall_time()> wall_clock;    ///< safe from every thread
  const customer_book* customers = nullptr; ///< null: nobody hears of rooms, and media may go anywhere
  /// Of the directory and what it decides by time; safe from every thread.
  std::function<mono_time()> mono_clock = [] { return std::chrono::steady_clock::now(); };
};

} // namespace plenary
