#include "tests/support/http_server.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

namespace plenary::test {

namespace {

constexpr std::chrono::minutes longest_idle{10};

std::string to_text(const http_reply& reply) {
  std::string text =
      fmt::format("HTTP/1.1 {} Status\r\nContent-Length: {}\r\n", reply.status, reply.body.size());
  for (const auto& [name, value] : reply.headers)
    text += fmt::format("{}: {}\r\n", name, value);
  return text + "\r\n" + reply.body;
}

} // namespace

http_server::http_server(handler on_request, ip_endpoint local)
    : on_request_(std::move(on_request))
    , listener_(listen_on(local))
    , local_{local.address, local_port(listener_.get())}
    , acceptor_([this] { accept_connections(); }) {}

http_server::~http_server() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    for (const auto& connection : connections_)
      ::shutdown(connection.get(), SHUT_RDWR);
  }
  stopping_changed_.notify_all();
  acceptor_.join();
  for (auto& thread : threads_)
    thread.join();
}

std::string http_server::url(const std::string& target) const {
  return fmt::format("http://{}{}", to_string(local_), target);
}

void http_server::accept_connections() {
  for (;;) {
    file_descriptor connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const std::lock_guard lock(mutex_);
    if (stopping_ || connection.get() < 0)
      return;
    const int socket = connection.get();
    connections_.push_back(std::move(connection));
    threads_.emplace_back([this, socket] { serve(socket); });
  }
}

void http_server::serve(int connection) {
  std::string carry;
  while (const auto request = read_http_message(connection, carry, longest_idle)) {
    const auto reply = on_request_(*request);
    if (!wait_before_reply(reply) || !send_all(connection, to_text(reply)))
      break;
  }
  ::shutdown(connection, SHUT_RDWR);
}

bool http_server::wait_before_reply(const http_reply& reply) {
  const std::chrono::milliseconds wait = reply.hang ? longest_idle : reply.delay;
  std::unique_lock lock(mutex_);
  return !stopping_changed_.wait_for(lock, wait, [this] { return stopping_; });
}

} // namespace plenary::test
