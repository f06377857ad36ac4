// What a participant is and may do, on the wire.

#include "schema/peer_codec.hpp"

#include <algorithm>
#include <cmath>

namespace plenary::wire {

namespace {

/// A gain from another node, within its bounds.
double bounded_gain(double decibels, double most = most_gain_db) {
  return std::isfinite(decibels) ? std::clamp(decibels, -most_gain_db, most) : 0;
}

/// A figure for people to read; what is no number says nothing.
float readable(float decibels) {
  return std::isfinite(decibels) ? decibels : 0;
}

} // namespace

Choice choice_of(std::optional<bool> what) {
  return !what ? Choice::UNCHANGED : *what ? Choice::YES : Choice::NO;
}

/// What a newer node may choose beside them changes nothing here.
std::optional<bool> read_choice(Choice from) {
  return from == Choice::YES || from == Choice::NO ? std::optional{from == Choice::YES} : std::nullopt;
}

void write(Participation::Builder to, const participation& from) {
  to.setMuted(from.muted);
  to.setEndOnExit(from.end_on_exit);
  to.setLabel(text_of(from.label));
  to.setNumber(text_of(from.number));
  to.setFixedLevel(!from.level.automatic);
  to.setGainDb(from.level.gain_db);
  to.setDeaf(from.deaf);
  to.setHearGainDb(from.hear_gain_db);
  to.setNoiseSuppression(choice_of(from.noise_suppression));
}

participation read(Participation::Reader from) {
  return {from.getMuted(),
          from.getEndOnExit(),
          text_of(from.getLabel()),
          text_of(from.getNumber()),
          {!from.getFixedLevel(), bounded_gain(from.getGainDb())},
          from.getDeaf(),
          bounded_gain(from.getHearGainDb(), most_hear_gain_db),
          read_choice(from.getNoiseSuppression())};
}

void write(ParticipationChange::Builder to, const participation_change& from) {
  to.setMuted(choice_of(from.muted));
  to.setEndOnExit(choice_of(from.end_on_exit));
  if (from.label)
    to.setLabel(text_of(*from.label));
  if (from.level) {
    to.setLevelling(choice_of(from.level->automatic));
    to.setGainDb(from.level->gain_db);
  }
  to.setDeaf(choice_of(from.deaf));
  to.setChangesHearGain(from.hear_gain_db.has_value());
  to.setHearGainDb(from.hear_gain_db.value_or(0));
  to.setNoiseSuppression(choice_of(from.noise_suppression));
}

participation_change read(ParticipationChange::Reader from) {
  participation_change to{read_choice(from.getMuted()), read_choice(from.getEndOnExit()), {}, {}};
  if (from.hasLabel())
    to.label = text_of(from.getLabel());
  if (const auto automatic = read_choice(from.getLevelling()))
    to.level = level_setting{*automatic, bounded_gain(from.getGainDb())};
  to.deaf = read_choice(from.getDeaf());
  if (from.getChangesHearGain())
    to.hear_gain_db = bounded_gain(from.getHearGainDb(), most_hear_gain_db);
  to.noise_suppression = read_choice(from.getNoiseSuppression());
  return to;
}

void write(Participant::Builder to, const participant_snapshot& from) {
  to.setCall(text_of(from.call.value));
  to.setMuted(from.how.muted);
  to.setEndOnExit(from.how.end_on_exit);
  write(to.initHow(), from.how);
  to.setSpeaking(from.speaking);
  to.setJoinedAt(nanoseconds_of(from.joined_at));
  to.setSpoken(from.level_db.has_value());
  to.setLevelDb(from.level_db.value_or(0));
  to.setGainDb(from.gain_db);
}

participant_snapshot read(Participant::Reader from) {
  return {{text_of(from.getCall())},
          from.hasHow() ? read(from.getHow()) : participation{from.getMuted(), from.getEndOnExit()},
          from.getSpeaking(),
          wall_time_of(from.getJoinedAt()),
          from.getSpoken() ? std::optional{readable(from.getLevelDb())} : std::nullopt,
          readable(from.getGainDb())};
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
