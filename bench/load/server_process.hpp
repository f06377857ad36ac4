#pragma once

#include "schema/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace plenary::load {

/// Core that the server is pinned to, and the core of all callers.
inline constexpr int server_core = 1;
inline constexpr int callers_core = 0;

/// What a plenaryd is started with.
struct server_setup {
  std::string program;
  std::size_t rooms = 1;      ///< one DID each
  std::uint16_t app_port = 0; ///< of the customer application
  bool srtp = false;
};

/// The number that leads to room `room`.
std::string room_number(std::size_t room);

/// A plenaryd of our own: configuration and database in a temporary folder, pinned to `server_core`.
class server_process {
public:
  /// Returns once `/readyz` answers 200. Fails with `internal` (fork), `timeout` or `unavailable` (it ended);
  /// the sentence then carries the end of its log.
  static result<std::unique_ptr<server_process>> start(const server_setup& setup);

  /// SIGTERM, after 10 s SIGKILL; the folder is removed when the server ended with status 0.
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  pid_t pid() const { return pid_; }
  std::uint16_t sip_port() const { return sip_port_; }
  std::uint16_t http_port() const { return http_port_; }

private:
  server_process() = default;
  result<void> write_config(const server_setup& setup);
  result<void> launch(const std::string& program);
  result<void> wait_until_ready();
  std::string log_tail() const;

  pid_t pid_ = -1;
  std::uint16_t sip_port_ = 0;
  std::uint16_t http_port_ = 0;
  std::filesystem::path folder_;
};

/// Binds every thread of this process that is started from now on to `core`. False when the machine has no
/// such core.
bool pin_to_core(int core);

} // namespace plenary::load
