#include "node/clock/real_time.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

namespace plenary {

bool enter_real_time(int priority) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // The sanitizers' runtimes spin on locks: a real-time thread would wait for ever for one that it keeps off
  // the core.
  (void)priority;
  return false;
#else
  sched_param parameters{};
  parameters.sched_priority = priority;
  return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0;
#endif
}

void sharpen_timers() {
  constexpr unsigned long nanoseconds = 1000;
  prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}

} // namespace plenary
