#pragma once

#include "schema/ids.hpp"

#include <chrono>
#include <functional>

namespace plenary {

/// Settings of the durable store; the defaults are those of the configuration.
struct store_settings {
  std::chrono::hours keep_finished{30 * 24}; ///< finished calls and dead letters older than this are removed
  std::chrono::milliseconds shutdown_patience{2000}; ///< how long the destructor tries to write what waits
  std::function<wall_time()> now = [] { return wall_time{std::chrono::system_clock::now()}; };
  node_name node{"node-a"};      ///< leases of a shared outbox name it
  std::uint64_t incarnation = 0; ///< `peer_identity::incarnation` of this process
  /// A database that takes longer counts as down: what waits goes to the spool. Less than the second that a
  /// call waits for its commit.
  std::chrono::milliseconds answer_patience{600};
  /// A process that wrote nothing for so long is dead: its leases end. Idle processes write every second.
  std::chrono::milliseconds silence{7000};
};

} // namespace plenary
