#pragma once

#include "node/config/configuration.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace plenary {

/// One thing of the machine or the configuration that was looked at.
struct finding {
  enum class grade {
    fine,
    advice, ///< it works, and could be better
    fault   ///< a node would not start, or calls would fail
  };
  grade how = grade::fine;
  std::string subject; ///< a few words, for example `udp 192.0.2.1:5060`
  std::string what;    ///< how it stands
  std::string advice;  ///< what to do; empty when all is fine
};

/// A certificate that ends then, seen at `now`.
finding judge_certificate(const std::string& subject, wall_time not_after, wall_time now);

/// The kernel's limit of a socket's buffer, in bytes; `name` is that of the setting.
finding judge_socket_buffer(const std::string& name, std::uint64_t bytes);

/// The limit of open files, for so many calls.
finding judge_descriptors(std::uint64_t most, std::int64_t calls);

/// Addresses that callers outside cannot reach although a carrier is outside: a node behind NAT that does not
/// say so. Nothing when there is no sign of that.
std::vector<finding> guess_nat(const configuration& config);

/// Looks at everything that a node of this configuration needs of this machine: addresses and ports,
/// real-time priority, clock, buffers, files, folder, certificates, and the customers' URLs, each of which is
/// connected to, 3 s at most, without a request.
std::vector<finding> examine(const configuration& config, wall_time now);

/// The findings of a file: its problems when it is wrong, else those of examine().
std::vector<finding> examine_file(const std::filesystem::path& file, wall_time now);

} // namespace plenary
