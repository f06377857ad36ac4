#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

namespace plenary {

/// A file and the option that names it.
struct watched_file {
  std::string key;
  std::filesystem::path file;
};

/// Notices that files were replaced or written anew, by what the system says of them; reads none.
class file_watch {
public:
  /// These files from now on, as they are now.
  void watch(std::vector<watched_file> files);

  /// Keys of the files that are others than when they were last watched or accepted.
  std::vector<std::string> changed() const;

  /// Whether files are others and have been the same at the last two calls: a certificate and its key that
  /// are replaced one after the other are then both there.
  bool has_settled_change();

  /// What is there now is known.
  void accept() { known_ = seen_ = stamps(); }

private:
  /// Device, inode, size, time of the last change in ns; zeros: no such file.
  using stamp = std::tuple<dev_t, ino_t, off_t, std::int64_t>;

  std::vector<stamp> stamps() const;

  std::vector<watched_file> files_;
  std::vector<stamp> known_;
  std::vector<stamp> seen_;
};

} // namespace plenary
