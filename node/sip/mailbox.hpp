#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

namespace plenary::sip_layer {

/// Hands commands of any thread to the stack's thread. Writes its eventfd only when it was empty.
class mailbox {
public:
  mailbox();
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;
  ~mailbox();

  /// Safe from every thread; never waits for the stack's thread.
  void post(std::function<void()> command);

  /// Runs what was posted before the call, in order; on the stack's thread.
  void drain();

  /// Commands that wait, those of a running `drain` included.
  std::size_t backlog() const;

  /// Readable while commands wait.
  int descriptor() const { return descriptor_; }

private:
  int descriptor_;
  mutable std::mutex mutex_;
  std::vector<std::function<void()>> waiting_;
  std::size_t running_ = 0;
};

} // namespace plenary::sip_layer
