#pragma once

#include "actors/audio/mixer.hpp"
#include "actors/directory/placement.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/leg/leg_actor.hpp"
#include "actors/protocol.hpp"

#include <unordered_map>
#include <vector>

namespace plenary {

/// What the directory starts rooms and legs with.
struct directory_settings {
  audio::mixer_config mixer;
  leg_settings leg;
  std::uint64_t first_epoch = 1; ///< greater than every epoch that this node gave before
};

/// The directory's memory: which names live where. Every name is resolved here and nowhere else.
class directory_state {
public:
  using self_pointer = directory_actor::stateful_pointer<directory_state>;

  void start(self_pointer self, const directory_settings& settings, const node_edges& edges);

  result<room_location> on_locate_room(const locate_room& message);
  result<room_location> on_find_room(const find_room& message) const;
  listed_rooms on_list_rooms(const list_rooms& message) const;
  void on_room_emptied(const room_emptied& message);
  result<leg_location> on_place_leg(const place_leg& message);
  void on_register_call(const register_call& message);
  result<call_location> on_find_call(const find_call& message) const;

private:
  result<void> must_be_here(const std::string& placement_key) const;
  void on_down(const caf::actor_addr& source);

  self_pointer self_ = nullptr;
  directory_settings settings_;
  const node_edges* edges_ = nullptr;
  std::vector<placement::member> members_;
  std::unordered_map<room_key, room_location> rooms_;
  std::unordered_map<call_id, call_actor> calls_;
  std::map<caf::actor_addr, call_id> call_names_;
  std::uint64_t next_epoch_ = 1;
};

/// The directory actor, one per node.
directory_actor::behavior_type directory(directory_state::self_pointer self, directory_settings settings,
                                         const node_edges* edges);

} // namespace plenary
