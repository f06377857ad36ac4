#include "tests/actors/room_fixture.hpp"

namespace plenary::test {
namespace {

using said = std::vector<std::optional<bool>>;

class RoomNoiseSuppression : public room_fixture {};

TEST_F(RoomNoiseSuppression, IsAsTheNodeHasItUntilSomebodySaysSo) {
  for (const bool node : {true, false}) {
    room_settings settings;
    settings.mixer.noise_suppression = node;
    open(settings);
    auto alice = make_caller("alice", 4000);

    join_saying(alice, std::nullopt);

    EXPECT_EQ(describe().noise_suppression, node);
    EXPECT_TRUE(alice.log->noise_suppressions.empty());
  }
}

TEST_F(RoomNoiseSuppression, IsWhatTheFirstCallerSaysAndEveryCallKeepsIt) {
  auto alice = make_caller("alice", 4000);
  auto bob = make_caller("bob", 4002);
  auto carol = make_caller("carol", 4004);
  join_saying(alice, std::nullopt);
  join_saying(bob, true);

  join_saying(carol, std::nullopt);

  EXPECT_EQ(describe().noise_suppression, true);
  EXPECT_EQ(alice.log->noise_suppressions, said{true});
  EXPECT_TRUE(bob.log->noise_suppressions.empty()) << "the call has said so itself";
  EXPECT_EQ(carol.log->noise_suppressions, said{true});
  for (const auto& each : describe().participants)
    EXPECT_EQ(each.how.noise_suppression, true) << each.call.value;
}

TEST_F(RoomNoiseSuppression, IsNotChangedByWhoComesLater) {
  auto alice = make_caller("alice", 4000);
  auto bob = make_caller("bob", 4002);
  join_saying(alice, false);

  join_saying(bob, true);
  leave(alice);

  EXPECT_EQ(describe().noise_suppression, false);
  EXPECT_EQ(bob.log->noise_suppressions, said{false}) << "it says so where the room is next";
}

TEST_F(RoomNoiseSuppression, TellsWhoIsMutedThatItStillIs) {
  auto alice = make_caller("alice", 4000);
  auto bob = make_caller("bob", 4002);
  join(alice, true);

  join_saying(bob, true);

  EXPECT_EQ(alice.log->mutes, std::vector{true});
  EXPECT_TRUE(describe().participants.at(0).how.muted);
}

TEST_F(RoomNoiseSuppression, IsOneRoomsAndNotTheNextOnes) {
  room_settings settings;
  auto alice = make_caller("alice", 4000);
  join_saying(alice, true);
  const auto quiet = describe().noise_suppression;

  open(settings);
  auto bob = make_caller("bob", 4002);
  join_saying(bob, std::nullopt);

  EXPECT_EQ(quiet, true);
  EXPECT_EQ(describe().noise_suppression, false);
}

} // namespace
} // namespace plenary::test
