#pragma once

#include "actors/audio/mixer.hpp"
#include "actors/directory/membership.hpp"
#include "actors/directory/room_table.hpp"
#include "actors/edge/mixing_permit.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/leg/leg_actor.hpp"
#include "actors/protocol.hpp"
#include "actors/room/room_actor.hpp"

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace plenary {

/// What the directory starts rooms and legs with, and what it tells other nodes of this one.
struct directory_settings {
  audio::mixer_config mixer;
  leg_settings leg;
  membership::settings cluster; ///< `cluster.self.name` is this node's name
  bool tick_log = false;        ///< rooms log which ticks they mixed
};

/// The directory's memory: which names live where, on which nodes. Every name is resolved here and nowhere
/// else.
///
/// The *home* of a room's name is the first of its placement list. It alone decides where a new room of that
/// name opens, so that two first joiners on two nodes meet. The owners tell everybody what they own
/// (room_table), so that every node answers for every room.
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
  void on_register_call(const register_call& message);
  result<call_location> on_find_call(const find_call& message) const;
  listed_calls on_list_calls(const list_calls& message) const;
  void on_down(const caf::actor_addr& source);

  // Where rooms live (directory_placing_actor.cpp).
  caf::result<result<peer::room_place>> on_locate_room(const locate_room& message);
  void serve_locate(const peer::locate_room& asked, const answer_function& answer);
  void serve_open(const node_name& from, const peer::open_room& asked, const answer_function& answer);

  // The other nodes (directory_members_actor.cpp).
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
  /// One question to a peer; an answer that takes longer is asked for again.
  static constexpr std::chrono::milliseconds ask_patience{1000};

  struct hosted_room {
    room_actor actor;
    std::uint64_t epoch = 0;
    std::size_t callers = 0;
    bool leaving = false; ///< this node drains and has asked another one to open it
  };
  /// Somebody waits for a room's place.
  struct wanted_place {
    room_key key;
    place_promise promise;
    mono_time since{};
    bool asking = false;        ///< the home has been asked and has not answered
    bool before_a_hold = false; ///< asked for before this node was held: it waits for a moment
  };
  /// What the home does for a name, and who waits for it.
  struct opening {
    std::vector<answer_function> waiting;
  };
  struct linked_peer {
    link_actor link;
    std::optional<peer::rooms_changed> rooms; ///< all that it owns; learnt when it is admitted
  };

  void end(const caf::error& reason);
  void host(const owned_room& room, open_reason reason, std::chrono::milliseconds lost_for);
  void vacate(const room_key& key, const peer::room_place& to);
  std::uint64_t callers_here() const;

  void pursue(std::uint64_t number);
  void pursue_all();
  void ask_home(std::uint64_t number, const node_name& home);
  void found(std::uint64_t number, const peer::room_place& place);
  void not_found(std::uint64_t number, errc code, const std::string& why);
  std::optional<peer::room_place> reachable_place(const room_key& key) const;
  bool is_held(const node_name& node) const;
  std::optional<node_name> home_of(const room_key& key) const;
  void open_somewhere(const room_key& key, answer_function answer);
  void open_at(const node_name& where, const owned_room& room, open_reason reason,
               std::chrono::milliseconds lost_for);
  void opened(const room_key& key, const result<peer::room_place>& place);
  void count_move(open_reason reason) const;

  void step(const membership::event& what);
  void perform(const membership::phase_changed& what);
  void perform(const membership::member_joined& what);
  void perform(const membership::member_lost& what);
  void perform(const membership::cut& what);
  void perform(const membership::permitted& what);
  void learn(const node_name& peer, const peer::rooms_changed& said);
  void half_comes(const room_key& key, const node_name& from);
  void keep_for_later(const node_name& from, peer::rooms_changed said);
  void tell_rooms(const node_name& peer);
  void tell_changes();
  void tell_status();
  void drain_rooms(std::ptrdiff_t at_least);
  void drain_room(const room_key& key, hosted_room& room);
  void end_link(const node_name& peer);
  void serve(const node_name& from, peer_request what, answer_function answer);
  void serve_vacate(const peer::vacate_room& asked, const answer_function& answer);
  link_actor link_to(const node_name& peer) const;

  self_pointer self_ = nullptr;
  directory_settings settings_;
  const node_edges* edges_ = nullptr;
  mixing_permit* permit_ = nullptr;
  responder_actor responder_;

  membership::state members_;
  room_table table_{node_name{}};
  std::map<node_name, linked_peer> peers_;

  std::unordered_map<room_key, hosted_room> rooms_;
  std::map<caf::actor_addr, room_key> vacated_; ///< still mixing for callers that have not moved yet
  std::map<leg_name, leg_actor> legs_;          ///< of calls of other nodes
  std::unordered_map<call_id, call_location> calls_;
  std::map<caf::actor_addr, call_id> call_names_;
  std::map<caf::actor_addr, leg_name> leg_names_;

  std::map<std::uint64_t, wanted_place> wanted_;
  std::uint64_t next_wanted_ = 1;
  std::map<room_key, opening> openings_;
};

/// The directory actor, one per node. `permit` is prolonged by it; null when nobody asks.
directory_actor::behavior_type directory(directory_state::self_pointer self, directory_settings settings,
                                         const node_edges* edges, mixing_permit* permit);

} // namespace plenary
