#include "node/store/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace plenary {

result<std::unique_ptr<file_lock>> file_lock::take(const std::string& path) {
  auto name = path + ".lock";
  int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return fail(errc::storage, fmt::format("cannot open {}: {}", name, std::strerror(errno)));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    return fail(errc::storage, fmt::format("{} is in use by another process", path));
  }
  return std::unique_ptr<file_lock>(new file_lock{descriptor});
}

file_lock::~file_lock() {
  ::close(descriptor_);
}

} // namespace plenary
