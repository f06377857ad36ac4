#pragma once

#include "node/config/configuration.hpp"
#include "node/config/problem.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace plenary {

/// `1 application, 2 numbers, 1 trunk`.
std::string counts_of(const configuration& config);

/// What is right for the program and may still not be what is meant: nothing configured, trunks that match
/// nothing, secrets of the example, an API for everybody, a folder that cannot be written, fallback actions
/// that would be refused when they are needed, and warnings_of(). Looks at the machine it runs on.
std::vector<problem> second_looks(const configuration& config, const std::filesystem::path& file);

} // namespace plenary
