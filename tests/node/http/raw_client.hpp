#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace plenary {

/// A blocking connection to 127.0.0.1 that sends exactly the bytes it is told to; a read gives up after 10 s.
class raw_client {
public:
  explicit raw_client(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(port);
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&server), sizeof server) == 0;
  }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  ~raw_client() { ::close(socket_); }

  bool connected() const { return connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// One reply: head and as much body as its Content-Length says (none for `head_only`).
  std::string reply(bool head_only = false) {
    std::size_t end;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos)
      if (!receive())
        return std::exchange(received_, {});
    auto size = end + 4 + (head_only ? 0 : content_length(received_.substr(0, end + 2)));
    while (received_.size() < size)
      if (!receive())
        break;
    auto whole = received_.substr(0, size);
    received_.erase(0, whole.size());
    return whole;
  }

  /// True when the server closed the connection; waits that long for it.
  bool is_closed_within(std::chrono::milliseconds time) {
    pollfd probe{.fd = socket_, .events = POLLIN, .revents = 0};
    return ::poll(&probe, 1, static_cast<int>(time.count())) == 1 && !receive();
  }

  /// Everything until the server closes the connection.
  std::string until_closed() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }

private:
  static std::size_t content_length(const std::string& head) {
    constexpr std::string_view name = "\r\nContent-Length: ";
    auto found = head.find(name);
    return found == std::string::npos ? 0 : std::stoul(head.substr(found + name.size()));
  }

  bool receive() {
    std::array<char, 65536> chunk;
    auto got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got <= 0)
      return false;
    received_.append(chunk.data(), static_cast<std::size_t>(got));
    return true;
  }

  int socket_;
  bool connected_ = false;
  std::string received_;
};

} // namespace plenary
