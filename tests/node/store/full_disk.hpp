#pragma once

#include <sys/resource.h>

#include <csignal>

namespace plenary::test {

/// No file of this process may grow beyond `bytes` while this lives, as on a full disk.
class full_disk {
public:
  explicit full_disk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~full_disk() { setrlimit(RLIMIT_FSIZE, &before_); }
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;

private:
  rlimit before_{};
};

} // namespace plenary::test
