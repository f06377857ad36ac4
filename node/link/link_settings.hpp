#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "schema/peer.hpp"

#include <filesystem>

namespace plenary {

/// Files of mutual TLS (PEM); all empty: links are plain, which is for loopback only.
struct link_tls_files {
  std::filesystem::path ca;          ///< certificates that may sign nodes, and nothing but nodes
  std::filesystem::path certificate; ///< of this node: CN = its name, SAN = its name and `plenary-node`
  std::filesystem::path key;         ///< of that certificate

  bool empty() const { return ca.empty() && certificate.empty() && key.empty(); }
};

/// What a node's links need to know.
struct link_settings {
  /// Its `address` is what other nodes dial; an empty one, or one of port 0, is completed from `listen`.
  peer_identity identity;
  std::string listen{"127.0.0.1:0"}; ///< `ADDRESS:PORT`; port 0 lets the kernel choose
  std::vector<std::string> seeds;    ///< `HOST:PORT` of nodes to keep links to
  link_tls_files tls;
  customer_digests customers{}; ///< at the start

  std::chrono::milliseconds silence{1500};        ///< a heartbeat without answer for so long ends the link
  std::chrono::milliseconds heartbeat{300};       ///< from one answer to the next heartbeat
  std::chrono::milliseconds greeting_limit{3000}; ///< from connecting or accepting to a confirmed link
  /// For TCP alone: less than 1 s, after which the kernel repeats a SYN that was lost, so that a network that
  /// has healed meanwhile is noticed with the next dial.
  std::chrono::milliseconds connect_limit{700};
  std::chrono::milliseconds redial_least{200}; ///< back-off of failing dials, jittered
  /// With `connect_limit` less than halves of rooms may take to merge.
  std::chrono::milliseconds redial_most{600};
  std::chrono::milliseconds refused_pause{5000}; ///< after one of the two refused the other
  std::size_t max_greeting = 64;                 ///< unconfirmed connections; the oldest is cut for a new one
  std::size_t max_queued_bytes = 8u << 20;       ///< waiting to be sent to one peer; more ends the link
  std::size_t max_unanswered = 8192;             ///< requests of one peer in work; more fail at once

  telemetry* counters = nullptr; ///< must be set, and live as long as the links
  logger* log = nullptr;         ///< must be set, and live as long as the links
};

} // namespace plenary
