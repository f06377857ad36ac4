// What a participant is and may do, on the wire.

#include "schema/peer_codec.hpp"

namespace plenary::wire {

void write(Participation::Builder to, const participation& from) {
  to.setMuted(from.muted);
  to.setEndOnExit(from.end_on_exit);
  to.setLabel(text_of(from.label));
  to.setNumber(text_of(from.number));
}

participation read(Participation::Reader from) {
  return {from.getMuted(), from.getEndOnExit(), text_of(from.getLabel()), text_of(from.getNumber())};
}

namespace {

Choice choice_of(std::optional<bool> what) {
  return !what ? Choice::UNCHANGED : *what ? Choice::YES : Choice::NO;
}

/// What a newer node may choose beside them changes nothing here.
std::optional<bool> read_choice(Choice from) {
  return from == Choice::YES || from == Choice::NO ? std::optional{from == Choice::YES} : std::nullopt;
}

} // namespace

void write(ParticipationChange::Builder to, const participation_change& from) {
  to.setMuted(choice_of(from.muted));
  to.setEndOnExit(choice_of(from.end_on_exit));
  if (from.label)
    to.setLabel(text_of(*from.label));
}

participation_change read(ParticipationChange::Reader from) {
  participation_change to{read_choice(from.getMuted()), read_choice(from.getEndOnExit()), std::nullopt};
  if (from.hasLabel())
    to.label = text_of(from.getLabel());
  return to;
}

void write(Participant::Builder to, const participant_snapshot& from) {
  to.setCall(text_of(from.call.value));
  to.setMuted(from.how.muted);
  to.setEndOnExit(from.how.end_on_exit);
  write(to.initHow(), from.how);
  to.setSpeaking(from.speaking);
  to.setJoinedAt(nanoseconds_of(from.joined_at));
}

participant_snapshot read(Participant::Reader from) {
  return {{text_of(from.getCall())},
          from.hasHow() ? read(from.getHow()) : participation{from.getMuted(), from.getEndOnExit()},
          from.getSpeaking(),
          wall_time_of(from.getJoinedAt())};
}

/// A change of `muted` alone goes as nodes of every version understand it.
ParticipantAction to_wire(const participant_control& what) {
  const auto* change = std::get_if<participation_change>(&what);
  if (change == nullptr)
    return ParticipantAction::KICK;
  if (change->muted && *change == participation_change{change->muted, {}, {}})
    return *change->muted ? ParticipantAction::MUTE : ParticipantAction::UNMUTE;
  return ParticipantAction::CHANGE;
}

result<participant_control> from_wire(ParticipantAction what, ParticipationChange::Reader change) {
  switch (what) {
  case ParticipantAction::MUTE:
    return participation_change{.muted = true};
  case ParticipantAction::UNMUTE:
    return participation_change{.muted = false};
  case ParticipantAction::KICK:
    return kick{};
  case ParticipantAction::CHANGE:
    return read(change);
  case ParticipantAction::UNKNOWN:
    break;
  }
  return fail(errc::unsupported, "this node's version does not know the asked participant action");
}

std::size_t wire_size(const participant_snapshot& participant) {
  return 2 * struct_size + participant.call.value.size() + participant.how.label.size() +
         participant.how.number.size();
}

} // namespace plenary::wire
