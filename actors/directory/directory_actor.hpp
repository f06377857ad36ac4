#pragma once

#include "actors/audio/mixer.hpp"
#include "actors/directory/placing_driver.hpp"
#include "actors/directory/registry_actor.hpp"
#include "actors/edge/mixing_permit.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/leg/leg_actor.hpp"
#include "actors/protocol.hpp"
#include "actors/room/room_actor.hpp"

#include <map>
#include <memory>
#include <unordered_map>

namespace plenary {

/// What the directory starts rooms and legs with, and what it tells other nodes of this one.
struct directory_settings {
  audio::mixer_config mixer;
  leg_settings leg;
  membership::settings cluster; ///< `cluster.self.name` is this node's name
  bool tick_log = false;        ///< rooms log which ticks they mixed
  registry_actor registry;      ///< of the node's live calls
  std::shared_ptr<const live_calls> live = std::make_shared<live_calls>(0); ///< how many those are
};

/// The directory's memory: which names live where, on which nodes. Every name is resolved here and nowhere
/// else; where rooms live is decided by `placing`, which this actor feeds and performs.
class directory_state {
public:
  using self_pointer = directory_actor::stateful_pointer<directory_state>;
  using place_promise = caf::typed_response_promise<result<peer::room_place>>;
  using answer_function = std::function<void(result<peer_reply>)>;

  void start(self_pointer self, const directory_settings& settings, const node_edges& edges,
             mixing_permit* permit);

  // Names of this node (directory_actor.cpp).
  result<room_location> on_find_room(const find_room& message) const;
  result<peer::room_place> on_find_owner(const find_owner& message) const;
  listed_rooms on_list_rooms(const list_rooms& message) const;
  void on_room_emptied(const room_emptied& message);
  void on_room_counted(const room_counted& message);
  caf::result<result<leg_location>> on_place_leg(const place_leg& message);
  result<leg_location> on_start_leg(const start_leg& message);
  result<leg_location> on_find_leg(const find_leg& message) const;
  void on_down(const caf::actor_addr& source);

  // Where rooms live, and the other nodes (directory_actor_places.cpp).
  caf::result<result<peer::room_place>> on_locate_room(const locate_room& message);
  void on_link_up(const link_came_up& message);
  void on_status(const status_came& message);
  void on_link_down(const link_went_down& message);
  void on_peer_request(peer_request_came& message);
  caf::result<result<peer_reply>> on_ask_node(const ask_node& message);
  described_members on_describe_members() const;
  void on_tick();
  void on_set_draining(const set_draining& message);
  drain_progress on_describe_drain() const;

private:
  struct hosted_room {
    room_actor actor;
    std::uint64_t epoch = 0;
  };

  void end(const caf::error& reason);

  void step(placing::event what);
  void perform(const placing::phase_changed& what);
  void perform(const placing::member_joined& what);
  void perform(const placing::member_lost& what);
  void perform(const placing::cut& what);
  void perform(const placing::permitted& what);
  void perform(const placing::link_ended& what);
  void perform(const placing::link_made& what);
  void perform(const placing::status_changed& what);
  void perform(const placing::ask& what);
  void perform(const placing::tell& what);
  void perform(const placing::answer& what);
  void perform(const placing::found& what);
  void perform(const placing::not_found& what);
  void perform(const placing::host& what);
  void perform(const placing::vacate& what);
  void perform(const placing::half_comes& what);
  void perform(const placing::placed& what);
  void perform(const placing::not_opened& what);
  void perform(const placing::stale_refused& what);
  void count_move(open_reason reason) const;
  void show_drain() const;
  void serve(const node_name& from, peer_request what, answer_function answer);
  link_actor link_to(const node_name& peer) const;

  self_pointer self_ = nullptr;
  directory_settings settings_;
  const node_edges* edges_ = nullptr;
  mixing_permit* permit_ = nullptr;
  responder_actor responder_;

  placing::driver places_{placing::state{}};
  std::map<node_name, link_actor> links_;
  std::uint64_t last_number_ = 0; ///< of those who wait for a place or an answer
  std::map<std::uint64_t, place_promise> wanted_;
  std::map<std::uint64_t, answer_function> questions_;

  std::unordered_map<room_key, hosted_room> rooms_;
  std::map<caf::actor_addr, room_key> vacated_;      ///< still mixing for callers that have not moved yet
  names<leg_name, caf::actor_addr, leg_actor> legs_; ///< of calls of other nodes
};

/// The directory actor, one per node. `permit` is prolonged by it; null when nobody asks.
directory_actor::behavior_type directory(directory_state::self_pointer self, directory_settings settings,
                                         const node_edges* edges, mixing_permit* permit);

} // namespace plenary
