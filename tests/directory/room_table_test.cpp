#include "actors/directory/room_table.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const node_name here{"node-a"};
const node_name b{"node-b"};
const node_name c{"node-c"};
const room_key talk{{"cust"}, "talk"};
constexpr mono_time start{1000s};

owned_room with_epoch(std::uint64_t epoch) {
  return {talk, epoch, wall_time{10s}};
}

peer::rooms_changed opened(std::uint64_t epoch) {
  return {false, {with_epoch(epoch)}, {}};
}

peer::rooms_changed closed(std::uint64_t epoch) {
  return {false, {}, {with_epoch(epoch)}};
}

node_name owner_of(const room_table& table) {
  const auto place = table.place_of(talk);
  return place ? place->owner : node_name{"nobody"};
}

TEST(RoomTable, TellsEachChangeOfItsOwnRoomsOnce) {
  room_table table{here};

  ASSERT_TRUE(table.own(with_epoch(5)));
  const auto first = table.take_changes();
  table.release(talk, 5);
  const auto second = table.take_changes();

  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->opened, std::vector{with_epoch(5)});
  EXPECT_EQ(second->closed, std::vector{with_epoch(5)});
  EXPECT_FALSE(table.take_changes());
  EXPECT_EQ(table.owned_count(), 0U);
}

TEST(RoomTable, HasAHalfWhereAnotherNodesRoomOfTheNameIsOlder) {
  room_table table{here};

  EXPECT_FALSE(table.has_half(with_epoch(4))) << "no room of ours";
  ASSERT_TRUE(table.own(with_epoch(5)));

  EXPECT_TRUE(table.has_half(with_epoch(4)));
  EXPECT_FALSE(table.has_half(with_epoch(6))) << "ours is the older one";
}

TEST(RoomTable, OwnsNothingUnderAnEpochThatIsNotNewer) {
  room_table table{here};
  table.learn(b, opened(5));

  for (std::uint64_t epoch : {0U, 4U, 5U}) {
    const auto owned = table.own(with_epoch(epoch));
    ASSERT_FALSE(owned);
    EXPECT_EQ(owned.error().code, errc::stale);
  }
  EXPECT_EQ(owner_of(table), b);
}

TEST(RoomTable, RemembersNothingOfARefusedRoom) {
  room_table table{here};

  EXPECT_FALSE(table.own(with_epoch(0)));

  EXPECT_EQ(table.find(talk), nullptr);
  EXPECT_EQ(table.standing_of(talk, start), room_table::standing::unknown);
  EXPECT_EQ(table.owned_count(), 0U);
}

TEST(RoomTable, DoesNotOpenARoomOfItsOwnASecondTime) {
  room_table table{here};
  ASSERT_TRUE(table.own(with_epoch(5)));

  const auto again = table.own(with_epoch(6));

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, errc::moved);
  EXPECT_TRUE(table.is_ours(talk, 5));
}

TEST(RoomTable, VacatesItsRoomForANewerEpoch) {
  room_table table{here};
  ASSERT_TRUE(table.own(with_epoch(5)));
  (void)table.take_changes();

  const auto lesson = table.learn(b, opened(6));

  ASSERT_EQ(lesson.vacate.size(), 1U);
  EXPECT_EQ(lesson.vacate[0].to.owner, b);
  EXPECT_EQ(lesson.vacate[0].to.epoch, 6U);
  EXPECT_EQ(table.take_changes()->closed, std::vector{with_epoch(5)});
  EXPECT_EQ(owner_of(table), b);
}

TEST(RoomTable, KeepsItsRoomAndAwaitsTheOlderHalf) {
  room_table table{here};
  ASSERT_TRUE(table.own(with_epoch(5)));

  const auto lesson = table.learn(b, opened(4));

  EXPECT_TRUE(lesson.vacate.empty());
  EXPECT_EQ(lesson.halves, std::vector{talk});
  EXPECT_TRUE(table.is_ours(talk, 5));
}

TEST(RoomTable, FollowsTheNewestOfThreeOwnersInAnyOrder) {
  for (const auto& order : std::vector<std::vector<std::uint64_t>>{{1, 2, 3}, {3, 2, 1}, {2, 3, 1}}) {
    room_table table{here};
    for (auto epoch : order)
      table.learn({"node-" + std::to_string(epoch)}, opened(epoch));

    EXPECT_EQ(owner_of(table), node_name{"node-3"});
    EXPECT_EQ(table.owned_count(), 1U);
  }
}

TEST(RoomTable, ReturnsToTheOlderRoomWhenTheNewerOneEndsFirst) {
  room_table table{here};
  table.learn(b, opened(4));
  table.learn(c, opened(5));

  table.learn(c, closed(5));

  EXPECT_EQ(owner_of(table), b);
  table.learn(b, closed(4));
  EXPECT_EQ(table.find(talk), nullptr);
}

TEST(RoomTable, ReturnsToTheOlderRoomWhenTheNewerOnesNodeIsLost) {
  room_table table{here};
  table.learn(b, opened(4));
  table.learn(c, opened(5));

  EXPECT_EQ(table.lose(c, start), 0U);

  EXPECT_EQ(owner_of(table), b);
}

TEST(RoomTable, ForgetsAnOlderRoomThatItsOwnerClosed) {
  room_table table{here};
  table.learn(c, opened(5));
  table.learn(b, opened(4));

  table.learn(b, closed(4));
  table.learn(c, closed(5));

  EXPECT_EQ(table.find(talk), nullptr);
}

TEST(RoomTable, ReplacesEverythingOfAPeerByACompleteList) {
  room_table table{here};
  table.learn(b, {false, {with_epoch(4), {{{"cust"}, "other"}, 4, {}}}, {}});

  table.learn(b, {true, {with_epoch(4)}, {}});

  EXPECT_EQ(owner_of(table), b);
  EXPECT_EQ(table.find({{"cust"}, "other"}), nullptr);
}

TEST(RoomTable, KeepsALostOwnersRoomAsMovingThenForgetsIt) {
  room_table table{here};
  table.learn(b, opened(4));

  EXPECT_EQ(table.lose(b, start), 1U);

  EXPECT_EQ(table.standing_of(talk, start + 4s), room_table::standing::moving);
  EXPECT_EQ(table.standing_of(talk, start + 5s), room_table::standing::unknown);
  EXPECT_EQ(table.place_of(talk), std::nullopt);
  EXPECT_EQ(table.find(talk)->epoch, 4U);
  EXPECT_EQ(table.owned_count(), 0U);
  table.forget_orphans(start + 60s);
  EXPECT_EQ(table.find(talk), nullptr);
  EXPECT_EQ(table.owned_count(), 0U);
}

TEST(RoomTable, GivesAnOrphanToItsSuccessorOrBackToItsOwner) {
  for (auto epoch : {4U, 5U}) {
    room_table table{here};
    table.learn(b, opened(4));
    table.lose(b, start);

    table.learn(epoch == 4 ? b : c, opened(epoch));

    EXPECT_EQ(owner_of(table), epoch == 4 ? b : c);
    EXPECT_EQ(table.owned_count(), 1U);
    table.forget_orphans(start + 60s);
    EXPECT_EQ(table.owned_count(), 1U);
  }
}

TEST(RoomTable, PrefersALivingOwnerToALostOneWhateverTheEpoch) {
  room_table table{here};
  table.learn(c, opened(5));
  table.lose(c, start);

  table.learn(b, opened(4));

  EXPECT_EQ(owner_of(table), b);
}

} // namespace
} // namespace plenary
