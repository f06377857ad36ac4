#pragma once

#include "node/config/load.hpp"

namespace plenary {

/// Fills in the secrets that stand in files of their own (one trailing newline is dropped) and reports
/// what is missing, given twice, unreadable or unusable.
void read_secret_files(configuration& config, const key_lines& lines, std::vector<problem>& problems);

/// The line of a key, else that of its table, else 0.
int line_of_key(const key_lines& lines, const std::string& key);

} // namespace plenary
