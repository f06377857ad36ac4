#pragma once

#include "node/watch/heartbeats.hpp"

#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <chrono>

namespace plenary {

/// CAF's work sharing, with a heartbeat of each worker: one for every actor's turn that it begins, and two a
/// second while there is nothing to do.
class watched_sharing : public caf::policy::work_sharing {
public:
  struct coordinator_data : caf::policy::work_sharing::coordinator_data {
    using caf::policy::work_sharing::coordinator_data::coordinator_data;
    heartbeats* seen = nullptr;
  };

  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
    heartbeat* own = nullptr;
  };

  /// On the worker's thread: the next actor whose turn it is; waits for one.
  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    constexpr std::chrono::milliseconds idle_beat{500};
    auto& shared = self->parent()->data();
    auto& own = self->data().own;
    if (!own)
      own = &shared.seen->join("mixing");
    std::unique_lock guard(shared.lock);
    own->beat();
    while (!shared.cv.wait_for(guard, idle_beat, [&shared] { return !shared.queue.empty(); }))
      own->beat();
    auto* job = shared.queue.front();
    shared.queue.pop_front();
    return job;
  }
};

/// The scheduler of a node: its workers join `seen`, which outlives the actor system.
class watched_scheduler final : public caf::scheduler::coordinator<watched_sharing> {
public:
  watched_scheduler(caf::actor_system& system, heartbeats& seen)
      : caf::scheduler::coordinator<watched_sharing>(system) {
    data().seen = &seen;
  }
};

/// Lets the actor systems of this configuration have such a scheduler, in place of `scheduler.policy`.
inline void watch_workers(caf::actor_system_config& config, heartbeats& seen) {
  config.module_factories.emplace_back([&seen](caf::actor_system& system) -> caf::actor_system::module* {
    return new watched_scheduler(system, seen);
  });
}

} // namespace plenary
