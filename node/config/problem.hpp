#pragma once

#include <string>
#include <vector>

namespace plenary {

/// One thing that is wrong with a configuration.
struct problem {
  std::string file;
  int line = 0;     ///< 1 is the first; 0: no particular line
  std::string key;  ///< for example `media.ports` or `application[0].answer_url`; may be empty
  std::string what; ///< never holds a secret
  std::string hint; ///< what to do; may be empty
};

/// `plenary.toml:12: media.ports: ... (hint: ...)`.
std::string to_string(const problem& trouble);

} // namespace plenary
