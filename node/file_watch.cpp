#include "node/file_watch.hpp"

#include <sys/stat.h>

#include <utility>

namespace plenary {

namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

} // namespace

void file_watch::watch(std::vector<watched_file> files) {
  files_ = std::move(files);
  accept();
}

std::vector<file_watch::stamp> file_watch::stamps() const {
  std::vector<stamp> all;
  for (const auto& each : files_) {
    struct stat found {};
    const bool there = ::stat(each.file.c_str(), &found) == 0;
    all.push_back(there ? stamp{found.st_dev, found.st_ino, found.st_size,
                                found.st_mtim.tv_sec * ns_per_second + found.st_mtim.tv_nsec}
                        : stamp{});
  }
  return all;
}

std::vector<std::string> file_watch::changed() const {
  const auto now = stamps();
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (now[i] != known_[i])
      keys.push_back(files_[i].key);
  return keys;
}

bool file_watch::has_settled_change() {
  auto now = stamps();
  const bool settled = now == std::exchange(seen_, now);
  return settled && now != known_;
}

} // namespace plenary
