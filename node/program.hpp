#pragma once

#include "node/config/command_line.hpp"

namespace plenary {

/// Carries out what the command line asks of plenaryd; gives the exit status: 0 done, 1 the node cannot
/// start, 2 the command line or the configuration is wrong.
int run_program(const command_line& what);

} // namespace plenary
