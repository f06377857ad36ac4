#include "tests/actors/directory_world.hpp"

namespace plenary::test {
namespace {

using namespace std::chrono_literals;

TEST(ClusterDirectory, OpensOneRoomForTwoFirstJoinersOnTwoNodesAThousandTimes) {
  directory_world cluster(3);
  constexpr int rounds = 1000;
  constexpr int at_once = 50;

  for (int round = 0; round < rounds; round += at_once) {
    std::vector<pending<result<peer::room_place>>> answers;
    for (int i = round; i < round + at_once; ++i)
      for (std::size_t node : {static_cast<std::size_t>(i) % 3, static_cast<std::size_t>(i + 1) % 3})
        answers.push_back(cluster.locate(node, fmt::format("room-{}", i)));
    cluster.pass(400ms);
    for (std::size_t i = 0; i < answers.size(); i += 2) {
      ASSERT_TRUE(*answers[i] && **answers[i] && *answers[i + 1] && **answers[i + 1]) << round;
      EXPECT_EQ((**answers[i])->owner, (**answers[i + 1])->owner);
      EXPECT_EQ((**answers[i])->epoch, (**answers[i + 1])->epoch);
    }
  }

  EXPECT_EQ(cluster.total(counter::rooms_created), std::uint64_t{rounds});
  EXPECT_EQ(cluster.total(counter::room_moves_merged), 0U);
}

TEST(ClusterDirectory, GivesALostOwnersRoomToASuccessorWithANewerEpochAndTellsTheGap) {
  directory_world cluster(3);
  const auto before = cluster.place_of(0, "talk");
  const auto owner = index_of(before.owner);
  const auto other = (owner + 1) % 3;

  cluster.nodes[owner]->kill();
  cluster.pass(700ms);
  const auto after = cluster.place_of(other, "talk");

  EXPECT_NE(after.owner, before.owner);
  EXPECT_GT(after.epoch, before.epoch);
  const auto& successor = *cluster.nodes[index_of(after.owner)];
  EXPECT_EQ(successor.meters[counter::room_moves_owner_lost], 1U);
  const auto room = cluster.ask<result<room_location>>(index_of(after.owner), find_room{{{"cust"}, "talk"}});
  ASSERT_TRUE(*room && **room);
  auto log = std::make_shared<leg_log>();
  auto leg = cluster.world.system().spawn(scripted_leg, log);
  auto stream = make_pcmu_stream(std::make_shared<audio::packet_ring>(), 30000);
  const auto joined =
      cluster.world.ask<result<room_joined>>((**room)->room, join_room{call_id{"call_1"}, leg, stream});
  EXPECT_TRUE(joined);
  EXPECT_GE(successor.meters[histogram::recovery_gap], 0.6);
  caf::anon_send_exit(leg, caf::exit_reason::kill);
}

TEST(ClusterDirectory, SaysMovingAndNeverNotFoundWhileARoomHasNoOwner) {
  directory_world cluster(3);
  const auto owner = index_of(cluster.place_of(0, "talk").owner);
  const auto other = (owner + 1) % 3;

  cluster.nodes[owner]->kill();
  cluster.pass(300ms);
  const auto answer = cluster.ask<result<peer::room_place>>(other, find_owner{{{"cust"}, "talk"}});

  ASSERT_TRUE(*answer && !**answer);
  EXPECT_EQ((**answer).error().code, errc::moving);
}

TEST(ClusterDirectory, FindsAnotherHomeWhenTheHomeDiesAtAnyMomentOfTheQuestion) {
  for (auto after : {0ms, 5ms, 15ms, 25ms, 35ms, 50ms, 70ms, 90ms}) {
    directory_world cluster(3, static_cast<unsigned>(after.count()) + 1);
    std::vector<placement::member> members;
    for (std::size_t i = 0; i < 3; ++i)
      members.push_back({name_of(i), 1});
    const auto home = index_of(*placement::owner("cust/talk", members));
    const auto asker = (home + 1) % 3;

    const auto answer = cluster.locate(asker, "talk");
    cluster.pass(after);
    cluster.nodes[home]->kill();
    cluster.pass(5s);

    ASSERT_TRUE(*answer && **answer) << after.count() << " ms";
    EXPECT_NE(index_of(cluster.place_of(asker, "talk").owner), home) << after.count() << " ms";
  }
}

TEST(ClusterDirectory, MovesEveryRoomAwayBeforeItLeaves) {
  directory_world cluster(3);
  for (int i = 0; i < 60; ++i)
    (void)cluster.locate(0, fmt::format("room-{}", i));
  cluster.pass(500ms);

  caf::anon_send(cluster.nodes[1]->directory, set_draining{true});
  cluster.pass(1s);
  const auto half_way = cluster.ask<drain_progress>(1, describe_drain{});
  cluster.pass(11s); // rooms without callers wait for the last to move away
  const auto progress = cluster.ask<drain_progress>(1, describe_drain{});

  ASSERT_TRUE(*half_way && *progress);
  EXPECT_TRUE((*half_way)->draining);
  EXPECT_EQ((*progress)->rooms_left, 0U);
  EXPECT_GT(cluster.total(counter::room_moves_owner_drained), 5U);
  EXPECT_EQ(cluster.nodes[1]->meters[counter::room_moves_owner_drained], 0U);
}

TEST(ClusterDirectory, RefusesAndCountsStaleEpochs) {
  directory_world cluster(2);
  const auto place = cluster.place_of(0, "talk");
  const auto owner = index_of(place.owner);
  const auto other = 1 - owner;
  auto& meters = cluster.nodes[owner]->meters;

  const auto opened = cluster.ask_as(
      other, owner, peer::open_room{{{{"cust"}, "talk"}, place.epoch - 1, {}}, open_reason::first_join, {}});
  const auto vacated = cluster.ask_as(
      other, owner,
      peer::vacate_room{{{"cust"}, "talk"}, place.epoch - 1, {name_of(other), place.epoch + 1}});

  ASSERT_TRUE(*opened && !**opened && *vacated && !**vacated);
  EXPECT_EQ((**opened).error().code, errc::stale);
  EXPECT_EQ((**vacated).error().code, errc::stale);
  EXPECT_EQ(meters[counter::stale_epochs_refused], 2U);
  EXPECT_EQ(cluster.place_of(other, "talk").epoch, place.epoch);
}

TEST(ClusterDirectory, GivesUpAfterFiveSecondsWithoutOwner) {
  directory_world cluster(2);
  for (auto& node : cluster.nodes)
    caf::anon_send(node->directory, set_draining{true}); // nobody takes rooms any more
  cluster.pass(1s);

  const auto answer = cluster.locate(0, "talk");
  cluster.pass(4900ms);
  EXPECT_FALSE(*answer);
  cluster.pass(300ms);

  ASSERT_TRUE(*answer && !**answer);
  EXPECT_EQ((**answer).error().code, errc::conference_unavailable);
}

TEST(ClusterDirectory, RefusesJoinsAtOnceAndMixesNothingOnTheSmallerSideUnderHold) {
  directory_world cluster(3, 1, true);
  cluster.network.block(2, 0, true);
  cluster.network.block(2, 1, true);
  cluster.network.block(0, 2, true);
  cluster.network.block(1, 2, true);
  cluster.pass(3s);

  const auto answer = cluster.locate(2, "talk");

  ASSERT_TRUE(*answer && !**answer);
  EXPECT_EQ((**answer).error().code, errc::conference_unavailable);
  EXPECT_FALSE(cluster.nodes[2]->permit.holds(cluster.network.time().now()));
  EXPECT_TRUE(cluster.nodes[0]->permit.holds(cluster.network.time().now()));
  EXPECT_NE(index_of(cluster.place_of(0, "talk").owner), 2U);
}

TEST(ClusterDirectory, LetsAJoinWaitForAMomentThatWasOnItsWayWhenTheNodeBecameHeld) {
  directory_world cluster(3, 1, true);
  std::string theirs = "talk";
  while (index_of(cluster.place_of(0, theirs).owner) == 2)
    theirs += "-too";
  const auto part = [&](bool parted) {
    for (std::size_t other : {0U, 1U}) {
      cluster.network.block(2, other, parted);
      cluster.network.block(other, 2, parted);
    }
  };
  part(true);
  cluster.pass(1000ms);

  const auto comes_back = cluster.locate(2, theirs);
  cluster.pass(600ms);
  EXPECT_FALSE(cluster.nodes[2]->permit.holds(cluster.network.time().now()));
  const auto in_vain = cluster.locate(2, "nobody-knows-it");
  ASSERT_TRUE(*comes_back) << "known already";
  EXPECT_TRUE(**comes_back);
  ASSERT_FALSE(*in_vain && **in_vain);
  cluster.pass(3s);

  ASSERT_TRUE(*in_vain && !**in_vain);
  EXPECT_EQ((**in_vain).error().code, errc::conference_unavailable);
}

TEST(ClusterDirectory, RefusesJoinsIntoItsOwnRoomsTooWhileItIsHeld) {
  directory_world cluster(3, 1, true);
  std::string own = "talk";
  while (index_of(cluster.place_of(0, own).owner) != 2)
    own += "-too";
  for (std::size_t other : {0U, 1U}) {
    cluster.network.block(2, other, true);
    cluster.network.block(other, 2, true);
  }
  cluster.pass(3s);

  const auto refused = cluster.locate(2, own);
  for (std::size_t other : {0U, 1U}) {
    cluster.network.block(2, other, false);
    cluster.network.block(other, 2, false);
  }
  cluster.pass(5s);

  ASSERT_TRUE(*refused && !**refused);
  EXPECT_EQ((**refused).error().code, errc::conference_unavailable);
  EXPECT_EQ(cluster.place_of(2, own).epoch, cluster.place_of(0, own).epoch) << "healed, it is let in again";
}

/// Whichever node admits the other one first.
TEST(ClusterDirectory, MergesTheHalvesOfAHealedPartitionOntoTheNewerEpoch) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    directory_world cluster(2, seed);
    cluster.network.block(0, 1, true);
    cluster.network.block(1, 0, true);
    cluster.pass(3s);
    const auto one = cluster.place_of(seed % 2, "talk");
    cluster.pass(1s);
    const auto other = cluster.place_of(1 - seed % 2, "talk");
    ASSERT_NE(one.owner, other.owner) << "seed " << seed;
    ASSERT_GT(other.epoch, one.epoch) << "seed " << seed;

    cluster.network.block(0, 1, false);
    cluster.network.block(1, 0, false);
    cluster.pass(3s);

    EXPECT_EQ(cluster.place_of(0, "talk").owner, other.owner) << "seed " << seed;
    EXPECT_EQ(cluster.place_of(1, "talk").epoch, other.epoch) << "seed " << seed;
    EXPECT_EQ(cluster.total(counter::room_moves_merged), 1U) << "seed " << seed;
  }
}

} // namespace
} // namespace plenary::test
