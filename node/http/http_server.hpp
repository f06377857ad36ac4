#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/http/request_parser.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace plenary {

/// Limits and address of the HTTP server.
struct http_server_options {
  std::string host{"127.0.0.1"}; ///< IP literal
  std::uint16_t port = 0;        ///< 0: the system chooses
  parser_limits limits;
  std::size_t max_connections = 1024;                ///< accepting pauses at the limit
  std::size_t max_connections_per_address = 128;     ///< more are answered with 429 and closed
  std::chrono::milliseconds request_deadline{10000}; ///< for a whole request; also the longest idle time
  std::chrono::milliseconds reply_deadline{5000};    ///< for the handler; then 504
  std::chrono::milliseconds stop_deadline{1000};     ///< for requests under way at `stop`
};

class http_core;

/// HTTP/1.1 on one thread of its own.
class http_server {
public:
  /// Listens and starts the thread. The handler and both edges outlive the server. Fails with `network`.
  static result<std::unique_ptr<http_server>> start(http_server_options options, request_handler& handler,
                                                    telemetry& meters, logger& log);
  ~http_server();

  /// The port that was chosen.
  std::uint16_t port() const;

  /// Other limits of connections from now on; those that are there stay.
  void bound(std::size_t max_connections, std::size_t max_connections_per_address);

  /// Closes the listener and idle connections, lets requests under way finish within the stop deadline,
  /// and ends the thread. The handler is not called afterwards. Must not be called on the server's thread.
  void stop();

private:
  explicit http_server(std::shared_ptr<http_core> core);

  std::shared_ptr<http_core> core_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

} // namespace plenary
