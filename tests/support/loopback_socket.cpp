#include "tests/support/loopback_socket.hpp"

#include "schema/result.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

namespace plenary::test {

namespace {

void bind_to(int socket, const ip_endpoint& local) {
  const auto address = to_socket_address(local);
  PLENARY_ASSERT(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

} // namespace

file_descriptor::~file_descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

file_descriptor& file_descriptor::operator=(file_descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

std::optional<ip_endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  ip_endpoint found{std::string(host), 0};
  const auto digits = text.substr(colon + 1);
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), found.port);
  if (code != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  return found;
}

std::string to_string(const ip_endpoint& endpoint) {
  return fmt::format("{}:{}", uri_host(endpoint.address), endpoint.port);
}

std::string uri_host(const std::string& address) {
  return address.find(':') == std::string::npos ? address : fmt::format("[{}]", address);
}

sockaddr_in to_sockaddr(const ip_endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  PLENARY_ASSERT(::inet_pton(AF_INET, endpoint.address.c_str(), &address.sin_addr) == 1);
  return address;
}

sockaddr_storage to_socket_address(const ip_endpoint& endpoint) {
  sockaddr_storage stored{};
  if (endpoint.address.find(':') == std::string::npos) {
    const auto v4 = to_sockaddr(endpoint);
    std::memcpy(&stored, &v4, sizeof v4);
    return stored;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  PLENARY_ASSERT(::inet_pton(AF_INET6, endpoint.address.c_str(), &v6.sin6_addr) == 1);
  std::memcpy(&stored, &v6, sizeof v6);
  return stored;
}

file_descriptor listen_on(const ip_endpoint& local) {
  file_descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  bind_to(listener.get(), local);
  PLENARY_ASSERT(::listen(listener.get(), 64) == 0);
  return listener;
}

file_descriptor listen_on_loopback(std::uint16_t port) {
  return listen_on({"127.0.0.1", port});
}

file_descriptor connect_to(const ip_endpoint& server) {
  file_descriptor connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = to_sockaddr(server);
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return file_descriptor{};
  return connection;
}

file_descriptor open_udp(const std::string& address) {
  const ip_endpoint local{address, 0};
  file_descriptor socket(::socket(to_socket_address(local).ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  bind_to(socket.get(), local);
  return socket;
}

std::uint16_t local_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  PLENARY_ASSERT(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port); // sin6_port has the same place
}

bool wait_readable(int socket, std::chrono::milliseconds timeout) {
  pollfd wanted{socket, POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(timeout.count())) > 0;
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

} // namespace plenary::test
