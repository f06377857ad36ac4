#pragma once

#include "actors/edge/log.hpp"
#include "node/link/task_queue.hpp"

#include <kj/async-io.h>

#include <memory>
#include <thread>

namespace plenary::link {

/// A thread with a KJ event loop and one object that lives on it.
class loop_thread {
public:
  /// Makes the object, on the loop's thread; it is destroyed there too, while the loop still exists.
  using factory = std::function<std::shared_ptr<void>(kj::AsyncIoContext& io)>;

  /// KJ's own messages go to `log`.
  loop_thread(std::shared_ptr<task_queue> queue, logger& log, factory make);

  /// Runs what was posted so far, destroys the object and joins the thread.
  ~loop_thread();
  loop_thread(const loop_thread&) = delete;
  loop_thread& operator=(const loop_thread&) = delete;

private:
  void run(const factory& make);

  std::shared_ptr<task_queue> queue_;
  logger& log_;
  bool stopped_ = false; ///< of the loop's thread alone
  std::thread thread_;
};

} // namespace plenary::link
