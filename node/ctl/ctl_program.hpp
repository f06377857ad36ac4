#pragma once

#include <map>
#include <ostream>
#include <span>
#include <string>

namespace plenary {

/// How plenaryctl ends.
enum class ctl_status {
  done = 0,
  failed = 1,      ///< a node refused, or failed
  wrong_usage = 2, ///< the command line is wrong
  no_answer = 3,   ///< no node was reached
  not_found = 4,   ///< there is no such object
  try_again = 5    ///< it is being moved, or is not yet done
};

/// Carries out one command line (without the program's name); what it finds goes to `out`, troubles to `err`.
ctl_status run_ctl(std::span<const char* const> words, const std::map<std::string, std::string>& environment,
                   std::ostream& out, std::ostream& err);

} // namespace plenary
