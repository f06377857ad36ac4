#pragma once

#include "actors/directory/registry_actor.hpp"
#include "actors/edge/event_store.hpp"
#include "actors/leg/leg_actor.hpp"
#include "actors/link/link_actor.hpp"
#include "actors/link/remote_leg_actor.hpp"
#include "actors/link/responder_actor.hpp"
#include "actors/room/room_actor.hpp"
#include "tests/actors/actor_world.hpp"
#include "tests/support/fake_edges.hpp"

#include <map>
#include <optional>
#include <vector>

namespace plenary::test {

/// Where every room is, for all scripted directories of a test.
struct room_map {
  std::map<room_key, room_place> places;
  std::optional<error> failure; ///< what `locate_room` answers instead
};

class test_node;

/// Carries requests between two nodes of one process; can be cut, and can swallow requests.
class paired_network final : public peer_network {
public:
  paired_network(caf::actor_system& system, node_name self)
      : system_(system)
      , self_(std::move(self)) {}

  void connect(test_node& peer) { peer_ = &peer; }
  void ask(const node_name& peer, peer_request what, std::chrono::milliseconds deadline,
           callback done) override;
  void set_status(member_status) override {}
  void set_addresses(std::vector<std::string>) override {}
  void cut(const node_name&, std::chrono::milliseconds) override {}

  bool up = true;
  bool swallows = false; ///< takes requests and never answers

private:
  caf::actor_system& system_;
  node_name self_;
  test_node* peer_ = nullptr;
};

/// One node's actors: real rooms, legs, links, registry and responder around a directory that the test
/// scripts.
class test_node {
public:
  test_node(actor_world& world, std::string name, room_map& map)
      : rooms_(map)
      , network(world.system(), node_name{name}) {
    edges = world.edges();
    edges.node = node_name{std::move(name)};
    edges.log = &log_;
    edges.meters = &meters;
    edges.media = &media;
    edges.ticks = &ticks;
    edges.peers = &network;
    directory = world.system().spawn([this](directory_actor::pointer self) { return behave(self); });
    calls = world.system().spawn(registry, registry_settings{}, &edges);
    responder_handle =
        caf::actor_cast<responder_actor>(world.system().spawn(responder, directory, calls, &edges));
  }

  void connect(actor_world& world, test_node& peer) {
    network.connect(peer);
    network.up = true;
    link_handle = world.system().spawn(link, peer.edges.node, &edges);
  }

  /// The link to the peer is gone, as this node sees it.
  void disconnect() {
    network.up = false;
    caf::anon_send(link_handle, link_lost{});
    link_handle = nullptr;
  }

  /// Ends everything of this node that a room or leg may hold.
  void stop() {
    for (const auto& [key, location] : rooms)
      caf::anon_send_exit(location.room, caf::exit_reason::kill);
    for (const auto& [name, leg] : legs)
      caf::anon_send_exit(leg, caf::exit_reason::kill);
    if (link_handle)
      caf::anon_send_exit(link_handle, caf::exit_reason::kill);
    caf::anon_send_exit(responder_handle, caf::exit_reason::kill);
    caf::anon_send_exit(directory, caf::exit_reason::kill);
    caf::anon_send_exit(calls, caf::exit_reason::kill);
    rooms.clear();
    legs.clear();
    link_handle = nullptr;
    responder_handle = nullptr;
    directory = nullptr;
    calls = nullptr;
  }

private:
  silent_logger log_;
  room_map& rooms_;

public:
  counting_telemetry meters;
  captured_transport media;
  manual_ticks ticks;
  paired_network network;
  node_edges edges;
  directory_actor directory;
  registry_actor calls;
  responder_actor responder_handle;
  link_actor link_handle;
  std::map<room_key, room_location> rooms;
  std::map<leg_name, leg_actor> legs;
  std::map<room_key, std::size_t> callers;
  std::optional<error> placing_fails; ///< what `place_leg` answers instead
  std::function<void(room_settings&)> adjust;

private:
  directory_actor::behavior_type behave(directory_actor::pointer self);
  result<room_location> find(directory_actor::pointer self, const room_key& key);
  result<leg_location> place(directory_actor::pointer self, const place_leg& what);
  leg_actor start(directory_actor::pointer self, const leg_of_call& made);
};

inline void paired_network::ask(const node_name&, peer_request what, std::chrono::milliseconds,
                                callback done) {
  if (!up)
    return done(fail(errc::unavailable, "no link"));
  if (swallows)
    return;
  system_.spawn([this, what = std::move(what), done](caf::event_based_actor* self) {
    self->request(peer_->responder_handle, caf::infinite,
                  serve_peer{self_, std::get<node_request>(what), peer_->link_handle})
        .then([done](const result<peer_reply>& answer) { done(answer); },
              [done](const caf::error&) { done(fail(errc::unavailable, "the responder is gone")); });
  });
}

inline leg_actor test_node::start(directory_actor::pointer self, const leg_of_call& made) {
  return legs[made.name] =
             self->spawn(leg, made, leg_settings{}, caf::actor_cast<directory_actor>(self), &edges);
}

/// The room of that name here, opened when the map says that it is.
inline result<room_location> test_node::find(directory_actor::pointer self, const room_key& key) {
  auto place = rooms_.places.find(key);
  if (place == rooms_.places.end())
    return fail(errc::not_found, "no such room");
  if (place->second.owner != edges.node)
    return fail(errc::moved, "the room is elsewhere");
  auto found = rooms.find(key);
  if (found != rooms.end() && found->second.epoch == place->second.epoch)
    return found->second;
  room_settings settings;
  settings.key = key;
  settings.epoch = place->second.epoch;
  settings.mixer.max_participants = 8;
  settings.directory = caf::actor_cast<directory_actor>(self);
  if (adjust)
    adjust(settings);
  return rooms[key] = {self->spawn(room, settings, &edges), settings.epoch};
}

inline result<leg_location> test_node::place(directory_actor::pointer self, const place_leg& what) {
  if (placing_fails)
    return tl::unexpected<error>(*placing_fails);
  auto owner =
      what.room && rooms_.places.count(*what.room) != 0 ? rooms_.places.at(*what.room).owner : edges.node;
  if (owner == edges.node)
    return leg_location{start(self, what.leg), owner};
  if (!link_handle)
    return fail(errc::unavailable, "no link to the room's node");
  return leg_location{self->spawn(remote_leg, what.leg, link_handle), owner};
}

inline directory_actor::behavior_type test_node::behave(directory_actor::pointer self) {
  return {
      [this](const locate_room& what) -> result<room_place> {
        if (rooms_.failure)
          return tl::unexpected<error>(*rooms_.failure);
        return rooms_.places.try_emplace(what.key, room_place{edges.node, 1}).first->second;
      },
      [this, self](const find_room& what) -> result<room_location> { return find(self, what.key); },
      [](const find_owner&) -> result<room_place> { return fail(errc::not_found, "not asked"); },
      [](const list_rooms&) { return listed_rooms{}; },
      [this](const room_emptied& what) {
        auto found = rooms.find(what.key);
        if (found != rooms.end() && found->second.epoch == what.epoch)
          rooms.erase(found);
      },
      [this](const room_counted& what) { callers[what.key] = what.callers; },
      [this, self](const place_leg& what) -> result<leg_location> { return place(self, what); },
      [this, self](const start_leg& what) -> result<leg_location> {
        return leg_location{start(self, what.leg), edges.node};
      },
      [this](const find_leg& what) -> result<leg_location> {
        auto found = legs.find(what.leg);
        if (found == legs.end())
          return fail(errc::not_found, "no such leg");
        return leg_location{found->second, edges.node};
      },
      [](const ask_node&) -> result<peer_reply> { return fail(errc::unavailable, "not asked"); },
      [](const describe_members&) { return described_members{}; },
      [](const link_came_up&) {},
      [](const status_came&) {},
      [](const link_went_down&) {},
      [](const peer_request_came&) {},
      [](const directory_tick&) {},
      [](const set_draining&) {},
      [](const describe_drain&) { return drain_progress{}; },
  };
}

} // namespace plenary::test
