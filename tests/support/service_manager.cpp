#include "tests/support/service_manager.hpp"

#include "schema/result.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace plenary::test {

service_manager::service_manager(place where)
    : address_(where == place::path ? (directory_.path() / "notify").string()
                                    : fmt::format("@plenary-test-{}", ::getpid())) {
  descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un own{};
  own.sun_family = AF_UNIX;
  PLENARY_ASSERT(address_.size() < sizeof own.sun_path);
  std::memcpy(own.sun_path, address_.data(), address_.size());
  if (where == place::abstract_name)
    own.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  PLENARY_ASSERT(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&own), length) == 0);
}

service_manager::~service_manager() {
  ::close(descriptor_);
}

std::optional<std::string> service_manager::next(std::chrono::milliseconds patience) {
  pollfd waiting{descriptor_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0)
    return std::nullopt;
  std::array<char, 4096> buffer{};
  const auto size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  return size < 0 ? std::nullopt : std::optional{std::string(buffer.data(), static_cast<std::size_t>(size))};
}

bool service_manager::hears(const std::string& line, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      return false;
    if (const auto told = next(left); told && told->find(line + "\n") != std::string::npos)
      return true;
  }
}

int service_manager::count_until_silent(const std::string& line, std::chrono::milliseconds patience) {
  int count = 0;
  while (hears(line, patience))
    ++count;
  return count;
}

} // namespace plenary::test
