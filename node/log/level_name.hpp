#pragma once

#include "actors/edge/log.hpp"

#include <array>
#include <string_view>

namespace plenary {

/// Names of the log levels, in the order of `log_level`.
inline constexpr std::array<std::string_view, 4> log_level_names{"debug", "info", "warning", "error"};

/// The name that stands in log lines and in `node.log`.
constexpr std::string_view to_string(log_level level) {
  return log_level_names[static_cast<std::size_t>(level)];
}

} // namespace plenary
