#pragma once

#include "schema/ids.hpp"

#include <chrono>
#include <functional>

namespace plenary {

/// Settings of the durable store; the defaults are those of the configuration.
struct store_settings {
  std::chrono::hours keep_finished{30 * 24}; ///< finished calls and dead letters older than this are removed
  std::chrono::milliseconds shutdown_patience{2000}; ///< how long the destructor tries to write what waits
  std::function<wall_time()> now = [] { return wall_time{std::chrono::system_clock::now()}; };
};

} // namespace plenary
