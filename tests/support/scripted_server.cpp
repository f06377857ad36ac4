#include "tests/support/scripted_server.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

namespace plenary::test {

namespace {

constexpr std::chrono::milliseconds step{50};

} // namespace

scripted_server::scripted_server(script each, ip_endpoint local)
    : script_(std::move(each))
    , listener_(listen_on(local))
    , local_{local.address, local_port(listener_.get())}
    , acceptor_([this] { accept_connections(); }) {}

scripted_server::~scripted_server() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    for (const auto& connection : open_)
      ::shutdown(connection.get(), SHUT_RDWR);
  }
  acceptor_.join();
  for (auto& thread : threads_)
    thread.join();
}

std::string scripted_server::url() const {
  return fmt::format("http://{}/", to_string(local_));
}

void scripted_server::accept_connections() {
  for (;;) {
    file_descriptor connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const std::lock_guard lock(mutex_);
    if (stopping_ || connection.get() < 0)
      return;
    ++connections_;
    const auto place = open_.insert(open_.end(), std::move(connection));
    threads_.emplace_back([this, place] {
      script_(*this, place->get());
      const std::lock_guard closing(mutex_);
      *place = file_descriptor{};
    });
  }
}

bool scripted_server::read_head(int connection) {
  std::string head;
  std::array<char, 4096> bytes{};
  while (head.find("\r\n\r\n") == std::string::npos) {
    const auto got = ::recv(connection, bytes.data(), bytes.size(), 0);
    if (got <= 0)
      return false;
    head.append(bytes.data(), static_cast<std::size_t>(got));
  }
  return true;
}

void scripted_server::hold(int connection) const {
  std::array<char, 4096> bytes{};
  while (!stopping_ &&
         (!wait_readable(connection, step) || ::recv(connection, bytes.data(), bytes.size(), 0) > 0)) {
  }
}

std::size_t scripted_server::drip(int connection, const std::string& text,
                                  std::chrono::milliseconds pause) const {
  std::size_t taken = 0;
  while (!stopping_ && send_all(connection, text)) {
    taken += text.size();
    pollfd closed{connection, POLLRDHUP, 0};
    if (pause.count() > 0 && ::poll(&closed, 1, static_cast<int>(pause.count())) != 0)
      break;
  }
  return taken;
}

void scripted_server::reset(int connection) {
  const linger at_once{1, 0};
  ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

scripted_server::script says(std::string bytes) {
  return [bytes = std::move(bytes)](scripted_server& server, int connection) {
    if (server.read_head(connection))
      send_all(connection, bytes);
  };
}

} // namespace plenary::test
