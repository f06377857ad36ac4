#include "bench/load/customer_app.hpp"

#include "bench/load/sip_message.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace plenary::load {

namespace {

using nlohmann::json;

struct request_size {
  std::size_t head = 0;
  std::size_t body = 0;
};

/// Sizes of the first request in the bytes; empty while its head is not complete.
std::optional<request_size> measure_request(const std::string& received) {
  const auto end = received.find("\r\n\r\n");
  if (end == std::string::npos)
    return std::nullopt;
  request_size size{end + 4, 0};
  std::string head = received.substr(0, end);
  std::transform(head.begin(), head.end(), head.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto length = head.find("content-length:");
  if (length != std::string::npos)
    size.body = std::strtoul(head.c_str() + length + 15, nullptr, 10);
  return size;
}

std::string text_of(const json& object, const char* outer, const char* inner) {
  const auto found = object.find(outer);
  if (found == object.end() || !found->is_object())
    return {};
  return found->value(inner, std::string());
}

} // namespace

result<std::unique_ptr<customer_app>> customer_app::start(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  auto address = make_address(INADDR_LOOPBACK, port);
  socklen_t length = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener, 512) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    close(listener);
    return fail(errc::network,
                fmt::format("customer application on port {}: {}", port, std::strerror(errno)));
  }
  return std::unique_ptr<customer_app>(new customer_app(listener, ntohs(address.sin_port)));
}

customer_app::customer_app(int listener, std::uint16_t port)
    : listener_(listener)
    , port_(port)
    , thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

customer_app::~customer_app() {
  thread_.request_stop();
  thread_.join();
  for (const auto& open : connections_)
    close(open.descriptor);
  close(listener_);
}

std::map<std::string, std::uint64_t> customer_app::webhooks() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [event, calls] : events_)
    counts[event] = calls.size();
  return counts;
}

void customer_app::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::vector<pollfd> waiting{{listener_, POLLIN, 0}};
    for (const auto& open : connections_)
      waiting.push_back({open.descriptor, POLLIN, 0});
    if (poll(waiting.data(), waiting.size(), 100) <= 0)
      continue;
    for (std::size_t i = connections_.size(); i-- > 0;) {
      if (waiting[i + 1].revents != 0 && !read_from(connections_[i])) {
        close(connections_[i].descriptor);
        connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    if (waiting[0].revents != 0)
      connections_.push_back({accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), {}});
  }
}

bool customer_app::read_from(connection& from) {
  std::array<char, 16384> block;
  const auto size = recv(from.descriptor, block.data(), block.size(), 0);
  if (size <= 0)
    return false;
  from.received.append(block.data(), static_cast<std::size_t>(size));
  while (const auto request = measure_request(from.received)) {
    if (from.received.size() < request->head + request->body)
      break;
    const std::string_view all = from.received;
    answer(from, all.substr(0, request->head), all.substr(request->head, request->body));
    from.received.erase(0, request->head + request->body);
  }
  return true;
}

void customer_app::answer(const connection& to, std::string_view head, std::string_view body) {
  const auto document = respond(head, body);
  const auto response =
      fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                  document.size(), document);
  ::send(to.descriptor, response.data(), response.size(), MSG_NOSIGNAL);
}

std::string customer_app::respond(std::string_view head, std::string_view body) {
  const auto request = json::parse(body, nullptr, false);
  if (request.is_discarded() || !request.is_object())
    return "{}";
  if (head.starts_with("POST /answer")) {
    auto number = text_of(request, "call", "to");
    std::erase(number, '+');
    return json{{"actions", {{{"type", "conference"}, {"room", "load-" + number}}}}}.dump();
  }
  const std::lock_guard lock(mutex_);
  ++events_[request.value("event", std::string("?"))][text_of(request, "call", "id")];
  return "{}";
}

} // namespace plenary::load
