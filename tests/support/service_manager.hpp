#pragma once

#include "tests/support/temporary_directory.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace plenary::test {

/// The end of a service manager's socket (NOTIFY_SOCKET) that the manager reads.
class service_manager {
public:
  enum class place { path, abstract_name };

  explicit service_manager(place where = place::path);
  ~service_manager();
  service_manager(const service_manager&) = delete;
  service_manager& operator=(const service_manager&) = delete;

  /// For NOTIFY_SOCKET.
  const std::string& address() const { return address_; }

  /// The next datagram; nothing when none comes in time.
  std::optional<std::string> next(std::chrono::milliseconds patience);

  /// Whether a datagram with this line comes in time; others before it are passed over.
  bool hears(const std::string& line, std::chrono::milliseconds patience);

  /// Datagrams with this line that come until `patience` passes without one.
  int count_until_silent(const std::string& line, std::chrono::milliseconds patience);

private:
  temporary_directory directory_;
  std::string address_;
  int descriptor_ = -1;
};

} // namespace plenary::test
