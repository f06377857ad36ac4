#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace plenary {

inline constexpr std::string_view build_info_help = "Always 1; the labels name the build.";

/// One figure of the process under its customary Prometheus name.
struct process_entry {
  std::string_view name;
  std::string_view help;
  bool is_counter;
  std::optional<double> (*read)(); ///< reads /proc at the time of the call; nothing where it cannot be read
};

/// Every figure of the process.
const std::array<process_entry, 7>& process_catalogue();

} // namespace plenary
