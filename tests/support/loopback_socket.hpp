#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace plenary::test {

/// Owns one file descriptor.
class file_descriptor {
public:
  explicit file_descriptor(int fd = -1)
      : fd_(fd) {}
  ~file_descriptor();
  file_descriptor(file_descriptor&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)) {}
  file_descriptor& operator=(file_descriptor&& other) noexcept;

  int get() const { return fd_; }

private:
  int fd_;
};

/// An IP address, without brackets, and a port.
struct ip_endpoint {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;

  friend bool operator==(const ip_endpoint&, const ip_endpoint&) = default;
};

/// Parses `127.0.0.1:5060` or `[::1]:5060`; nothing when it is no such text.
std::optional<ip_endpoint> parse_endpoint(std::string_view text);

/// `127.0.0.1:5060` or `[::1]:5060`.
std::string to_string(const ip_endpoint& endpoint);

/// The address as it stands in a URI: an IPv6 one in brackets.
std::string uri_host(const std::string& address);

/// Of an IPv4 endpoint.
sockaddr_in to_sockaddr(const ip_endpoint& endpoint);

/// Of either IP version.
sockaddr_storage to_socket_address(const ip_endpoint& endpoint);

/// A bound, listening TCP socket; port 0 lets the kernel choose.
file_descriptor listen_on(const ip_endpoint& local);

/// The same on 127.0.0.1.
file_descriptor listen_on_loopback(std::uint16_t port);

/// A TCP connection, or an invalid descriptor when nobody listens.
file_descriptor connect_to(const ip_endpoint& server);

/// A UDP socket on this local address and a port of the kernel's choice.
file_descriptor open_udp(const std::string& address);

std::uint16_t local_port(int socket);

/// Waits until the socket can be read; false after `timeout`.
bool wait_readable(int socket, std::chrono::milliseconds timeout);

/// Sends all bytes; false when the peer is gone.
bool send_all(int socket, std::string_view bytes);

} // namespace plenary::test
