#include "schema/peer_codec.hpp"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <cmath>

namespace plenary::wire {

namespace {

/// What the receiver reads after a value has crossed the wire.
template <class Wire, class Value>
Value crossed(const Value& value) {
  capnp::MallocMessageBuilder message;
  write(message.initRoot<Wire>(), value);
  return read(message.getRoot<Wire>().asReader());
}

call_record full_record() {
  call_record record;
  record.id.value = "call_20261122T101112.000000001_node-a";
  record.customer.value = "cust";
  record.application.value = "app";
  record.provider_call_id = "3f0c";
  record.status = call_status::no_answer;
  record.direction = call_direction::outbound;
  record.from = "+15551230001";
  record.to = "sip:bob@example.org";
  record.node.value = "node-a";
  record.room = room_key{{"cust"}, "standup"};
  record.created_at = wall_time_of(1'700'000'000'000'000'001);
  record.answered_at = wall_time_of(1'700'000'001'000'000'000);
  record.ended_at = wall_time_of(1'700'000'002'000'000'000);
  record.cause = hangup_cause{19, "no_answer"};
  record.variables = {{"plan", "gold"}, {"empty", ""}};
  record.last_sequence = 12;
  record.sip_call_id = "a84b4c76e66710@pc33";
  record.caller = {"+15559990001", "id", "+15559990002", "unconditional", {{"X-Desk", "7"}, {"X-Empty", ""}}};
  record.ended_by = call_ending::caller;
  record.error = call_failure{failure_code::redirect_failed, errc::network, "refused"};
  return record;
}

const peer_identity identity{{"node-a"}, "10.0.0.1:7400", 42, 2.5, "eu", "1.2.3", 1, 0xfeed};

} // namespace

TEST(PeerCodec, KeepsEveryMemberOfAnIdentity) {
  auto read_back = crossed<Identity>(identity);

  EXPECT_EQ(read_back, identity);
}

TEST(PeerCodec, KeepsEveryMemberOfAStatus) {
  member_status status{member_phase::held, 1, 2, 3, {identity, identity}, {{"node-a"}, {"node-b"}}};

  auto read_back = crossed<Status>(status);

  EXPECT_EQ(read_back, status);
}

TEST(PeerCodec, TakesListsAsLongAsNodesSendAndNoLonger) {
  for (auto [size, taken] : {std::pair{most_elements, true}, std::pair{most_elements + 1, false}}) {
    capnp::MallocMessageBuilder message;
    message.initRoot<Status>().initLinks(size);
    capnp::ReaderOptions options;
    options.traversalLimitInWords = std::uint64_t{1} << 30;
    capnp::SegmentArrayMessageReader reader(message.getSegmentsForOutput(), options);

    bool read_it = true;
    try {
      EXPECT_EQ(read(reader.getRoot<Status>()).links.size(), size);
    } catch (const kj::Exception&) {
      read_it = false;
    }

    EXPECT_EQ(read_it, taken) << size;
  }
}

TEST(PeerCodec, KeepsEveryMemberOfACallRecord) {
  auto read_back = crossed<CallRecord>(full_record());

  EXPECT_EQ(read_back, full_record());
}

TEST(PeerCodec, KeepsWhatIsAbsentInACallRecordAbsent) {
  call_record bare;

  auto read_back = crossed<CallRecord>(bare);

  EXPECT_EQ(read_back, bare);
}

TEST(PeerCodec, KeepsEveryStatusOfACall) {
  for (int i = 0; i <= static_cast<int>(call_status::canceled); ++i) {
    call_record record;
    record.status = static_cast<call_status>(i);

    EXPECT_EQ(crossed<CallRecord>(record).status, record.status) << to_string(record.status);
  }
}

TEST(PeerCodec, KeepsEveryErrorCode) {
  for (int i = 0; i <= static_cast<int>(errc::stale); ++i) {
    error why{static_cast<errc>(i), "because"};

    EXPECT_EQ(crossed<Error>(why), why) << to_string(why.code);
  }
}

TEST(PeerCodec, KeepsRoomsPlacesLegsSessionsAndParticipants) {
  owned_room room{{{"cust"}, "standup"}, 9, wall_time_of(77)};
  sdp_session session{1, 2, "v=0\r\n"};
  participant_snapshot participant{{"call_1"}, {true, false, "Ann", "+15550001"}, true, wall_time_of(5)};
  participant.how.level = {.automatic = false, .gain_db = -7.5};
  participant.how.deaf = true;
  participant.how.hear_gain_db = 11.5;
  participant.level_db = -31.5F;
  participant.gain_db = 3.25F;

  auto place = crossed<RoomPlace>(peer::room_place{{"node-b"}, 9});
  auto read_participant = crossed<Participant>(participant);

  EXPECT_EQ(crossed<OwnedRoom>(room), room);
  EXPECT_EQ(crossed<SdpSession>(session), session);
  EXPECT_EQ(crossed<LegName>(leg_name{{"call_1"}, 3}), (leg_name{{"call_1"}, 3}));
  EXPECT_EQ(place.owner.value, "node-b");
  EXPECT_EQ(place.epoch, 9u);
  EXPECT_EQ(read_participant.call, participant.call);
  EXPECT_EQ(read_participant.how, participant.how);
  EXPECT_TRUE(read_participant.speaking);
  EXPECT_EQ(read_participant.joined_at, participant.joined_at);
  EXPECT_EQ(read_participant.level_db, participant.level_db);
  EXPECT_EQ(read_participant.gain_db, participant.gain_db);
}

TEST(PeerCodec, KeepsWhatACallerSaysOfTheRoomsNoise) {
  for (const auto said : {std::optional<bool>{}, std::optional{true}, std::optional{false}}) {
    const participation how{.noise_suppression = said};
    const participation_change change{.muted = true, .noise_suppression = said};

    EXPECT_EQ(crossed<Participation>(how), how);
    EXPECT_EQ(crossed<ParticipationChange>(change), change);
  }
}

TEST(PeerCodec, ReadsOfAnOlderNodeThatNothingIsSaidOfNoise) {
  capnp::MallocMessageBuilder message;
  auto how = message.initRoot<Participation>();
  how.setMuted(true); // an older node's knows no more

  EXPECT_EQ(read(how.asReader()).noise_suppression, std::nullopt);
}

TEST(PeerCodec, BoundsTheGainsThatAPeerSends) {
  for (const double sent : {1e9, -1e9, std::nan(""), 20.1}) {
    capnp::MallocMessageBuilder message;
    auto how = message.initRoot<Participation>();
    how.setFixedLevel(true);
    how.setGainDb(sent);

    const auto gain = read(how.asReader()).level.gain_db;

    EXPECT_EQ(gain, std::isnan(sent) ? 0 : sent > 0 ? most_gain_db : -most_gain_db);
  }
}

TEST(PeerCodec, ReadsWhatANewerNodeMaySendAsTheSafestKnownValue) {
  constexpr std::uint16_t newer = 999;
  capnp::MallocMessageBuilder message;
  auto status = message.initRoot<Status>();
  status.setPhase(static_cast<Phase>(newer));
  capnp::MallocMessageBuilder other;
  auto why = other.initRoot<Error>();
  why.setCode(static_cast<ErrorCode>(newer));

  EXPECT_EQ(read(status.asReader()).phase, member_phase::joining);
  EXPECT_EQ(read(why.asReader()).code, errc::internal);
  EXPECT_EQ(from_wire(static_cast<OpenReason>(newer)), open_reason::first_join);
  EXPECT_EQ(from_wire(static_cast<LeaveReason>(newer)), leave_reason::requested);
  EXPECT_EQ(from_wire(static_cast<SrtpPolicy>(newer)).error().code, errc::unsupported);
  EXPECT_EQ(from_wire(static_cast<ParticipantAction>(newer), {}).error().code, errc::unsupported);
}

TEST(PeerCodec, GuessesNoOrderReportOrReplyThatIsMissingOrNewer) {
  capnp::MallocMessageBuilder message;
  auto nothing = message.initRoot<LegOrder>();
  EXPECT_EQ(read(nothing.asReader()).error().code, errc::unsupported);
  nothing.initOpen().setSrtp(static_cast<SrtpPolicy>(999));
  EXPECT_EQ(read(nothing.asReader()).error().code, errc::unsupported) << "encryption is never guessed";
  capnp::MallocMessageBuilder other;
  EXPECT_EQ(read(other.initRoot<LegReport>().asReader()).error().code, errc::unsupported);
  capnp::MallocMessageBuilder third;
  EXPECT_EQ(read(third.initRoot<LegReply>().asReader()).error().code, errc::malformed);
}

TEST(PeerCodec, ReadsAnUnknownStatusOfACallByWhetherItHasEnded) {
  capnp::MallocMessageBuilder message;
  auto record = message.initRoot<CallRecord>();
  record.setStatus(static_cast<CallStatus>(999));

  EXPECT_EQ(read(record.asReader()).status, call_status::in_progress);
  record.setEndedAt(5);
  EXPECT_EQ(read(record.asReader()).status, call_status::completed);
}

TEST(PeerCodec, KeepsEveryEndingOfACallAndForgetsOneThatItDoesNotKnow) {
  for (int i = 0; i <= static_cast<int>(call_ending::node); ++i) {
    call_record record;
    record.ended_by = static_cast<call_ending>(i);

    EXPECT_EQ(crossed<CallRecord>(record).ended_by, record.ended_by) << to_string(*record.ended_by);
  }
  capnp::MallocMessageBuilder message;
  auto newer = message.initRoot<CallRecord>();
  newer.setEndedBy(static_cast<CallEnding>(999));
  EXPECT_FALSE(read(newer.asReader()).ended_by);
}

TEST(PeerCodec, TranslatesEveryControlOfAParticipantBack) {
  const participant_control controls[]{participation_change{.muted = true},
                                       participation_change{.muted = false},
                                       participation_change{.end_on_exit = true},
                                       participation_change{.end_on_exit = false, .label = "Ann"},
                                       participation_change{.level = level_setting{false, -6}},
                                       participation_change{.muted = true, .level = level_setting{}},
                                       participation_change{.muted = true, .label = ""},
                                       participation_change{.muted = true, .deaf = true},
                                       participation_change{.deaf = false},
                                       participation_change{.hear_gain_db = 0},
                                       participation_change{.hear_gain_db = -20},
                                       participation_change{},
                                       kick{}};
  for (const auto& what : controls) {
    capnp::MallocMessageBuilder message;
    auto built = message.initRoot<ParticipationChange>();
    if (const auto* change = std::get_if<participation_change>(&what))
      write(built, *change);
    EXPECT_EQ(from_wire(to_wire(what), built.asReader()), what);
  }
}

TEST(PeerCodec, SaysMuteUnmuteAndKickAsNodesOfTheFirstVersionDo) {
  EXPECT_EQ(to_wire(participation_change{.muted = true}), ParticipantAction::MUTE);
  EXPECT_EQ(to_wire(participation_change{.muted = false}), ParticipantAction::UNMUTE);
  EXPECT_EQ(to_wire(kick{}), ParticipantAction::KICK);
}

TEST(PeerCodec, ReadsTheFlagsOfAParticipantOfANodeThatKnowsNothingElse) {
  capnp::MallocMessageBuilder message;
  auto older = message.initRoot<Participant>();
  older.setMuted(true);
  EXPECT_EQ(read(older.asReader()).how, (participation{.muted = true}));
}

TEST(PeerCodec, TranslatesEveryPolicyAndReasonBack) {
  for (auto policy : {srtp_policy::off, srtp_policy::optional, srtp_policy::required})
    EXPECT_EQ(from_wire(to_wire(policy)), policy);
  for (auto reason :
       {leave_reason::requested, leave_reason::kicked, leave_reason::room_ended, leave_reason::room_lost})
    EXPECT_EQ(from_wire(to_wire(reason)), reason);
  for (auto reason :
       {open_reason::first_join, open_reason::owner_lost, open_reason::owner_drained, open_reason::merged})
    EXPECT_EQ(from_wire(to_wire(reason)), reason);
}

} // namespace plenary::wire
