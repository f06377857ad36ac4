#pragma once

#include "schema/call.hpp"
#include "schema/leg.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What nodes say to each other, as plain values. On the wire each is a struct or a method of
/// `schema/node.capnp`; `schema/peer_codec` translates.
namespace plenary {

/// Version of the messages between nodes; two nodes talk by the older of their two. Since 2, orders to a leg
/// and its reports are values (schema/leg.hpp); node/link/first_protocol speaks as 1 does.
inline constexpr std::uint32_t peer_protocol = 2;

/// Who a node is; said once when a link comes up.
struct peer_identity {
  node_name name;
  std::string address;           ///< `HOST:PORT` where this node takes links
  std::uint64_t incarnation = 0; ///< nanoseconds since 1970 of the process's start: tells a restart
  double weight = 1.0;           ///< share of the rooms, 0 to 1024
  std::string region;            ///< free text for people
  std::string version;           ///< of the program
  std::uint32_t protocol = peer_protocol;
  std::uint64_t configuration = 0; ///< what versions without `shared` compare: see configuration_digest()
  std::uint64_t shared = 0; ///< digest of what must be equal on all nodes, see shared_digest(); 0: none told

  friend bool operator==(const peer_identity&, const peer_identity&) = default;
};

/// Whether a node takes rooms.
enum class member_phase : std::uint8_t {
  joining, ///< does not know every member's rooms yet: owns nothing, decides nothing
  live,
  draining, ///< takes nothing new, moves what it has
  held      ///< on the smaller side of a partition under `on_partition = "hold"`: plays silence
};

/// `joining`, `live`, `draining` or `held`.
std::string_view to_string(member_phase phase);

/// What should be equal on all nodes and may differ while they are configured one after the other; zeros: a
/// version that tells none.
struct customer_digests {
  std::uint64_t applications = 0;
  std::uint64_t numbers = 0;

  friend bool operator==(const customer_digests&, const customer_digests&) = default;
};

/// What a node tells every peer with each heartbeat.
struct member_status {
  member_phase phase = member_phase::joining;
  std::uint64_t callers = 0;        ///< participants of this node's rooms
  std::uint64_t rooms = 0;          ///< rooms that this node owns
  std::uint64_t calls = 0;          ///< calls whose signalling is here
  std::vector<peer_identity> links; ///< the peers that this node has a link to now
  std::vector<node_name> members{}; ///< those of them that it counts as members
  customer_digests customers{};

  friend bool operator==(const member_status&, const member_status&) = default;
};

/// Why a room was opened on a node.
enum class open_reason : std::uint8_t {
  first_join,
  owner_lost,    ///< the node that owned it is gone
  owner_drained, ///< the node that owned it leaves
  merged         ///< two halves of a healed partition become one
};

/// `first_join`, `owner_lost`, `owner_drained` or `merged`.
std::string_view to_string(open_reason reason);

/// A room that a node owns.
struct owned_room {
  room_key key;
  std::uint64_t epoch = 0; ///< see directory/epoch.hpp
  wall_time created_at{};  ///< of the room's first epoch

  friend bool operator==(const owned_room&, const owned_room&) = default;
};

/// Messages to a peer, one struct each; `reply` is what comes back.
namespace peer {

/// Nothing but "done".
struct done {};

// -- to the directory ---------------------------------------------------------------------------------------

using plenary::room_place;

/// Asks the home of a key (directory/room_table.hpp) for the room; the home has it opened when there is none.
/// Fails with `unavailable` when the asked node is not the key's home, or is not live: ask again.
struct locate_room {
  using reply = room_place;
  room_key key;
};

/// The home asks the node that it has chosen to open a room.
struct open_room {
  using reply = done;
  owned_room room;
  open_reason reason = open_reason::first_join;
  std::chrono::milliseconds lost_for{0}; ///< since the previous owner fell silent
};

/// Rooms that the sender opened or closed since its last message of this kind, or all that it owns.
struct rooms_changed {
  using reply = done;
  bool all = false; ///< `opened` is everything that the sender owns
  std::vector<owned_room> opened;
  std::vector<owned_room> closed;
};

/// The room lives elsewhere under a newer epoch: everybody in it moves there.
struct vacate_room {
  using reply = done;
  room_key key;
  std::uint64_t epoch = 0; ///< of the room to be vacated; another epoch is stale
  room_place to;
};

// -- to a leg (a leg tells its call `leg_told`)
// ---------------------------------------------------------------

/// Has a leg of the asked node carry out an order; `order::open` starts the leg. Fails with `not_found` when
/// there is no such leg.
struct order_leg {
  using reply = leg_reply;
  leg_name leg;
  leg_order what;
};

// -- from the API -------------------------------------------------------------------------------------------

/// The call's record, live or stored, as the asked node knows it.
struct describe_call {
  using reply = std::optional<call_record>;
  call_id call;
};

/// Live calls of one customer whose signalling is on the asked node.
struct list_calls {
  using reply = std::vector<call_record>;
  customer_id customer;
};

/// Ends a call of this customer; `not_found` when there is no such live call.
struct hang_up_call {
  using reply = done;
  customer_id customer;
  call_id call;
};

/// A room of the asked node; `not_found` when it owns no such room.
struct describe_room {
  using reply = room_snapshot;
  room_key key;
};

/// Changes what a participant may do, or takes it out of the room.
struct control_participant {
  using reply = done;
  room_key key;
  std::uint64_t epoch = 0; ///< of the room that the directory named; another one fails with `stale`
  call_id call;
  participant_control what{};
};

/// Everybody leaves the room; each goes on with its flow.
struct end_room {
  using reply = done;
  room_key key;
  std::uint64_t epoch = 0; ///< of the room that the directory named; another one fails with `stale`
};

/// Starts or cancels the draining of the asked node.
struct drain_node {
  using reply = done;
  bool drain = true; ///< false: cancel
};

} // namespace peer

/// What the directory of the asked node answers itself.
using directory_request = std::variant<peer::locate_room, peer::open_room, peer::rooms_changed,
                                       peer::vacate_room, peer::drain_node>;

/// What is carried out on the calls, legs and rooms of the asked node.
using node_request =
    std::variant<peer::order_leg, leg_told, peer::describe_call, peer::list_calls, peer::hang_up_call,
                 peer::describe_room, peer::control_participant, peer::end_room>;

/// Any message to a peer.
using peer_request = std::variant<directory_request, node_request>;

/// What comes back; always the `reply` of the request.
using peer_reply = std::variant<peer::done, room_place, leg_reply, std::optional<call_record>,
                                std::vector<call_record>, room_snapshot>;

} // namespace plenary
