#include "node/watch/heartbeats.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace plenary {

namespace {

/// State and time of a thread of this process: proc(5), /proc/pid/stat, fields 3, 14 and 15.
void read_state(thread_look& seen) {
  std::ifstream file{fmt::format("/proc/self/task/{}/stat", seen.thread)};
  std::string line;
  std::getline(file, line);
  const auto after_name = line.rfind(") ");
  if (after_name == std::string::npos)
    return;
  std::istringstream fields{line.substr(after_name + 2)};
  char state = '?';
  fields >> state;
  constexpr int between = 10;
  std::string skipped;
  for (int i = 0; i < between; ++i)
    fields >> skipped;
  std::uint64_t user = 0, system = 0;
  fields >> user >> system;
  static const auto ticks_a_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  seen.runnable = state == 'R';
  seen.worked_time = std::chrono::milliseconds{(user + system) * 1000 / ticks_a_second};
}

} // namespace

heartbeat& heartbeats::join(std::string name) {
  std::lock_guard lock(mutex_);
  return members_.emplace_back(std::move(name), ::gettid());
}

std::vector<thread_look> heartbeats::look() const {
  std::vector<thread_look> seen;
  {
    std::lock_guard lock(mutex_);
    for (const auto& each : members_)
      seen.push_back({each.name(), each.thread(), each.beats(), false, {}});
  }
  for (auto& each : seen)
    read_state(each);
  return seen;
}

} // namespace plenary
