#pragma once

#include "tests/support/loopback_socket.hpp"

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace plenary::test {

/// A TCP server that does to each connection what the test wants, byte by byte.
class scripted_server {
public:
  /// Runs on a thread of its own for each connection, which is closed when it returns.
  using script = std::function<void(scripted_server& server, int connection)>;

  explicit scripted_server(script each, ip_endpoint local = {});
  /// Cuts every connection off.
  ~scripted_server();
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  std::uint16_t port() const { return local_.port; }
  /// `http://ADDRESS:PORT/`.
  std::string url() const;
  /// Connections so far.
  int connections() const { return connections_; }

  /// Reads until a request's head is complete; false when the client is gone.
  bool read_head(int connection);
  /// Until the client closes, or the server ends.
  void hold(int connection) const;
  /// Sends the text again and again, after each time a pause, until the client is gone or the server ends;
  /// returns how many bytes it took.
  std::size_t drip(int connection, const std::string& text, std::chrono::milliseconds pause) const;
  /// The connection ends with a reset instead of an orderly end.
  static void reset(int connection);

private:
  void accept_connections();

  script script_;
  file_descriptor listener_;
  ip_endpoint local_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::list<file_descriptor> open_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

/// Reads one request, sends these bytes and closes.
scripted_server::script says(std::string bytes);

} // namespace plenary::test
