#include "node/http/node_memory.hpp"

#include <set>

namespace plenary {

namespace {

/// Whoever drained was meant to leave.
bool is_missed(const node_description& node, wall_time now) {
  return node.status.phase != member_phase::draining &&
         (!node.lost_since || now - *node.lost_since < node_memory::patience);
}

} // namespace

std::vector<node_description> node_memory::update(std::vector<node_description> members, wall_time now) {
  std::set<node_name> present;
  for (const auto& member : members) {
    present.insert(member.identity.name);
    known_[member.identity.name] = member;
  }
  std::erase_if(known_, [&](const auto& entry) {
    return !present.contains(entry.first) && !is_missed(entry.second, now);
  });
  for (auto& [name, node] : known_) {
    if (present.contains(name))
      continue;
    if (!node.lost_since)
      node.lost_since = now;
    members.push_back(node);
  }
  return members;
}

} // namespace plenary
