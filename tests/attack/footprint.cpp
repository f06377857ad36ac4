#include "tests/attack/footprint.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace plenary::attack {

namespace {

std::int64_t resident_kib_of(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  for (std::string word; status >> word;)
    if (word == "VmRSS:") {
      std::int64_t kib = 0;
      status >> kib;
      return kib;
    }
  return 0;
}

std::chrono::milliseconds processor_time_of(pid_t process) {
  std::ifstream stat(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(stat, text);
  // utime and stime are the 14th and 15th field; the second may hold blanks and ends at the last `)`.
  std::istringstream fields(text.substr(std::min(text.rfind(')') + 1, text.size())));
  std::string skipped;
  for (int field = 3; field < 14; ++field)
    fields >> skipped;
  std::int64_t user = 0;
  std::int64_t system = 0;
  fields >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

} // namespace

footprint footprint_of(pid_t process) {
  footprint now;
  now.resident_kib = resident_kib_of(process);
  std::error_code gone;
  for (auto entry = std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", process), gone);
       !gone && entry != std::filesystem::directory_iterator(); entry.increment(gone))
    ++now.descriptors;
  now.processor_time = processor_time_of(process);
  return now;
}

double load_of(pid_t process) {
  constexpr std::chrono::milliseconds watched{1000};
  const auto before = processor_time_of(process);
  std::this_thread::sleep_for(watched);
  return static_cast<double>((processor_time_of(process) - before).count()) /
         static_cast<double>(watched.count());
}

std::int64_t kept_memory_kib() {
#if defined(__SANITIZE_ADDRESS__)
  return 400 * 1024; // freed memory rests in quarantine, by default 256 MiB of it
#else
  return 64 * 1024;
#endif
}

} // namespace plenary::attack
