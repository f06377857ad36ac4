#include "tests/directory/simulated_cluster.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace plenary::test {
namespace {

using namespace std::chrono_literals;

/// How many schedules of each kind: PLENARY_SCHEDULES asks for a longer run, PLENARY_SEED for one of them.
struct seeds {
  unsigned first = 1;
  unsigned count = 100;
};

seeds seeds_to_run(unsigned usual) {
  if (const char* one = std::getenv("PLENARY_SEED"))
    return {static_cast<unsigned>(std::atoi(one)), 1};
  if (const char* many = std::getenv("PLENARY_SCHEDULES"))
    return {1, static_cast<unsigned>(std::atoi(many))};
  return {1, usual};
}

/// One thing that goes wrong, or right again.
void disturb(simulated_cluster& cluster) {
  auto& network = cluster.network();
  const auto node = [&network] {
    return static_cast<std::size_t>(network.pick(0, static_cast<int>(network.size()) - 1));
  };
  switch (network.pick(0, 11)) {
  case 0:
    return cluster.kill(node());
  case 1:
  case 2:
    return cluster.boot(node());
  case 3:
    return cluster.freeze(node(), true);
  case 4:
  case 5:
    return cluster.freeze(node(), false);
  case 6: {
    std::vector<int> sides;
    for (std::size_t i = 0; i < network.size(); ++i)
      sides.push_back(network.pick(0, 1));
    return cluster.partition(sides, network.pick(0, 1) == 0);
  }
  case 7:
    return network.block(node(), node(), true);
  case 8:
    return network.block(node(), node(), false);
  case 9:
    return network.drop(node(), node());
  case 10:
    return cluster.drain(node(), network.pick(0, 2) == 0);
  default:
    return cluster.hang_up(static_cast<std::size_t>(network.pick(1, 3)));
  }
}

void visit(simulated_cluster& cluster, int room_names) {
  auto& network = cluster.network();
  cluster.call(static_cast<std::size_t>(network.pick(0, static_cast<int>(network.size()) - 1)),
               room_number(network.pick(0, room_names - 1)));
}

/// Time until everything is well again, at most 12 s.
milliseconds time_to_recover(simulated_cluster& cluster) {
  milliseconds passed{0};
  while (passed < 12s && cluster.violation().empty() && !cluster.trouble().empty()) {
    cluster.pass(50ms);
    passed += 50ms;
  }
  return passed;
}

std::string run_schedule(const simulated_cluster::setup& what) {
  simulated_cluster cluster(what);
  auto& network = cluster.network();
  cluster.pass(milliseconds{network.pick(0, 3000)});
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 12; ++i) {
      visit(cluster, what.room_names);
      disturb(cluster);
      cluster.pass(milliseconds{network.pick(5, network.pick(0, 1) == 0 ? 200 : 2500)});
    }
    cluster.heal();
    for (int i = 0; i < 3; ++i)
      visit(cluster, what.room_names);
    cluster.pass(what.hold ? 7s : 5s); // leases run out first
    const auto trouble = cluster.trouble();
    const auto more = time_to_recover(cluster);
    if (!cluster.violation().empty())
      return cluster.violation();
    if (more > 0ms)
      return fmt::format("seed {}, {} nodes{}: at quiet {}; well after {} ms more", what.seed, what.nodes,
                         what.hold ? ", hold" : "", trouble, more.count());
  }
  return {};
}

/// Runs schedules until ten have failed.
void expect_all_well(const seeds& run, bool hold) {
  fmt::print("seeds {} to {}\n", run.first, run.first + run.count - 1);
  int failures = 0;
  for (unsigned seed = run.first; seed < run.first + run.count && failures < 10; ++seed) {
    const auto wrong = run_schedule({(hold ? 3 : 2) + seed % (hold ? 3 : 4), hold, seed, 4});
    failures += wrong.empty() ? 0 : 1;

    EXPECT_EQ(wrong, "");
  }
}

TEST(ClusterSimulation, AgreesOnMembersAndOwnersFiveSecondsAfterTheLastFault) {
  expect_all_well(seeds_to_run(10), false);
}

TEST(ClusterSimulation, NeverLetsTwoNodesMixOneRoomUnderHold) {
  expect_all_well(seeds_to_run(6), true);
}

/// Nodes that are up, and two callers of each room on each node.
void fill(simulated_cluster& cluster, int rooms) {
  cluster.pass(4s);
  for (int room = 0; room < rooms; ++room)
    for (std::size_t node = 0; node < cluster.network().size(); ++node)
      cluster.call(node, room_number(room));
  cluster.pass(2s);
}

// The successor of a drained room was cut off before its answer came: nobody else may get the room meanwhile.
TEST(ClusterSimulation, HandsNoRoomToASecondSuccessorBeforeTheFirstHasSurelyStopped) {
  EXPECT_EQ(run_schedule({3, true, 4101, 4}), "");
}

TEST(ClusterSimulation, OpensANewNameOnceWhenAllNodesAskAtTheSameMoment) {
  const auto run = seeds_to_run(2);
  for (unsigned seed = run.first; seed < run.first + run.count; ++seed) {
    simulated_cluster cluster({5, false, seed, 4});

    fill(cluster, 20);

    ASSERT_EQ(cluster.trouble(), "") << "seed " << seed;
    for (int room = 0; room < 20; ++room)
      EXPECT_EQ(cluster.openings(room_number(room)), 1) << "seed " << seed << ", room " << room;
  }
}

TEST(ClusterSimulation, HealsAPartitionToOneOwnerWithinThreeSeconds) {
  const auto run = seeds_to_run(3);
  milliseconds worst{0};
  for (unsigned seed = run.first; seed < run.first + run.count; ++seed) {
    simulated_cluster cluster({4, false, seed, 4});
    fill(cluster, 4);
    cluster.partition({0, 0, 1, 1}, seed % 3 == 0);
    cluster.pass(8s);
    EXPECT_EQ(cluster.seated(), 16) << "each side goes on by itself, seed " << seed;

    cluster.heal();
    const auto took = time_to_recover(cluster);

    worst = std::max(worst, took);
    EXPECT_LE(took, 3s) << "seed " << seed << cluster.describe();
  }
  RecordProperty("worst_ms", std::to_string(worst.count()));
}

TEST(ClusterSimulation, MovesEachRoomAtMostOnceForANodeThatFlaps) {
  const auto run = seeds_to_run(1);
  for (unsigned seed = run.first; seed < run.first + run.count; ++seed) {
    simulated_cluster cluster({3, false, seed, 6});
    fill(cluster, 6);

    for (int i = 0; i < 10; ++i) {
      cluster.kill(2);
      cluster.pass(3s);
      cluster.boot(2);
      cluster.pass(3s);
    }

    EXPECT_EQ(cluster.trouble(), "") << "seed " << seed;
    for (int room = 0; room < 6; ++room)
      EXPECT_LE(cluster.openings(room_number(room)), 2) << "seed " << seed << ", room " << room;
  }
}

TEST(ClusterSimulation, SettlesInCliquesWhenTwoNodesCannotSeeEachOther) {
  const auto run = seeds_to_run(2);
  for (unsigned seed = run.first; seed < run.first + run.count; ++seed) {
    simulated_cluster cluster({3, false, seed, 4});
    fill(cluster, 4);
    cluster.network().block(0, 2, true);
    if (seed % 2 == 0)
      cluster.network().block(2, 0, true);
    cluster.pass(10s);
    const auto lost = cluster.members_lost();

    cluster.pass(30s);

    EXPECT_EQ(cluster.members_lost(), lost) << "seed " << seed;
    EXPECT_EQ(cluster.seated(), 12) << "seed " << seed << cluster.describe();
  }
}

TEST(ClusterSimulation, SettlesInAnyPatternOfLinks) {
  const auto run = seeds_to_run(1);
  for (unsigned seed = run.first; seed < run.first + run.count; ++seed) {
    simulated_cluster cluster({5, false, seed, 4});
    fill(cluster, 4);
    auto& network = cluster.network();
    for (std::size_t from = 0; from < 5; ++from)
      for (std::size_t to = 0; to < from; ++to)
        network.block(from, to, network.pick(0, 2) == 0);
    cluster.pass(25s);
    const auto lost = cluster.members_lost();

    cluster.pass(30s);

    EXPECT_EQ(cluster.members_lost(), lost) << "seed " << seed;
    EXPECT_EQ(cluster.seated(), 20) << "seed " << seed << cluster.describe();
    cluster.heal();
    EXPECT_LE(time_to_recover(cluster), 5s) << "seed " << seed << cluster.describe();
  }
}

TEST(ClusterSimulation, MovesEveryRoomOffANodeThatLeaves) {
  const auto run = seeds_to_run(2);
  for (unsigned seed = run.first; seed < run.first + run.count; ++seed) {
    simulated_cluster cluster({3, seed % 2 == 0, seed, 8});
    fill(cluster, 8);
    cluster.pass(3s);

    cluster.drain(1, true);
    cluster.pass(2s);

    EXPECT_EQ(cluster.rooms_on(1), 0U) << "seed " << seed;
    EXPECT_EQ(cluster.seated(), 24) << "seed " << seed;
    EXPECT_EQ(cluster.violation(), "");
  }
}

/// Whether a node that started at this time is held, or not live though it has had the time for it.
std::string trouble_of_the_start(simulated_cluster& cluster, std::size_t index, bool late) {
  const auto phase = cluster.node(index)->members().phase;
  if (phase == member_phase::held || (late && phase != member_phase::live))
    return fmt::format("{} is {}{}", name_of(index).value, to_string(phase), cluster.describe());
  return {};
}

// The votes of those who start later are young when the first one has waited its two seconds. Who starts
// later dials here, so that no link waits for the next attempt.
TEST(ClusterSimulation, HoldsNoNodeOfAClusterThatStartsOneByOne) {
  const auto run = seeds_to_run(20);
  for (unsigned seed = run.first; seed < run.first + run.count; ++seed) {
    simulated_cluster cluster({3, true, seed, 4});
    auto& network = cluster.network();
    cluster.kill(0);
    cluster.kill(1);
    std::string trouble;
    const auto pass = [&](int duration, std::size_t first) {
      for (int passed = 0; passed < duration && trouble.empty(); passed += 10) {
        cluster.pass(10ms);
        for (std::size_t i = first; i < 3; ++i)
          trouble += trouble_of_the_start(cluster, i, false);
      }
    };

    pass(network.pick(0, 1700), 2);
    cluster.boot(1);
    pass(network.pick(0, 1700), 1);
    cluster.boot(0);
    pass(4000, 0);
    for (std::size_t i = 0; i < 3; ++i)
      trouble += trouble_of_the_start(cluster, i, true);

    EXPECT_EQ(trouble + cluster.violation(), "") << "seed " << seed;
  }
}

TEST(ClusterSimulation, KeepsTheMajorityTalkingUnderHoldAndSilencesTheRest) {
  const auto run = seeds_to_run(2);
  for (unsigned seed = run.first; seed < run.first + run.count; ++seed) {
    simulated_cluster cluster({3, true, seed, 4});
    fill(cluster, 4);
    cluster.pass(3s);

    cluster.partition({0, 0, 1}, seed % 2 == 0);
    cluster.pass(7s);

    EXPECT_EQ(cluster.violation(), "");
    EXPECT_EQ(cluster.node(2)->members().phase, member_phase::held) << "seed " << seed;
    EXPECT_FALSE(cluster.node(2)->holds_permit());
    EXPECT_TRUE(cluster.node(0)->holds_permit() && cluster.node(1)->holds_permit()) << "seed " << seed;
    EXPECT_GE(cluster.seated(), 8) << "seed " << seed << cluster.describe();
  }
}

} // namespace
} // namespace plenary::test
