#pragma once

#include "schema/node.capnp.h"
#include "schema/peer.hpp"

#include <kj/debug.h>

/// Between the plain structs of `peer.hpp` and those of `node.capnp`. Reading tolerates what a newer node may
/// send: an unknown enumerant becomes the least consequential value that this version knows.
namespace plenary::wire {

/// Elements of a list in one message at most. Senders keep messages below 64 KiB, and a list element takes 64
/// bytes of one; a list of empty structs could claim half a million in a message of 73 bytes.
inline constexpr unsigned most_elements = 4096;

/// The fixed part of a list's element in bytes, rounded up.
inline constexpr std::size_t struct_size = 64;

inline std::string text_of(capnp::Text::Reader from) {
  return {from.begin(), from.size()};
}

inline capnp::Text::Reader text_of(const std::string& from) {
  return {from.c_str(), from.size()};
}

/// The list as it is; throws kj::Exception, which is what a malformed message is, when it is longer than
/// that.
template <class List>
List limited_list(List list) {
  KJ_REQUIRE(list.size() <= most_elements, "a list is longer than any that a node sends", list.size());
  return list;
}

void write(Identity::Builder to, const peer_identity& from);
void write(Status::Builder to, const member_status& from);
void write(RoomKey::Builder to, const room_key& from);
void write(LegName::Builder to, const leg_name& from);
void write(RoomPlace::Builder to, const room_place& from);
void write(OwnedRoom::Builder to, const owned_room& from);
void write(SdpSession::Builder to, const sdp_session& from);
void write(LegOrder::Builder to, const leg_order& from);
void write(LegReply::Builder to, const leg_reply& from);
void write(LegReport::Builder to, const leg_report& from);
void write(Participation::Builder to, const participation& from);
/// Yes, no, or nothing that is said or changed.
Choice choice_of(std::optional<bool> what);

/// What a newer node may choose beside yes and no is read as nothing.
std::optional<bool> read_choice(Choice from);

void write(ParticipationChange::Builder to, const participation_change& from);
void write(Participant::Builder to, const participant_snapshot& from);
void write(CallRecord::Builder to, const call_record& from);
void write(Error::Builder to, const error& from);

peer_identity read(Identity::Reader from);
/// An unknown phase is read as `joining`: such a node is given no rooms.
member_status read(Status::Reader from);
room_key read(RoomKey::Reader from);
leg_name read(LegName::Reader from);
room_place read(RoomPlace::Reader from);
owned_room read(OwnedRoom::Reader from);
sdp_session read(SdpSession::Reader from);
/// Fails with `unsupported` for an order of a newer node.
result<leg_order> read(LegOrder::Reader from);
/// Fails with `malformed` for a kind of answer that this version does not know.
result<leg_reply> read(LegReply::Reader from);
/// Fails with `unsupported` for a report of a newer node.
result<leg_report> read(LegReport::Reader from);
participation read(Participation::Reader from);
participation_change read(ParticipationChange::Reader from);
participant_snapshot read(Participant::Reader from);
/// An unknown status is read as `completed` when the call has ended, else as `in_progress`.
call_record read(CallRecord::Reader from);
/// An unknown code is read as `internal`.
error read(Error::Reader from);

OpenReason to_wire(open_reason reason);
LeaveReason to_wire(leave_reason reason);
SrtpPolicy to_wire(srtp_policy policy);
ParticipantAction to_wire(const participant_control& what);

/// Unknown: `first_join`, which promises nothing about an earlier owner.
open_reason from_wire(OpenReason reason);
/// Unknown: `requested`.
leave_reason from_wire(LeaveReason reason);
/// Fails with `unsupported` for a policy of a newer node: encryption is never guessed.
result<srtp_policy> from_wire(SrtpPolicy policy);
/// `change` counts for `change` alone. Fails with `unsupported` for an action of a newer node.
result<participant_control> from_wire(ParticipantAction what, ParticipationChange::Reader change);

/// Nanoseconds since 1970.
std::int64_t nanoseconds_of(wall_time time);
wall_time wall_time_of(std::int64_t nanoseconds);

/// Bytes that a value takes in a message, a little more than exactly; to split long lists by.
std::size_t wire_size(const owned_room& room);
std::size_t wire_size(const call_record& record);
std::size_t wire_size(const participant_snapshot& participant);

} // namespace plenary::wire
