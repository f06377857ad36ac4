#include "node/files/bounded_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace plenary {

namespace {

class open_file {
public:
  explicit open_file(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)) {}
  ~open_file() {
    if (descriptor_ >= 0)
      close(descriptor_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  int descriptor() const { return descriptor_; }

private:
  int descriptor_;
};

tl::unexpected<error> system_refused(int why) {
  return fail(errc::not_found, std::strerror(why));
}

} // namespace

result<std::string> read_bounded_file(const std::filesystem::path& file, std::size_t most) {
  constexpr std::size_t step = 16384;
  const open_file opened{file};
  struct stat known {};
  if (opened.descriptor() < 0 || fstat(opened.descriptor(), &known) != 0)
    return system_refused(errno);
  if (!S_ISREG(known.st_mode))
    return fail(errc::malformed, "it is no regular file");
  std::string text;
  while (text.size() <= most) {
    const auto before = text.size();
    text.resize(std::min(before + step, most + 1)); // one more tells that it is too large
    const auto count = ::read(opened.descriptor(), text.data() + before, text.size() - before);
    if (count < 0 && errno != EINTR)
      return system_refused(errno);
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0)
      return text;
  }
  return fail(errc::limit_reached, fmt::format("it is larger than {} KiB", most / 1024));
}

} // namespace plenary
