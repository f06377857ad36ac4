#pragma once

#include "schema/ids.hpp"

#include <chrono>

namespace plenary {

/// When the tests' events fall due.
inline const wall_time noon{std::chrono::sys_days{std::chrono::November / 22 / 2026} +
                            std::chrono::hours{12}};

} // namespace plenary
