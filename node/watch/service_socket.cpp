#include "node/watch/service_socket.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace plenary {

namespace {

std::string_view environment_text(const char* name) {
  const char* value = std::getenv(name);
  return value ? std::string_view{value} : std::string_view{};
}

std::optional<std::int64_t> positive_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc{} || end != text.data() + text.size() || number <= 0)
    return std::nullopt;
  return number;
}

} // namespace

service_environment service_environment::read() {
  service_environment said;
  said.socket = environment_text("NOTIFY_SOCKET");
  const auto whose = environment_text("WATCHDOG_PID");
  const auto interval = positive_number(environment_text("WATCHDOG_USEC"));
  if (interval && (whose.empty() || positive_number(whose) == ::getpid()))
    said.watchdog = std::chrono::microseconds{*interval};
  return said;
}

result<service_socket> service_socket::open(std::string address) {
  constexpr auto longest = sizeof(sockaddr_un::sun_path) - 1;
  if (address.size() < 2 || (address[0] != '/' && address[0] != '@') || address.size() > longest)
    return fail(errc::malformed,
                fmt::format("NOTIFY_SOCKET is a path or @NAME of 2 to {} bytes, not '{}'", longest, address));
  service_socket opened;
  opened.descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (opened.descriptor_ < 0)
    return fail(errc::network, fmt::format("NOTIFY_SOCKET: {}", std::strerror(errno)));
  opened.address_ = std::move(address);
  return opened;
}

service_socket::~service_socket() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

service_socket::service_socket(service_socket&& other) noexcept
    : address_(std::move(other.address_))
    , descriptor_(std::exchange(other.descriptor_, -1)) {}

service_socket& service_socket::operator=(service_socket&& other) noexcept {
  std::swap(address_, other.address_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

bool service_socket::tell(std::string_view lines) const {
  if (descriptor_ < 0)
    return true;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  if (to.sun_path[0] == '@') // an abstract name begins with a zero byte: unix(7)
    to.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  return ::sendto(descriptor_, lines.data(), lines.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                  reinterpret_cast<const sockaddr*>(&to), length) >= 0;
}

} // namespace plenary
