#pragma once

#include "node/config/configuration.hpp"
#include "node/config/problem.hpp"

#include <filesystem>
#include <vector>

namespace plenary {

/// What is not wrong with a configuration and yet worth a second look; `file` stands in each of them.
std::vector<problem> warnings_of(const configuration& config, const std::filesystem::path& file);

} // namespace plenary
