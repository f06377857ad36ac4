#pragma once

#include "node/sip/libre.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>

namespace plenary::sip_layer {

/// Number of timers of this thread that wait, libre's own included.
std::size_t armed_timers();

/// Fails with `internal` unless libre's own timer calls reach the replacement in timers.cpp.
result<void> check_timers();

/// A one-shot timer of the stack's thread; cancelled when destroyed.
class stack_timer {
public:
  explicit stack_timer(std::function<void()> on_expiry)
      : on_expiry_(std::move(on_expiry)) {
    tmr_init(&timer_);
  }
  stack_timer(const stack_timer&) = delete;
  stack_timer& operator=(const stack_timer&) = delete;
  ~stack_timer() { cancel(); }

  /// Starts or restarts it.
  void start(std::chrono::milliseconds delay);
  void cancel() { tmr_cancel(&timer_); }
  bool running() const { return tmr_isrunning(&timer_); }

private:
  tmr timer_{};
  std::function<void()> on_expiry_;
};

} // namespace plenary::sip_layer
