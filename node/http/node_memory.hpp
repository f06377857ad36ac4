#pragma once

#include "node/http/api_backend.hpp"

#include <chrono>
#include <map>

namespace plenary {

/// Remembers members that went away without having been told to, so that a list of nodes shows who is
/// missing. Knows only what it was shown.
class node_memory {
public:
  /// A lost node is forgotten after this time.
  static constexpr std::chrono::hours patience{24};

  /// The members of now, and after them those that were members before and are lost.
  std::vector<node_description> update(std::vector<node_description> members, wall_time now);

private:
  std::map<node_name, node_description> known_;
};

} // namespace plenary
