#include "node/http/node_memory.hpp"

#include <set>

namespace plenary {

namespace {

/// The longest drain deadline.
constexpr std::chrono::hours leaving_time{1};

} // namespace

/// Whoever drained was meant to leave.
bool node_memory::is_missed(const node_description& node, wall_time now) const {
  auto told = leaving_.find(node.identity.name);
  bool meant = node.status.phase == member_phase::draining ||
               (told != leaving_.end() && now - told->second < leaving_time);
  return !meant && (!node.lost_since || now - *node.lost_since < patience);
}

void node_memory::set_leaving(const node_name& node, bool leaves, wall_time now) {
  leaving_.erase(node);
  if (leaves)
    leaving_[node] = now;
}

std::vector<node_description> node_memory::update(std::vector<node_description> members, wall_time now) {
  std::set<node_name> present;
  for (const auto& member : members) {
    present.insert(member.identity.name);
    known_[member.identity.name] = member;
  }
  std::erase_if(known_, [&](const auto& entry) {
    bool gone = !present.contains(entry.first) && !is_missed(entry.second, now);
    if (gone)
      leaving_.erase(entry.first);
    return gone;
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
