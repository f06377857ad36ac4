#include "node/metrics/process_metrics.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>

namespace plenary {

namespace {

/// Fields of /proc/self/stat as proc(5) numbers them.
constexpr std::size_t user_time_field = 14;
constexpr std::size_t system_time_field = 15;
constexpr std::size_t thread_count_field = 20;
constexpr std::size_t start_time_field = 22;
constexpr std::size_t virtual_size_field = 23;
constexpr std::size_t resident_pages_field = 24;

/// The program's name (field 2) may hold spaces and brackets, so counting starts after its last bracket.
std::optional<double> stat_field(std::size_t number) {
  std::ifstream file{"/proc/self/stat"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto bracket = text.rfind(')');
  if (bracket == std::string::npos)
    return std::nullopt;
  std::istringstream rest{text.substr(bracket + 1)};
  std::string field;
  for (std::size_t i = 3; i <= number; ++i)
    if (!(rest >> field))
      return std::nullopt;
  return std::stod(field);
}

std::optional<double> scaled_field(std::size_t number, double factor) {
  auto value = stat_field(number);
  return value ? std::optional{*value * factor} : std::nullopt;
}

double seconds_per_clock_tick() {
  return 1.0 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::optional<double> cpu_seconds() {
  auto user = scaled_field(user_time_field, seconds_per_clock_tick());
  auto system = scaled_field(system_time_field, seconds_per_clock_tick());
  return user && system ? std::optional{*user + *system} : std::nullopt;
}

std::optional<double> boot_time() {
  std::ifstream file{"/proc/stat"};
  for (std::string word; file >> word;)
    if (double seconds = 0; word == "btime" && file >> seconds)
      return seconds;
  return std::nullopt;
}

std::optional<double> start_time() {
  auto since_boot = scaled_field(start_time_field, seconds_per_clock_tick());
  auto boot = boot_time();
  return since_boot && boot ? std::optional{*since_boot + *boot} : std::nullopt;
}

std::optional<double> virtual_bytes() {
  return stat_field(virtual_size_field);
}

std::optional<double> resident_bytes() {
  return scaled_field(resident_pages_field, static_cast<double>(::sysconf(_SC_PAGESIZE)));
}

std::optional<double> thread_count() {
  return stat_field(thread_count_field);
}

std::optional<double> open_descriptors() {
  std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir("/proc/self/fd"), &::closedir};
  if (!directory)
    return std::nullopt;
  int entries = 0;
  while (::readdir(directory.get()) != nullptr)
    ++entries;
  return entries - 3; // `.`, `..` and the descriptor of this listing
}

std::optional<double> max_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

constexpr std::array<process_entry, 7> entries{{
    {"process_cpu_seconds_total", "User and system CPU time of the process.", true, cpu_seconds},
    {"process_resident_memory_bytes", "Resident memory of the process.", false, resident_bytes},
    {"process_virtual_memory_bytes", "Virtual memory of the process.", false, virtual_bytes},
    {"process_open_fds", "File descriptors that are open.", false, open_descriptors},
    {"process_max_fds", "File descriptors that may be open.", false, max_descriptors},
    {"process_threads", "Threads of the process.", false, thread_count},
    {"process_start_time_seconds", "Unix time at which the process started.", false, start_time},
}};

} // namespace

const std::array<process_entry, 7>& process_catalogue() {
  return entries;
}

} // namespace plenary
