#pragma once

#include "actors/edge/peer_network.hpp"
#include "node/link/link_settings.hpp"
#include "node/link/task_queue.hpp"

#include <kj/timer.h>

namespace plenary::link {

/// What every part on the link's thread shares; lives as long as the loop.
struct environment {
  const link_settings& settings;
  peer_identity own; ///< with the address that others dial
  peer_listener& listener;
  std::shared_ptr<task_queue> queue;
  kj::Timer& timer;
  member_status status{}; ///< what heartbeats say
  customer_digests customers = settings.customers;

  telemetry& counters() const { return *settings.counters; }
  logger& log() const { return *settings.log; }
};

inline kj::Duration to_kj(std::chrono::nanoseconds time) {
  return time.count() * kj::NANOSECONDS;
}

} // namespace plenary::link
