#include "tests/support/ports.hpp"

#include "schema/result.hpp"
#include "tests/support/loopback_socket.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

namespace plenary::test {

namespace {

constexpr std::uint16_t first_port = 12000;
constexpr std::uint16_t range_count = 100;

} // namespace

port_range::port_range() {
  const auto folder = std::filesystem::temp_directory_path();
  for (std::uint16_t index = 0; index < range_count && lock_ < 0; ++index) {
    const auto name = (folder / fmt::format("plenary-test-ports-{}.lock", index)).string();
    const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
      continue;
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) {
      lock_ = file;
      first_ = static_cast<std::uint16_t>(first_port + index * size);
    } else {
      ::close(file);
    }
  }
  PLENARY_ASSERT(lock_ >= 0);
}

port_range::~port_range() {
  ::close(lock_);
}

std::string port_range::text() const {
  return fmt::format("{}-{}", first(), last());
}

std::uint16_t unused_tcp_port() {
  const file_descriptor listener = listen_on_loopback(0);
  return local_port(listener.get());
}

} // namespace plenary::test
