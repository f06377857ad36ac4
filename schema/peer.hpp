#pragma once

#include "schema/call.hpp"
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

/// Version of the messages between nodes; a node talks to every node of an equal or newer version by the
/// older of the two.
inline constexpr std::uint32_t peer_protocol = 1;

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

/// A leg as other nodes name it: a call has a new leg, with the next number, after each move of its media.
struct leg_name {
  call_id call;
  std::uint32_t number = 1;

  friend auto operator<=>(const leg_name&, const leg_name&) = default;
};

/// Our side of an SDP session, carried over when a call's media moves to another leg (RFC 3264 section 8).
struct sdp_session {
  std::uint64_t id = 0;
  std::uint64_t version = 0;
  std::string local; ///< our latest description; empty before the first

  friend bool operator==(const sdp_session&, const sdp_session&) = default;
};

/// Why a caller is no longer in a room.
enum class leave_reason : std::uint8_t {
  requested,  ///< the call itself asked to leave
  kicked,     ///< removed by an operator or the API
  room_ended, ///< a participant with `end_on_exit` left, or the room was ended
  room_lost   ///< the room failed and could not be joined again
};

/// Whether a trunk's media must, may or must not be encrypted (SDES, RFC 4568).
enum class srtp_policy : std::uint8_t { off, optional, required };

/// Messages to a peer, one struct each; `reply` is what comes back.
namespace peer {

/// Nothing but "done".
struct done {};

// -- to the directory ---------------------------------------------------------------------------------------

/// Where a room lives.
struct room_place {
  node_name owner;
  std::uint64_t epoch = 0;
};

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

// -- to a leg -----------------------------------------------------------------------------------------------

/// Our description for the caller.
struct described_media {
  sdp_session session; ///< `session.local` is the SDP to send
};

/// Starts a leg and opens its media: answers the caller's offer, or makes one when there is none.
struct open_leg {
  using reply = described_media;
  leg_name leg;
  std::optional<std::string> offer;
  srtp_policy srtp = srtp_policy::optional;
  std::optional<sdp_session> continuing; ///< of the leg that this one takes over from
  std::string signalling{}; ///< IP literal that the INVITE came from; empty: an older node does not say
  std::string trunk{};      ///< name of the trunk; empty likewise
  bool held_back = false;   ///< the caller's ACK is still to come: `confirm_leg`
};

/// A later offer of the caller; without SDP the leg makes the offer.
struct renegotiate {
  using reply = described_media;
  leg_name leg;
  std::optional<std::string> offer;
};

/// The caller's answer to the leg's offer.
struct accept_answer {
  using reply = done;
  leg_name leg;
  std::string answer;
};

/// Sends the caller into a room of the leg's node; fails with `moved` when the room is on another node, with
/// `stale` when its epoch is another one.
struct enter_room {
  using reply = room_place;
  leg_name leg;
  room_key room;
  std::uint64_t epoch = 0; ///< of the room that the directory named
  participation how{};
};

struct exit_room {
  using reply = done;
  leg_name leg;
};

struct close_leg {
  using reply = done;
  leg_name leg;
};

/// The caller's ACK came: the address that it signals from is real.
struct confirm_leg {
  using reply = done;
  leg_name leg;
};

// -- to a call ----------------------------------------------------------------------------------------------

/// A leg is no longer in its room.
struct left_room {
  using reply = done;
  leg_name leg;
  leave_reason reason = leave_reason::requested;
};

/// No media has arrived for the configured time.
struct media_timed_out {
  using reply = done;
  leg_name leg;
};

/// The caller pressed a key.
struct digit_received {
  using reply = done;
  leg_name leg;
  char digit = '0';
};

/// The room has a new owner: the call moves its media there.
struct room_moves {
  using reply = done;
  leg_name leg;
  room_place to;
};

/// The room changed what the caller may do; kept by the call for the next join.
struct participant_changed {
  using reply = done;
  leg_name leg;
  participation_change change; ///< an older node reads `muted` alone: it always stands in it
};

/// The leg failed.
struct leg_ended {
  using reply = done;
  leg_name leg;
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

/// Any message to a peer. A new message is added at the end: its place is its number in the metrics.
using peer_request =
    std::variant<peer::locate_room, peer::open_room, peer::rooms_changed, peer::vacate_room, peer::open_leg,
                 peer::renegotiate, peer::accept_answer, peer::enter_room, peer::exit_room, peer::close_leg,
                 peer::left_room, peer::media_timed_out, peer::digit_received, peer::room_moves,
                 peer::participant_changed, peer::leg_ended, peer::describe_call, peer::list_calls,
                 peer::hang_up_call, peer::describe_room, peer::control_participant, peer::end_room,
                 peer::drain_node, peer::confirm_leg>;

/// What comes back; always the `reply` of the request.
using peer_reply = std::variant<peer::done, peer::room_place, peer::described_media,
                                std::optional<call_record>, std::vector<call_record>, room_snapshot>;

} // namespace plenary
