#pragma once

#include <functional>

namespace plenary {

/// Threads of ordinary priority for pure work on what came from outside, so that it never keeps the mixing
/// waiting: reading offers and documents.
class work_pool {
public:
  virtual ~work_pool() = default;

  /// Runs `job` soon on a thread of the pool; it tells its outcome by a message. From any thread, returns at
  /// once. False, and the job is dropped, when too many wait already or the pool has stopped.
  virtual bool post(std::function<void()> job) = 0;
};

/// Posts to `pool`; where there is none the job runs at once, here.
inline bool post_to(work_pool* pool, std::function<void()> job) {
  if (pool != nullptr)
    return pool->post(std::move(job));
  job();
  return true;
}

} // namespace plenary
