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

  /// The node was told to drain, or to stay after all: when it goes away within an hour, it was meant to.
  void set_leaving(const node_name& node, bool leaves, wall_time now);

private:
  bool is_missed(const node_description& node, wall_time now) const;

  std::map<node_name, node_description> known_;
  std::map<node_name, wall_time> leaving_;
};

} // namespace plenary
