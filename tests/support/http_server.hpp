#pragma once

#include "tests/support/http_message.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace plenary::test {

/// What the server answers to one request.
struct http_reply {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds delay{0}; ///< before the answer; cut short when the server stops
  bool hang = false;                  ///< never answer; the connection stays open until the server stops
};

/// A blocking HTTP/1.1 server, one thread per connection.
class http_server {
public:
  /// Runs on a connection's thread; several may run at once.
  using handler = std::function<http_reply(const http_message&)>;

  /// Listens on this address; port 0 lets the kernel choose.
  explicit http_server(handler on_request, ip_endpoint local = {});
  /// Closes every connection.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  std::uint16_t port() const { return local_.port; }
  /// `http://ADDRESS:PORT` + target.
  std::string url(const std::string& target) const;

private:
  void accept_connections();
  void serve(int connection);
  bool wait_before_reply(const http_reply& reply);

  handler on_request_;
  file_descriptor listener_;
  ip_endpoint local_;
  std::mutex mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ = false;
  std::list<file_descriptor> connections_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

} // namespace plenary::test
