#include "actors/room/room_actor_members.hpp"

#include <algorithm>
#include <utility>

namespace plenary {

result<void> room_members::add(const join_room& message, std::uint32_t number) {
  const auto slot = stage_.add(message.stream, number, message.how);
  if (!slot)
    return tl::unexpected<error>(slot.error());
  members_[message.call] = {message.leg, *slot};
  if (*slot >= legs_.size())
    legs_.resize(*slot + 1);
  legs_[*slot] = message.leg;
  return {};
}

leg_actor room_members::remove(const call_id& call) {
  auto found = members_.find(call);
  PLENARY_ASSERT(found != members_.end());
  auto [leg, slot] = std::move(found->second);
  members_.erase(found);
  legs_[slot] = nullptr;
  stage_.remove(slot);
  return leg;
}

result<void> room_members::change(const call_id& call, const participation& how) {
  return stage_.change(members_.at(call).slot, how);
}

result<void> room_members::change(const call_id& call, audio::stream_change&& what) {
  return stage_.change(members_.at(call).slot, std::move(what));
}

const leg_actor* room_members::leg_of(const call_id& call) const {
  auto found = members_.find(call);
  return found == members_.end() ? nullptr : &found->second.leg;
}

std::optional<call_id> room_members::call_of(const caf::actor_addr& leg) const {
  auto found = std::find_if(members_.begin(), members_.end(),
                            [&leg](const auto& entry) { return entry.second.leg->address() == leg; });
  return found == members_.end() ? std::nullopt : std::optional{found->first};
}

} // namespace plenary
