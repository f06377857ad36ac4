#pragma once

#include <chrono>
#include <csignal>
#include <string_view>

namespace plenary {

/// What a signal asks of the process.
enum class wish {
  none,   ///< no signal came in time
  leave,  ///< SIGTERM, SIGINT
  reload, ///< SIGHUP
  other   ///< a signal that would end the process by default and means nothing here
};

/// Takes every signal that would end the process without a fault of its own, so that none ends its calls by
/// accident. To be made before any thread starts: threads inherit the mask. SIGQUIT, SIGABRT and the signals
/// of faults stay as they are.
class signals {
public:
  signals();

  /// The next wish, or none after `patience`.
  wish next(std::chrono::nanoseconds patience);

  /// Name of the signal that `next` took last, for example `SIGUSR1`.
  std::string_view latest() const;

private:
  sigset_t taken_{};
  int latest_ = 0;
};

} // namespace plenary
