#pragma once

#include "tests/support/loopback_socket.hpp"

#include <fmt/format.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::attack {

/// One UDP socket that shoots at a server and need not read what comes back.
class shooter {
public:
  shooter(const test::ip_endpoint& server, const std::string& local_address);
  /// On this port; nothing when somebody has it.
  static std::optional<shooter> on_port(const test::ip_endpoint& server, const std::string& local_address,
                                        std::uint16_t port);

  void shoot(std::string_view bytes) const;
  /// Bytes that came back until now; reads them away.
  std::size_t received() const;
  /// The next datagram, or an empty text.
  std::string receive(std::chrono::milliseconds timeout) const;
  std::uint16_t port() const { return test::local_port(socket_.get()); }
  const std::string& address() const { return address_; }

private:
  shooter(const test::ip_endpoint& server, const std::string& local_address, test::file_descriptor socket);

  std::string address_;
  test::file_descriptor socket_;
};

/// A sound request of this method from the shooter; a new transaction and call each time.
std::string sound_request(const shooter& from, std::string_view method, std::string_view number);

/// Arbitrary bytes, up to 1400.
std::string garbage(std::mt19937& random);

/// The text with one to eight bits turned over, cut at a random place now and then.
std::string damaged(std::string text, std::mt19937& random);

} // namespace plenary::attack
