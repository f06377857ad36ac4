#include "bench/load/process_meter.hpp"

#include "bench/load/server_process.hpp"

#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <string>

namespace plenary::load {

namespace {

std::chrono::nanoseconds clock_ticks(std::uint64_t ticks) {
  return std::chrono::nanoseconds(ticks * 1'000'000'000 / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK)));
}

void read_process(pid_t pid, meter_reading& reading) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos)
    return;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) // utime is field 14 of proc(5)
    fields >> skipped;
  std::uint64_t user = 0, system = 0;
  fields >> user >> system;
  reading.user = clock_ticks(user);
  reading.system = clock_ticks(system);
}

void read_memory(pid_t pid, meter_reading& reading) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmRSS:"))
      reading.rss_kib = std::stoul(line.substr(6));
  }
}

void read_core(meter_reading& reading) {
  std::ifstream file("/proc/stat");
  const auto name = "cpu" + std::to_string(server_core) + " ";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name))
      continue;
    std::istringstream fields(line.substr(name.size()));
    std::array<std::uint64_t, 8> times{}; // user nice system idle iowait irq softirq steal, proc(5)
    for (auto& time : times)
      fields >> time;
    reading.core_busy = clock_ticks(times[0] + times[1] + times[2] + times[5] + times[6] + times[7]);
    reading.core_steal = clock_ticks(times[7]);
  }
}

} // namespace

meter_reading read_meter(pid_t pid) {
  meter_reading reading;
  read_process(pid, reading);
  read_memory(pid, reading);
  read_core(reading);
  return reading;
}

} // namespace plenary::load
