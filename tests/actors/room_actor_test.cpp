#include "tests/actors/room_fixture.hpp"

namespace plenary::test {
namespace {

class RoomActor : public room_fixture {};

TEST_F(RoomActor, TellsTheJoinerItsNodeAndEpoch) {
  auto alice = make_caller("alice", 4000);

  auto joined = join(alice);

  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(joined->node, node_name{"node-a"});
  EXPECT_EQ(joined->epoch, 7U);
}

TEST_F(RoomActor, RefusesMoreCallersThanItsLimit) {
  std::vector<caller> callers;
  for (std::uint16_t i = 0; i < 4; ++i)
    callers.push_back(make_caller(fmt::format("caller{}", i), static_cast<std::uint16_t>(4000 + i)));

  EXPECT_TRUE(join(callers[0]));
  EXPECT_TRUE(join(callers[1]));
  EXPECT_TRUE(join(callers[2]));
  auto refused = join(callers[3]);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::limit_reached);
  EXPECT_EQ(world_.meters()[counter::room_joins_refused], 1U);
}

TEST_F(RoomActor, RefusesTheSameCallTwice) {
  auto alice = make_caller("alice", 4000);
  join(alice);

  auto again = join(alice);

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, errc::conference_unavailable);
}

TEST_F(RoomActor, ShowsItsRoster) {
  auto alice = make_caller("alice", 4000);
  auto bob = make_caller("bob", 4002);
  join(alice, true);
  join(bob, false, true);

  auto snapshot = describe();

  ASSERT_EQ(snapshot.participants.size(), 2U);
  EXPECT_TRUE(snapshot.participants[0].how.muted);
  EXPECT_TRUE(snapshot.participants[1].how.end_on_exit);
  EXPECT_EQ(snapshot.key.name, "daily");
}

TEST_F(RoomActor, GivesTheStreamBackAndFreesItsNameWhenTheLastCallerLeaves) {
  auto alice = make_caller("alice", 4000);
  join(alice);

  leave(alice);

  EXPECT_EQ(alice.log->removals, std::vector{leave_reason::requested});
  EXPECT_FALSE(lives());
  EXPECT_EQ(world_.ticks().subscribers(), 0U);
  EXPECT_EQ(world_.meters()[gauge::participants], 0.0);
}

TEST_F(RoomActor, EndsForEverybodyWhenAParticipantWithEndOnExitLeaves) {
  auto host = make_caller("host", 4000);
  auto guest = make_caller("guest", 4002);
  join(host, false, true);
  join(guest);

  leave(host);

  EXPECT_EQ(host.log->removals, std::vector{leave_reason::requested});
  EXPECT_EQ(guest.log->removals, std::vector{leave_reason::room_ended});
  EXPECT_FALSE(lives());
}

TEST_F(RoomActor, TakesOutALegWhoseActorDied) {
  auto alice = make_caller("alice", 4000);
  auto bob = make_caller("bob", 4002);
  join(alice);
  join(bob);

  caf::anon_send_exit(alice.leg, caf::exit_reason::kill);
  world_.settle();

  auto snapshot = describe();
  ASSERT_EQ(snapshot.participants.size(), 1U);
  EXPECT_EQ(snapshot.participants[0].call.value, "bob");
}

TEST_F(RoomActor, SkipsAndCountsATickThatIsMoreThanATickLate) {
  auto alice = make_caller("alice", 4000);
  join(alice);
  world_.beat();
  world_.network().take_sent();

  world_.ticks().beat(std::chrono::steady_clock::now() - std::chrono::milliseconds{50}, 99);
  world_.settle();

  EXPECT_EQ(world_.meters()[counter::mix_ticks_missed], 1U);
  EXPECT_TRUE(world_.network().take_sent().empty());
}

TEST_F(RoomActor, SendsAPacketATickToEveryTelephoneCaller) {
  auto alice = make_caller("alice", 4000);
  auto bob = make_caller("bob", 4002);
  join(alice);
  join(bob);

  world_.beat();

  auto sent = world_.network().take_sent();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_NE(sent[0].to.port, sent[1].to.port);
  EXPECT_EQ(sent[0].bytes.size(), 12U + 160U); // RTP header and 20 ms of PCMU
}

TEST_F(RoomActor, SendsNothingToACallerWhoHolds) {
  auto alice = make_caller("alice", 4000);
  join(alice);
  auto hold = std::make_shared<audio::stream_change>();
  hold->can_hear = false;

  caf::anon_send(room_, change_stream{alice.id, hold});
  world_.settle();
  world_.beat();

  EXPECT_TRUE(world_.network().take_sent().empty());
}

TEST_F(RoomActor, ReportsEveryStreamsFiguresToItsLegAboutEachSecondAtFirstAndThenAboutEveryFive) {
  auto alice = make_caller("alice", 4000);
  join(alice);

  for (int i = 0; i < 1251; ++i)
    world_.beat();

  std::vector<std::uint64_t> packets;
  for (const auto& report : alice.log->reports)
    packets.push_back(report.sent.packets);
  EXPECT_TRUE(std::is_sorted(packets.begin(), packets.end()));
  const auto early = std::count_if(packets.begin(), packets.end(), [](auto count) { return count <= 250; });
  EXPECT_GE(early, 3);
  EXPECT_LE(early, 9);
  const auto later = static_cast<std::ptrdiff_t>(packets.size()) - early;
  EXPECT_GE(later, 3);
  EXPECT_LE(later, 8);
}

} // namespace
} // namespace plenary::test
