#include "actors/directory/directory_actor.hpp"

#include "actors/edge/log.hpp"
#include "actors/room/room_actor.hpp"

#include <algorithm>

namespace plenary {

void directory_state::start(self_pointer self, const directory_settings& settings, const node_edges& edges) {
  self_ = self;
  settings_ = settings;
  edges_ = &edges;
  next_epoch_ = settings.first_epoch;
  members_ = {{.name = edges.node, .weight = 1.0}};
  self->set_down_handler([this](const caf::down_msg& down) { on_down(down.source); });
}

result<room_location> directory_state::on_locate_room(const locate_room& message) {
  if (auto found = rooms_.find(message.key); found != rooms_.end())
    return found->second;
  if (auto here = must_be_here(placement_key(message.key)); !here)
    return tl::unexpected<error>(here.error());
  room_settings made{.key = message.key,
                     .epoch = next_epoch_++,
                     .mixer = settings_.mixer,
                     .directory = caf::actor_cast<directory_actor>(self_)};
  room_location location{self_->spawn<caf::monitored>(room, made, edges_), made.epoch};
  rooms_[message.key] = location;
  return location;
}

result<void> directory_state::must_be_here(const std::string& placement_key) const {
  auto owner = placement::owner(placement_key, members_);
  if (owner != edges_->node)
    return fail(errc::conference_unavailable, fmt::format("no live node owns \"{}\"", placement_key));
  return {};
}

result<room_location> directory_state::on_find_room(const find_room& message) const {
  auto found = rooms_.find(message.key);
  if (found == rooms_.end())
    return fail(errc::not_found, fmt::format("no room \"{}\"", message.key.name));
  return found->second;
}

listed_rooms directory_state::on_list_rooms(const list_rooms& message) const {
  listed_rooms listing;
  for (const auto& [key, location] : rooms_)
    if (key.customer == message.customer)
      listing.rooms.push_back(location);
  return listing;
}

void directory_state::on_room_emptied(const room_emptied& message) {
  auto found = rooms_.find(message.key);
  if (found != rooms_.end() && found->second.epoch == message.epoch)
    rooms_.erase(found);
}

result<leg_location> directory_state::on_place_leg(const place_leg& message) {
  auto key = message.first_room ? placement_key(*message.first_room) : message.call.value;
  if (auto here = must_be_here(key); !here)
    return tl::unexpected<error>(here.error());
  auto spawned =
      self_->spawn(leg, message.call, settings_.leg, caf::actor_cast<directory_actor>(self_), edges_);
  return leg_location{spawned, edges_->node};
}

void directory_state::on_register_call(const register_call& message) {
  self_->monitor(message.actor);
  calls_[message.call] = message.actor;
  call_names_[message.actor->address()] = message.call;
}

result<call_location> directory_state::on_find_call(const find_call& message) const {
  auto found = calls_.find(message.call);
  if (found == calls_.end())
    return fail(errc::not_found, fmt::format("no live call \"{}\"", message.call.value));
  return call_location{found->second};
}

void directory_state::on_down(const caf::actor_addr& source) {
  if (auto call = call_names_.find(source); call != call_names_.end()) {
    calls_.erase(call->second);
    call_names_.erase(call);
    return;
  }
  auto room = std::find_if(rooms_.begin(), rooms_.end(),
                           [&source](const auto& entry) { return entry.second.room->address() == source; });
  if (room == rooms_.end())
    return;
  edges_->log->error("room_failed", {{"room", room->first.name}, {"customer", room->first.customer.value}});
  rooms_.erase(room);
}

directory_actor::behavior_type directory(directory_state::self_pointer self, directory_settings settings,
                                         const node_edges* edges) {
  auto& state = self->state;
  state.start(self, settings, *edges);
  return {
      [&state](const locate_room& message) { return state.on_locate_room(message); },
      [&state](const find_room& message) { return state.on_find_room(message); },
      [&state](const list_rooms& message) { return state.on_list_rooms(message); },
      [&state](const room_emptied& message) { state.on_room_emptied(message); },
      [&state](const place_leg& message) { return state.on_place_leg(message); },
      [&state](const register_call& message) { state.on_register_call(message); },
      [&state](const find_call& message) { return state.on_find_call(message); },
  };
}

} // namespace plenary
