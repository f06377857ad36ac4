#pragma once

#include "schema/ids.hpp"
#include "schema/participation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// What a call and its leg say to each other: orders one way, reports the other. The same values travel
/// between two actors of a node and between two nodes. CONTRIBUTING.md says how to add one.
namespace plenary {

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
  std::string local; ///< our latest description, which goes to the caller; empty before the first

  friend bool operator==(const sdp_session&, const sdp_session&) = default;
};

/// Whether a trunk's media must, may or must not be encrypted (SDES, RFC 4568).
enum class srtp_policy : std::uint8_t { off, optional, required };

/// Why a caller is no longer in a room.
enum class leave_reason : std::uint8_t {
  requested,  ///< the call itself asked to leave
  kicked,     ///< removed by an operator or the API
  room_ended, ///< a participant with `end_on_exit` left, or the room was ended
  room_lost   ///< the room failed and could not be joined again
};

/// Where a room lives.
struct room_place {
  node_name owner;
  std::uint64_t epoch = 0;

  friend bool operator==(const room_place&, const room_place&) = default;
};

/// Orders of a call to its leg; `reply` is what comes back when the leg could do it.
namespace order {

/// Nothing but "done".
struct done {
  friend bool operator==(const done&, const done&) = default;
};

/// The first order: opens the media end. Answers the caller's offer, or makes one when there is none.
struct open {
  using reply = sdp_session;
  std::optional<std::string> offer{}; ///< SDP
  srtp_policy srtp = srtp_policy::optional;
  std::optional<sdp_session> continuing{}; ///< of the leg that this one takes over from
  std::string signalling{};                ///< IP literal that the INVITE came from; empty: not known
  std::string trunk{};                     ///< its name: says where media may go; empty: not known
  bool held_back = false;                  ///< the ACK is still to come: `confirm`

  friend bool operator==(const open&, const open&) = default;
};

/// A later offer of the caller (re-INVITE, UPDATE); without SDP the leg makes the offer.
struct renegotiate {
  using reply = sdp_session;
  std::optional<std::string> offer{};

  friend bool operator==(const renegotiate&, const renegotiate&) = default;
};

/// The caller's answer to the leg's offer.
struct accept_answer {
  using reply = done;
  std::string answer;

  friend bool operator==(const accept_answer&, const accept_answer&) = default;
};

/// The ACK came: the address that the caller signals from is real, media may flow at full rate.
struct confirm {
  using reply = done;
  friend bool operator==(const confirm&, const confirm&) = default;
};

/// Sends the caller into a room of the leg's node; answered when it is in. Fails with `moved` when the room
/// is on another node (the call then places a leg there), with `stale` when its epoch is another one.
struct enter {
  using reply = room_place;
  room_key room;
  participation how{};
  std::uint64_t epoch = 0; ///< of the room that the directory named

  friend bool operator==(const enter&, const enter&) = default;
};

/// Takes the caller out of its room; `report::left_room` follows if it was in one.
struct exit {
  using reply = done;
  friend bool operator==(const exit&, const exit&) = default;
};

/// Closes ports and ends the leg.
struct close {
  using reply = done;
  friend bool operator==(const close&, const close&) = default;
};

} // namespace order

/// Any order. A new one is added at the end.
using leg_order = std::variant<order::open, order::renegotiate, order::accept_answer, order::confirm,
                               order::enter, order::exit, order::close>;

/// What comes back: always the `reply` of the order.
using leg_reply = std::variant<order::done, sdp_session, room_place>;

/// Reports of a leg to its call, in order; nobody answers them.
namespace report {

/// The leg is no longer in its room.
struct left_room {
  leave_reason reason = leave_reason::requested;

  friend bool operator==(const left_room&, const left_room&) = default;
};

/// No media has arrived for the configured time.
struct media_timed_out {
  friend bool operator==(const media_timed_out&, const media_timed_out&) = default;
};

/// The caller pressed a key.
struct digit_pressed {
  char digit = '0'; ///< of `0-9*#A-D`

  friend bool operator==(const digit_pressed&, const digit_pressed&) = default;
};

/// The caller's room lives elsewhere from now on: the call moves its media there and leaves this leg last.
struct room_moves {
  room_place to;

  friend bool operator==(const room_moves&, const room_moves&) = default;
};

/// The room changed what the caller may do: kept by the call for the next join.
struct participant_changed {
  participation_change
      change; ///< `muted` always stands in it: a node of the first protocol reads nothing else

  friend bool operator==(const participant_changed&, const participant_changed&) = default;
};

/// The leg failed, or the node that it lives on is gone.
struct ended {
  friend bool operator==(const ended&, const ended&) = default;
};

} // namespace report

/// Any report. A new one is added at the end.
using leg_report = std::variant<report::left_room, report::media_timed_out, report::digit_pressed,
                                report::room_moves, report::participant_changed, report::ended>;

namespace peer {
struct done;
}

/// Goes to the call, on its own node or from a peer. It names the leg: while a call's media moves, it has
/// two.
struct leg_told {
  using reply = peer::done;
  leg_name leg;
  leg_report what;
};

} // namespace plenary
