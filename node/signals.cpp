#include "node/signals.hpp"

#include <array>
#include <ctime>
#include <utility>

namespace plenary {

namespace {

constexpr std::array<std::pair<int, std::string_view>, 13> taken_signals{{{SIGTERM, "SIGTERM"},
                                                                          {SIGINT, "SIGINT"},
                                                                          {SIGHUP, "SIGHUP"},
                                                                          {SIGUSR1, "SIGUSR1"},
                                                                          {SIGUSR2, "SIGUSR2"},
                                                                          {SIGALRM, "SIGALRM"},
                                                                          {SIGVTALRM, "SIGVTALRM"},
                                                                          {SIGPROF, "SIGPROF"},
                                                                          {SIGIO, "SIGIO"},
                                                                          {SIGPWR, "SIGPWR"},
                                                                          {SIGSTKFLT, "SIGSTKFLT"},
                                                                          {SIGXCPU, "SIGXCPU"},
                                                                          {SIGTSTP, "SIGTSTP"}}};

wish wish_of(int signal) {
  switch (signal) {
  case SIGTERM:
  case SIGINT:
    return wish::leave;
  case SIGHUP:
    return wish::reload;
  default:
    return wish::other;
  }
}

} // namespace

signals::signals() {
  sigemptyset(&taken_);
  for (const auto& [signal, name] : taken_signals)
    sigaddset(&taken_, signal);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal)
    sigaddset(&taken_, signal);
  pthread_sigmask(SIG_BLOCK, &taken_, nullptr);
  std::signal(SIGPIPE, SIG_IGN); // write() says EPIPE
  std::signal(SIGXFSZ, SIG_IGN); // write() says EFBIG
}

wish signals::next(std::chrono::nanoseconds patience) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const timespec pause{seconds.count(), (patience - seconds).count()};
  const int signal = sigtimedwait(&taken_, nullptr, &pause);
  if (signal < 0)
    return wish::none;
  latest_ = signal;
  return wish_of(signal);
}

std::string_view signals::latest() const {
  for (const auto& [signal, name] : taken_signals)
    if (signal == latest_)
      return name;
  return "real-time signal";
}

} // namespace plenary
