#pragma once

#include "schema/result.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace plenary {

/// What systemd says to a service of `Type=notify` in its environment.
struct service_environment {
  std::string socket; ///< NOTIFY_SOCKET: a path, or @NAME; empty: nobody listens
  std::optional<std::chrono::microseconds>
      watchdog; ///< WATCHDOG_USEC, unless WATCHDOG_PID names another process

  /// Of this process.
  static service_environment read();
};

/// The socket that a service manager listens on. Telling never blocks, and does nothing when nobody listens.
class service_socket {
public:
  /// Fails when `address` is neither a path nor an abstract name, or longer than a socket's may be.
  static result<service_socket> open(std::string address);

  service_socket() = default;
  ~service_socket();
  service_socket(service_socket&& other) noexcept;
  service_socket& operator=(service_socket&& other) noexcept;

  /// One datagram of `KEY=value` lines; false when the manager could not take it now.
  bool tell(std::string_view lines) const;

private:
  std::string address_;
  int descriptor_ = -1;
};

} // namespace plenary
