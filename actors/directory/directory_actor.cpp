#include "actors/directory/directory_actor.hpp"

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "actors/link/link_actor.hpp"
#include "actors/link/remote_leg_actor.hpp"
#include "actors/link/responder_actor.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary {

namespace {

constexpr std::chrono::milliseconds tick_time{100};

} // namespace

void directory_state::start(self_pointer self, const directory_settings& settings, const node_edges& edges,
                            mixing_permit* permit) {
  self_ = self;
  settings_ = settings;
  edges_ = &edges;
  permit_ = permit;
  settings_.cluster.self.name = edges.node;
  places_ = placing::driver{placing::start(settings_.cluster, edges_->mono_clock())};
  responder_ = self->spawn(responder, caf::actor_cast<directory_actor>(self), settings_.registry, &edges);
  self->set_down_handler([this](const caf::down_msg& down) { on_down(down.source); });
  self->set_exit_handler([this](const caf::exit_msg& message) { end(message.reason); });
  on_tick();
}

/// The node stops: nobody else ends what the directory has started.
void directory_state::end(const caf::error& reason) {
  for (const auto& [name, link] : links_)
    self_->send_exit(link, reason);
  for (const auto& [key, room] : rooms_)
    self_->send_exit(room.actor, reason);
  for (const auto& [name, leg] : legs_.all())
    self_->send_exit(leg, reason);
  self_->send_exit(responder_, reason);
  self_->quit(reason);
}

// -- rooms of this node -------------------------------------------------------------------------------------

result<room_location> directory_state::on_find_room(const find_room& message) const {
  if (auto found = rooms_.find(message.key); found != rooms_.end())
    return room_location{found->second.actor, found->second.epoch};
  if (auto place = places_->table.place_of(message.key))
    return fail(errc::moved, fmt::format("room \"{}\" is on {}", message.key.name, place->owner.value));
  return fail(errc::not_found, fmt::format("no room \"{}\"", message.key.name));
}

result<peer::room_place> directory_state::on_find_owner(const find_owner& message) const {
  switch (places_->table.standing_of(message.key, edges_->mono_clock())) {
  case room_table::standing::owned:
    return *places_->table.place_of(message.key);
  case room_table::standing::moving:
    return fail(errc::moving, fmt::format("room \"{}\" is being placed anew", message.key.name));
  case room_table::standing::unknown:
    break;
  }
  if (!membership::decides(places_->members))
    return fail(errc::moving, "this node does not know every room yet");
  return fail(errc::not_found, fmt::format("no room \"{}\"", message.key.name));
}

listed_rooms directory_state::on_list_rooms(const list_rooms& message) const {
  return {places_->table.rooms_of(message.customer)};
}

void directory_state::on_room_emptied(const room_emptied& message) {
  auto found = rooms_.find(message.key);
  if (found != rooms_.end() && found->second.epoch == message.epoch)
    rooms_.erase(found);
  step(placing::room_emptied{message.key, message.epoch});
}

void directory_state::on_room_counted(const room_counted& message) {
  step(placing::room_counted{message.key, message.epoch, message.callers});
}

// -- legs ---------------------------------------------------------------------------------------------------

caf::result<result<leg_location>> directory_state::on_place_leg(const place_leg& message) {
  const auto here = [this, made = message.leg] {
    auto directory = caf::actor_cast<directory_actor>(self_);
    return leg_location{self_->spawn(leg, made, settings_.leg, directory, edges_), edges_->node};
  };
  if (!message.room)
    return result<leg_location>{here()};
  auto promise = self_->make_response_promise<result<leg_location>>();
  self_->request(caf::actor_cast<directory_actor>(self_), caf::infinite, locate_room{*message.room})
      .then(
          [this, promise, here, made = message.leg](const result<room_place>& place) mutable {
            if (!place)
              promise.deliver(result<leg_location>{tl::unexpected<error>(place.error())});
            else if (place->owner == edges_->node)
              promise.deliver(result<leg_location>{here()});
            else if (auto link = link_to(place->owner))
              promise.deliver(
                  result<leg_location>{leg_location{self_->spawn(remote_leg, made, link), place->owner}});
            else
              promise.deliver(result<leg_location>{fail(errc::moving, "the room's node has just been lost")});
          },
          [promise](const caf::error&) mutable {
            promise.deliver(
                result<leg_location>{fail(errc::conference_unavailable, "the directory is ending")});
          });
  return promise;
}

result<leg_location> directory_state::on_start_leg(const start_leg& message) {
  const auto& name = message.leg.name;
  if (legs_.find(name) != nullptr)
    return fail(errc::conference_unavailable, "the leg exists already");
  if (!membership::decides(places_->members))
    return fail(errc::unavailable, "this node takes no legs now");
  auto made = self_->spawn<caf::monitored>(leg, message.leg, settings_.leg,
                                           caf::actor_cast<directory_actor>(self_), edges_);
  legs_.add(name, made->address(), made);
  return leg_location{made, edges_->node};
}

result<leg_location> directory_state::on_find_leg(const find_leg& message) const {
  if (const auto* found = legs_.find(message.leg))
    return leg_location{*found, edges_->node};
  return fail(errc::not_found,
              fmt::format("no leg {} of call \"{}\"", message.leg.number, message.leg.call.value));
}

void directory_state::on_down(const caf::actor_addr& source) {
  if (legs_.take(source))
    return;
  if (vacated_.erase(source) > 0) {
    step(placing::vacated_ended{});
    return show_drain();
  }
  auto room = std::find_if(rooms_.begin(), rooms_.end(),
                           [&source](const auto& each) { return each.second.actor->address() == source; });
  if (room == rooms_.end())
    return;
  edges_->log->error("room_failed", {{"room", room->first.name}, {"customer", room->first.customer.value}});
  const auto failed = rooms_.extract(room);
  step(placing::room_emptied{failed.key(), failed.mapped().epoch});
}

directory_actor::behavior_type directory(directory_state::self_pointer self, directory_settings settings,
                                         const node_edges* edges, mixing_permit* permit) {
  auto& state = self->state;
  state.start(self, settings, *edges, permit);
  self->delayed_send(self, tick_time, directory_tick{});
  return {
      [&state](const locate_room& message) { return state.on_locate_room(message); },
      [&state](const find_room& message) { return state.on_find_room(message); },
      [&state](const find_owner& message) { return state.on_find_owner(message); },
      [&state](const list_rooms& message) { return state.on_list_rooms(message); },
      [&state](const room_emptied& message) { state.on_room_emptied(message); },
      [&state](const room_counted& message) { state.on_room_counted(message); },
      [&state](const place_leg& message) { return state.on_place_leg(message); },
      [&state](const start_leg& message) { return state.on_start_leg(message); },
      [&state](const find_leg& message) { return state.on_find_leg(message); },
      [&state](const ask_node& message) { return state.on_ask_node(message); },
      [&state](const describe_members&) { return state.on_describe_members(); },
      [&state](const link_came_up& message) { state.on_link_up(message); },
      [&state](const status_came& message) { state.on_status(message); },
      [&state](const link_went_down& message) { state.on_link_down(message); },
      [&state](peer_request_came& message) { state.on_peer_request(message); },
      [&state, self](directory_tick) {
        self->delayed_send(self, tick_time, directory_tick{});
        state.on_tick();
      },
      [&state](const set_draining& message) { state.on_set_draining(message); },
      [&state](const describe_drain&) { return state.on_describe_drain(); },
  };
}

} // namespace plenary
