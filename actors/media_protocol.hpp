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

/// The leg is no longer in its room. Messages of a leg name its number: while a call's media moves, it has
/// two.
struct left_room {
  leave_reason reason = leave_reason::requested;
  std::uint32_t leg = 1;
};

/// No media has arrived for the configured time.
struct media_timed_out {
  std::uint32_t leg = 1;
};

/// The caller's room lives elsewhere from now on: the call moves its media there and leaves this leg last.
struct room_moves {
  peer::room_place to;
  std::uint32_t leg = 1;
};

/// The room changed what the caller may do: kept for the next join.
struct participant_changed {
  participation_change change; ///< `muted` always stands in it
  std::uint32_t leg = 1;
};

/// The leg failed, or the node that it lives on is gone.
struct leg_ended {
  std::uint32_t leg = 1;
};

/// The caller pressed a key.
struct digit_received {
  char digit = '0';
};

/// The call must end now, with a cause of `schema/hangup_causes.hpp`.
struct end_call {
  std::string cause;
};

/// Asks for the call's record.
struct describe_call {};

using call_actor =
    caf::typed_actor<caf::reacts_to<signalled>, caf::reacts_to<left_room>, caf::reacts_to<media_timed_out>,
                     caf::reacts_to<digit_received>, caf::reacts_to<room_moves>,
                     caf::reacts_to<participant_changed>, caf::reacts_to<leg_ended>, caf::reacts_to<end_call>,
                     caf::replies_to<describe_call>::with<call_record>>;

// -- messages to a leg --------------------------------------------------------------------------------------

/// Opens the media end: answers the caller's offer, or makes one when there is none.
struct open_leg {
  call_actor owner;
  std::optional<std::string> offer; ///< SDP
  srtp_policy srtp = srtp_policy::optional;
  std::optional<sdp_session> continuing{}; ///< of the leg that this one takes over from
  std::string signalling{};                ///< IP literal that the INVITE came from; empty: not known
  std::string trunk{};                     ///< its name: says where media may go
  bool held_back = false;                  ///< the ACK is still to come: `confirm_leg`
};

/// The ACK came: the address that the caller signals from is real.
struct confirm_leg {};

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
  sdp_session session; ///< `session.local` is the SDP
};

/// Sends the caller into a room of the leg's node; answered when it is in. Fails with `moved` when the
/// directory has the room on another node: the call then places a leg there.
struct enter_room {
  room_key room;
  participation how{};
  std::uint64_t epoch = 0; ///< of the room that the directory named: another one fails with `stale`
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

/// From the room: it lives elsewhere now; the stream stays where it is until the call has moved.
struct relocate {
  peer::room_place to;
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

using leg_actor =
    caf::typed_actor<caf::replies_to<open_leg>::with<result<described_media>>,
                     caf::replies_to<renegotiate>::with<result<described_media>>,
                     caf::replies_to<accept_answer>::with<result<void>>, caf::reacts_to<confirm_leg>,
                     caf::replies_to<enter_room>::with<result<room_joined>>, caf::reacts_to<exit_room>,
                     caf::reacts_to<close_leg>, caf::reacts_to<media_noticed>, caf::reacts_to<relocate>,
                     caf::reacts_to<participation_changed>, caf::reacts_to<removed_from_room>,
                     caf::reacts_to<stream_report>, caf::reacts_to<supervise_tick>>;

// -- messages to a room -------------------------------------------------------------------------------------

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
  peer::room_place to;
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
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::left_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::media_timed_out)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::room_moves)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::participant_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::leg_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::digit_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::end_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::describe_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::open_leg)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::confirm_leg)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::renegotiate)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::accept_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::enter_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::exit_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::close_leg)
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
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::described_media>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<void>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::room_joined>)
