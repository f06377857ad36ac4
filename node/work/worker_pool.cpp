#include "node/work/worker_pool.hpp"

#include <pthread.h>
#include <sched.h>

#include <utility>

namespace plenary {

worker_pool::worker_pool(std::size_t threads, telemetry& meters)
    : meters_(meters) {
  for (; threads > 0; --threads)
    threads_.emplace_back([this] { run(); });
}

worker_pool::~worker_pool() {
  stop();
}

bool worker_pool::post(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_ && waiting_.size() < most_waiting) {
      waiting_.push_back(std::move(job));
      wake_.notify_one();
      return true;
    }
  }
  meters_.count(counter::work_refused);
  return false;
}

void worker_pool::stop() {
  std::deque<std::function<void()>> dropped;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
  }
  wake_.notify_all();
  for (auto& thread : std::exchange(threads_, {}))
    thread.join();
}

void worker_pool::run() {
  const sched_param ordinary{};
  pthread_setschedparam(pthread_self(), SCHED_OTHER, &ordinary); // a new thread inherits its starter's
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_)
      return;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job();
    job = nullptr; // what it holds is let go without the lock
    lock.lock();
  }
}

} // namespace plenary
