#pragma once

#include <functional>
#include <mutex>
#include <vector>

namespace plenary::link {

/// Work for the link's thread from every other one, in order; wakes the thread through an eventfd.
class task_queue {
public:
  using task = std::function<void()>;

  task_queue();
  ~task_queue();
  task_queue(const task_queue&) = delete;
  task_queue& operator=(const task_queue&) = delete;

  /// Never blocks; false when the queue is closed, and the task is dropped.
  bool post(task work);

  /// Everything that was posted since the last call; clears the wake-up.
  std::vector<task> take();

  /// Takes no more, and gives what was left.
  std::vector<task> close();

  /// Readable while there is something to take.
  int fd() const { return fd_; }

private:
  int fd_;
  std::mutex mutex_;
  std::vector<task> tasks_;
  bool closed_ = false;
};

} // namespace plenary::link
