#pragma once

// Messages to calls, legs and rooms: what carries a caller's voice. See actors/protocol.hpp.

#include "actors/audio/duplex_stream.hpp"
#include "actors/edge/media_transport.hpp"
#include "actors/edge/signalling.hpp"
#include "schema/call.hpp"
#include "schema/peer.hpp"
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

/// The call must end now, with a cause of `schema/hangup_causes.hpp`.
struct end_call {
  std::string cause;
};

/// Asks for the call's record.
struct describe_call {};

/// Hears of its legs by `leg_told` (schema/leg.hpp).
using call_actor =
    caf::typed_actor<caf::reacts_to<signalled>, caf::reacts_to<leg_told>, caf::reacts_to<end_call>,
                     caf::replies_to<describe_call>::with<call_record>>;

// -- messages to a leg --------------------------------------------------------------------------------------

/// A leg that is to be made: its name, and the call that hears what becomes of it.
struct leg_of_call {
  leg_name name;
  call_actor owner;
};

/// From the receive thread.
struct media_noticed {
  media_event event;
};

/// From the room: it lives elsewhere now; the stream stays where it is until the call has moved.
struct relocate {
  room_place to;
};

/// From the room: the API changed what the caller may do.
struct participation_changed {
  participation_change change; ///< `muted` always stands in it
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

/// Carries out what its call orders (schema/leg.hpp); the rest comes from its own node.
using leg_actor = caf::typed_actor<caf::replies_to<leg_order>::with<result<leg_reply>>,
                                   caf::reacts_to<media_noticed>, caf::reacts_to<relocate>,
                                   caf::reacts_to<participation_changed>, caf::reacts_to<removed_from_room>,
                                   caf::reacts_to<stream_report>, caf::reacts_to<supervise_tick>>;

// -- messages to a room -------------------------------------------------------------------------------------

/// The caller is in the room.
struct room_joined {
  node_name node;
  std::uint64_t epoch = 0;
};

/// Takes a leg in; answered when its stream is being mixed. Fails with `limit_reached`; bounces when
/// the room has just ended: ask the directory again.
struct join_room {
  call_id call;
  leg_actor leg;
  std::shared_ptr<audio::duplex_stream> stream; ///< the room's until `removed_from_room`
  participation how{};
};

/// The leg wants out; `removed_from_room` follows.
struct leave_room {
  call_id call;
};

/// Changes a stream that the room holds, and leaves an empty change behind; answered with false when it does
/// not hold it, or holds that of another leg of the call.
struct change_stream {
  call_id call;
  std::shared_ptr<audio::stream_change> change;
};

/// One beat of the node's metronome.
struct mix_tick {
  mono_time due{};
  std::uint64_t number = 0;
};

/// Asks for roster and state.
struct describe_room {};

/// Changes what a participant may do, or kicks it; fails with `not_found` when the call is not in the room.
struct control_participant {
  call_id call;
  participant_control what{};
};

/// Everybody leaves with `room_ended`.
struct end_room {};

/// The room lives elsewhere under a newer epoch: it takes nobody in any more and every leg hears `relocate`.
/// It goes on mixing for those who are still in, until the last has moved or the deadline passed.
struct vacate_room {
  room_place to;
};

/// Another half of this room, of an older epoch, comes in from that node.
struct half_joins {
  node_name from;
};

/// The room's own timers: nobody came, or not everybody left.
struct room_timeout {};

using room_actor =
    caf::typed_actor<caf::replies_to<join_room>::with<result<room_joined>>, caf::reacts_to<leave_room>,
                     caf::replies_to<change_stream>::with<bool>, caf::reacts_to<mix_tick>,
                     caf::replies_to<describe_room>::with<room_snapshot>,
                     caf::replies_to<control_participant>::with<result<void>>, caf::reacts_to<end_room>,
                     caf::reacts_to<vacate_room>, caf::reacts_to<half_joins>, caf::reacts_to<room_timeout>>;

} // namespace plenary

// All of these stay inside one process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::signalled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::leg_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::end_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::describe_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::leg_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::media_noticed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::relocate)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::participation_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::removed_from_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::stream_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::supervise_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::join_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::leave_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::change_stream)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::mix_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::describe_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::control_participant)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::end_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::vacate_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::half_joins)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::room_timeout)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::call_record)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::room_snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::leg_reply>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<void>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::room_joined>)
