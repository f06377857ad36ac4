#pragma once

// Every message between the actors of a node, and every actor's typed interface: the organisation chart.
// Rooms, legs and calls are named; only the directory turns a name into a handle.

#include "actors/edge/media_transport.hpp"
#include "actors/edge/signalling.hpp"
#include "actors/leg/leg_stream.hpp"
#include "schema/call.hpp"
#include "schema/result.hpp"

#include <caf/all.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace plenary {

// -- messages to a call -------------------------------------------------------------------------------------

/// The signalling tells something of the call's dialog.
struct signalled {
  signalling_event event;
};

/// Why a caller is no longer in a room.
enum class leave_reason {
  requested,  ///< the call itself asked to leave
  kicked,     ///< removed by an operator or the API
  room_ended, ///< a participant with `end_on_exit` left, or the room was ended
  room_lost   ///< the room failed and could not be joined again
};

/// The leg is no longer in its room.
struct left_room {
  leave_reason reason = leave_reason::requested;
};

/// No media has arrived for the configured time.
struct media_timed_out {};

/// The caller pressed a key.
struct digit_received {
  char digit = '0';
};

/// The call must end now, with a cause of `actors/call/hangup_causes.hpp`.
struct end_call {
  std::string cause;
};

/// Asks for the call's record.
struct describe_call {};

using call_actor =
    caf::typed_actor<caf::reacts_to<signalled>, caf::reacts_to<left_room>, caf::reacts_to<media_timed_out>,
                     caf::reacts_to<digit_received>, caf::reacts_to<end_call>,
                     caf::replies_to<describe_call>::with<call_record>>;

// -- messages to a leg --------------------------------------------------------------------------------------

/// Opens the media end: answers the caller's offer, or makes one when there is none.
struct open_leg {
  call_actor owner;
  std::optional<std::string> offer; ///< SDP
  srtp_policy srtp = srtp_policy::optional;
};

/// A later offer of the caller (re-INVITE, UPDATE); without SDP the leg makes the offer.
struct renegotiate {
  std::optional<std::string> offer;
};

/// The caller's answer to the leg's offer.
struct accept_answer {
  std::string answer;
};

/// The SDP that goes to the caller.
struct described_media {
  std::string sdp;
};

/// Sends the caller into a room; answered when it is in.
struct enter_room {
  room_key room;
  bool muted = false;
  bool end_on_exit = false;
};

/// The caller is in the room.
struct room_joined {
  node_name node;
  std::uint64_t epoch = 0;
};

/// Takes the caller out of its room; `left_room` follows if it was in one.
struct exit_room {};

/// Closes ports and ends the leg.
struct close_leg {};

/// From the receive thread.
struct media_noticed {
  media_event event;
};

/// From the room: the stream is the leg's again.
struct removed_from_room {
  leave_reason reason = leave_reason::requested;
};

/// From the room, every few seconds: figures of the stream while it is the room's.
struct stream_report {
  audio::send_statistics sent;
  audio::receive_statistics received;
};

/// The leg's own timer.
struct supervise_tick {};

using leg_actor = caf::typed_actor<caf::replies_to<open_leg>::with<result<described_media>>,
                                   caf::replies_to<renegotiate>::with<result<described_media>>,
                                   caf::replies_to<accept_answer>::with<result<void>>,
                                   caf::replies_to<enter_room>::with<result<room_joined>>,
                                   caf::reacts_to<exit_room>, caf::reacts_to<close_leg>,
                                   caf::reacts_to<media_noticed>, caf::reacts_to<removed_from_room>,
                                   caf::reacts_to<stream_report>, caf::reacts_to<supervise_tick>>;

// -- messages to a room -------------------------------------------------------------------------------------

/// Takes a leg in; answered when its stream is being mixed. Fails with `limit_reached`; bounces when
/// the room has just ended: ask the directory again.
struct join_room {
  call_id call;
  leg_actor leg;
  std::shared_ptr<leg_stream> stream; ///< the room's until `removed_from_room`
  bool muted = false;
  bool end_on_exit = false;
};

/// The leg wants out; `removed_from_room` follows.
struct leave_room {
  call_id call;
};

/// Changes a stream that the room holds.
struct change_stream {
  call_id call;
  std::shared_ptr<stream_change> change;
};

/// One beat of the node's metronome.
struct mix_tick {
  mono_time due{};
  std::uint64_t number = 0;
};

/// Asks for roster and state.
struct describe_room {};

using room_actor =
    caf::typed_actor<caf::replies_to<join_room>::with<result<room_joined>>, caf::reacts_to<leave_room>,
                     caf::reacts_to<change_stream>, caf::reacts_to<mix_tick>,
                     caf::replies_to<describe_room>::with<room_snapshot>>;

// -- messages to the directory ------------------------------------------------------------------------------

/// A room's handle and the epoch of its owner.
struct room_location {
  room_actor room;
  std::uint64_t epoch = 0;
};

/// Finds a room on its owner; creates it there when it does not exist.
struct locate_room {
  room_key key;
};

/// Finds a room that exists; fails with `not_found`.
struct find_room {
  room_key key;
};

/// All rooms of one customer.
struct list_rooms {
  customer_id customer;
};

/// The handles of a listing.
struct listed_rooms {
  std::vector<room_location> rooms;
};

/// The last participant left: the name is free again.
struct room_emptied {
  room_key key;
  std::uint64_t epoch = 0;
};

/// Starts a leg on the node that suits the first room of its flow, or the call itself.
struct place_leg {
  call_id call;
  std::optional<room_key> first_room;
};

/// A leg's handle and the node it lives on.
struct leg_location {
  leg_actor leg;
  node_name node;
};

/// Makes a live call known by its id.
struct register_call {
  call_id call;
  call_actor actor;
};

/// Finds a live call; fails with `not_found`.
struct find_call {
  call_id call;
};

/// A call's handle.
struct call_location {
  call_actor call;
};

using directory_actor =
    caf::typed_actor<caf::replies_to<locate_room>::with<result<room_location>>,
                     caf::replies_to<find_room>::with<result<room_location>>,
                     caf::replies_to<list_rooms>::with<listed_rooms>, caf::reacts_to<room_emptied>,
                     caf::replies_to<place_leg>::with<result<leg_location>>, caf::reacts_to<register_call>,
                     caf::replies_to<find_call>::with<result<call_location>>>;

// -- messages to the node's root ----------------------------------------------------------------------------

/// A new call passed admission and has its actor.
struct call_started {
  call_id id;
  call_actor call;
};

/// Every running call ends; answered when the last one is gone or the deadline passed. The signalling takes
/// no new calls by then.
struct drain {
  std::chrono::milliseconds deadline{5000};
};

/// The node has no call any more, or the deadline passed.
struct drained {
  std::size_t calls_left = 0;
};

/// The drain's deadline.
struct drain_timeout {};

using node_root_actor = caf::typed_actor<caf::reacts_to<call_started>, caf::replies_to<drain>::with<drained>,
                                         caf::reacts_to<drain_timeout>>;

} // namespace plenary

// All of these stay inside one process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::signalled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::left_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::media_timed_out)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::digit_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::end_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::describe_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::call_record)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::open_leg)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::renegotiate)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::accept_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::described_media>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<void>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::enter_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::room_joined>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::exit_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::close_leg)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::media_noticed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::removed_from_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::stream_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::supervise_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::join_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::leave_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::change_stream)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::mix_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::describe_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::room_snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::room_location>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::locate_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::find_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::list_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::listed_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::room_emptied)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::place_leg)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::leg_location>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::register_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::find_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::call_location>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::call_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::drain_timeout)
