#pragma once

#include "node/config/configuration.hpp"

#include <string>

namespace plenary {

/// The configuration as TOML, every option, secrets as `***`.
std::string print_configuration(const configuration& config);

/// The text of cluster-config/single/plenary.toml: every option with its sentence, limits and default, and
/// one application, number and trunk to start from. It loads without a problem.
std::string example_configuration();

/// The text of docs/configuration.md.
std::string configuration_document();

/// One line per option, for `--help`.
std::string option_overview();

} // namespace plenary
