#include "actors/room/roster.hpp"

namespace plenary {

bool roster::add(const call_id& call, const participant& who) {
  return participants_.emplace(call, who).second;
}

departure roster::remove(const call_id& call) {
  auto found = participants_.find(call);
  if (found == participants_.end())
    return {};
  departure what;
  what.left = found->second;
  participants_.erase(found);
  what.ends_room = what.left->how.end_on_exit && !participants_.empty();
  return what;
}

bool roster::change(const call_id& call, const participation_change& what) {
  auto found = participants_.find(call);
  if (found == participants_.end())
    return false;
  apply(what, found->second.how);
  return true;
}

std::vector<call_id> roster::settle_noise_suppression(const call_id& joined) {
  const auto* who = find(joined);
  const bool decides = who != nullptr && !said_;
  if (decides)
    said_ = who->how.noise_suppression;
  if (who == nullptr || !said_)
    return {};
  auto untold = decides ? calls() : std::vector{joined};
  std::erase_if(
      untold, [this](const call_id& call) { return participants_.at(call).how.noise_suppression == said_; });
  return untold;
}

std::vector<call_id> roster::calls() const {
  std::vector<call_id> calls;
  calls.reserve(participants_.size());
  for (const auto& [call, who] : participants_)
    calls.push_back(call);
  return calls;
}

const participant* roster::find(const call_id& call) const {
  auto found = participants_.find(call);
  return found == participants_.end() ? nullptr : &found->second;
}

} // namespace plenary
