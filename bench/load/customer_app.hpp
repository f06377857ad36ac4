#pragma once

#include "schema/result.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace plenary::load {

/// The customer's side: one thread that answers `POST /answer` with the room of the dialled number and takes
/// `POST /webhooks`, HTTP/1.1 with keep-alive.
class customer_app {
public:
  /// Listens on a port of 127.0.0.1, 0: a free one. Fails with `network`.
  static result<std::unique_ptr<customer_app>> start(std::uint16_t port);
  ~customer_app();
  customer_app(const customer_app&) = delete;
  customer_app& operator=(const customer_app&) = delete;

  std::uint16_t port() const { return port_; }

  /// Webhooks so far by event name; the same event of the same call counts once.
  std::map<std::string, std::uint64_t> webhooks() const;

private:
  struct connection {
    int descriptor = -1;
    std::string received;
  };

  customer_app(int listener, std::uint16_t port);
  void run(std::stop_token stop);
  bool read_from(connection& from);
  void answer(const connection& to, std::string_view head, std::string_view body);
  std::string respond(std::string_view head, std::string_view body);

  int listener_;
  std::uint16_t port_;
  std::vector<connection> connections_;
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::string, std::uint64_t>> events_; // event -> call id -> deliveries
  std::jthread thread_;
};

} // namespace plenary::load
