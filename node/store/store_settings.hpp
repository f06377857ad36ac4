#pragma once

#include "node/store/store_health.hpp"
#include "schema/ids.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

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
  std::shared_ptr<store_health> health; ///< told how writes go; null: nobody asks
  std::uint64_t least_free_bytes = 0;   ///< less on the disk counts as full; 0: until a write fails
  /// Jobs that may wait in memory while nothing can be stored; more fail at once with `limit_reached`.
  std::size_t most_waiting = 20'000;
};

} // namespace plenary
