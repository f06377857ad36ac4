#include "node/sip/mailbox.hpp"

#include "schema/result.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace plenary::sip_layer {

mailbox::mailbox()
    : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  PLENARY_ASSERT(descriptor_ >= 0);
}

mailbox::~mailbox() {
  close(descriptor_);
}

void mailbox::post(std::function<void()> command) {
  std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(command));
  if (waiting_.size() > 1)
    return;
  const std::uint64_t one = 1;
  PLENARY_ASSERT(write(descriptor_, &one, sizeof one) == sizeof one);
}

void mailbox::drain() {
  std::vector<std::function<void()>> commands;
  {
    std::lock_guard lock(mutex_);
    std::uint64_t count = 0;
    while (read(descriptor_, &count, sizeof count) < 0 && errno == EINTR) {
    }
    commands.swap(waiting_);
    running_ = commands.size();
  }
  for (auto& command : commands) {
    command();
    std::lock_guard lock(mutex_);
    --running_;
  }
}

std::size_t mailbox::backlog() const {
  std::lock_guard lock(mutex_);
  return waiting_.size() + running_;
}

} // namespace plenary::sip_layer
