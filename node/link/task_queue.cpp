#include "node/link/task_queue.hpp"

#include "schema/result.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace plenary::link {

task_queue::task_queue()
    : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  PLENARY_ASSERT(fd_ >= 0);
}

task_queue::~task_queue() {
  ::close(fd_);
}

bool task_queue::post(task work) {
  std::lock_guard lock(mutex_);
  if (closed_)
    return false;
  tasks_.push_back(std::move(work));
  std::uint64_t one = 1;
  if (tasks_.size() == 1)
    PLENARY_ASSERT(::write(fd_, &one, sizeof one) == sizeof one);
  return true;
}

std::vector<task_queue::task> task_queue::take() {
  std::lock_guard lock(mutex_);
  std::uint64_t ignored = 0;
  if (!tasks_.empty())
    PLENARY_ASSERT(::read(fd_, &ignored, sizeof ignored) == sizeof ignored);
  return std::exchange(tasks_, {});
}

std::vector<task_queue::task> task_queue::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  return std::exchange(tasks_, {});
}

} // namespace plenary::link
