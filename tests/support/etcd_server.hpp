#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/ports.hpp"
#include "tests/support/temporary_directory.hpp"

#include <memory>
#include <string>

namespace plenary::test {

/// A real etcd on free loopback ports, with its data in a temporary folder; ended by its process id.
class etcd_server {
public:
  /// Starts it; throws with its output when it does not serve.
  etcd_server();

  /// Starts it again, on the same ports and data, after `stop`.
  void start();
  /// Kills it and waits for its end.
  void stop();

  /// `http://HOST:PORT` for clients.
  std::string endpoint() const;

private:
  temporary_directory folder_;
  std::uint16_t client_port_ = unused_tcp_port();
  std::uint16_t peer_port_ = unused_tcp_port();
  std::unique_ptr<child_process> process_;
};

} // namespace plenary::test
