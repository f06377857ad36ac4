#include "actors/directory/placement.hpp"
#include "schema/json.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <random>

namespace plenary::placement {
namespace {

constexpr int key_count = 100'000;

std::vector<member> equal_members(int count) {
  std::vector<member> members;
  for (int i = 0; i < count; ++i)
    members.push_back({node_name{fmt::format("node-{}", i)}, 1.0});
  return members;
}

std::string key_of(int number) {
  return fmt::format("cust_demo/room_{}", number);
}

/// The largest share over the mean share, by weight.
double imbalance(const std::vector<member>& members) {
  std::map<node_name, double> keys;
  double all = 0;
  for (int i = 0; i < key_count; ++i)
    keys[*owner(key_of(i), members)] += 1;
  for (const auto& each : members)
    all += each.weight;
  double worst = 0;
  for (const auto& each : members)
    worst = std::max(worst, keys[each.name] / (key_count * each.weight / all));
  return worst;
}

std::vector<member> members_of(const nlohmann::json& vector) {
  std::vector<member> members;
  for (const auto& each : vector["members"])
    members.push_back({node_name{each[0].get<std::string>()}, each[1].get<double>()});
  return members;
}

TEST(Placement, GivesTheGoldenPreferenceLists) {
  std::ifstream file(PLENARY_SOURCE_DIR "/tests/golden/placement.json");
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto document = parse_json(text);
  ASSERT_TRUE(document.has_value());

  for (const auto& vector : (*document)["vectors"]) {
    std::vector<std::string> names;
    for (const auto& name : rank(vector["key"].get<std::string>(), members_of(vector)))
      names.push_back(name.value);

    EXPECT_EQ(names, vector["rank"].get<std::vector<std::string>>()) << vector.dump();
  }
}

TEST(Placement, HasNoOwnerWithoutMembers) {
  EXPECT_TRUE(rank("key", {}).empty());
  EXPECT_EQ(owner("key", {}), std::nullopt);
  EXPECT_EQ(place("key", {}, {}), std::nullopt);
  EXPECT_EQ(place("key", {{node_name{"draining"}, 0}}, {}), std::nullopt);
}

TEST(Placement, DoesNotDependOnTheOrderOfTheMembers) {
  auto members = equal_members(8);
  std::mt19937 random{7};
  for (int i = 0; i < 200; ++i) {
    auto expected = rank(key_of(i), members);

    std::shuffle(members.begin(), members.end(), random);

    EXPECT_EQ(rank(key_of(i), members), expected);
    EXPECT_EQ(owner(key_of(i), members), expected.front());
  }
}

TEST(Placement, SpreadsKeysEvenlyOverThreeToThirtyTwoNodes) {
  for (int count : {3, 5, 8, 16, 32}) {
    // 1.04, plus what chance alone gives: four standard deviations of one node's share are below this.
    double tolerance = std::max(1.04, 1 + 4 * std::sqrt(count / static_cast<double>(key_count)));

    EXPECT_LE(imbalance(equal_members(count)), tolerance) << count << " nodes";
  }
}

TEST(Placement, RespectsWeights) {
  std::vector<member> members{{node_name{"small"}, 0.5}, {node_name{"one"}, 1}, {node_name{"big"}, 4}};

  EXPECT_LE(imbalance(members), 1.04);
}

TEST(Placement, MovesOnlyTheKeysOfAMemberThatLeaves) {
  auto before = equal_members(8);
  auto after = before;
  const auto gone = after.back().name;
  after.pop_back();

  int moved = 0;
  for (int i = 0; i < key_count; ++i) {
    auto old_owner = owner(key_of(i), before);
    auto new_owner = owner(key_of(i), after);
    if (old_owner != new_owner) {
      ++moved;
      EXPECT_EQ(old_owner, gone);
    }
  }

  EXPECT_NEAR(moved, key_count / 8, key_count / 8 * 0.05);
}

TEST(Placement, MovesAKeyOfALostMemberToTheNextOfItsList) {
  auto members = equal_members(5);
  for (int i = 0; i < 500; ++i) {
    auto list = rank(key_of(i), members);
    auto survivors = members;
    std::erase_if(survivors, [&](const member& each) { return each.name == list[0]; });

    EXPECT_EQ(owner(key_of(i), survivors), list[1]);
  }
}

TEST(BoundedLoad, TakesTheFirstChoiceWhileTheClusterIsBalanced) {
  auto members = equal_members(3);
  load callers{{members[0].name, 100}, {members[1].name, 100}, {members[2].name, 100}};

  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(place(key_of(i), members, callers), owner(key_of(i), members));
}

TEST(BoundedLoad, SpillsToTheNextOfTheListAtOneAndAQuarterOfTheMean) {
  auto members = equal_members(4);
  auto list = rank("cust_demo/full", members);
  load callers;
  for (const auto& each : members)
    callers[each.name] = 400;

  callers[list[0]] = 544; // 545 <= 1.25 x 1745 / 4
  EXPECT_EQ(place("cust_demo/full", members, callers), list[0]);
  callers[list[0]] = 545; // 546 > 1.25 x 1746 / 4
  EXPECT_EQ(place("cust_demo/full", members, callers), list[1]);
}

TEST(BoundedLoad, NeverSpillsFromANodeThatIsNearlyEmpty) {
  auto members = equal_members(3);
  auto best = *owner("cust_demo/first", members);

  EXPECT_EQ(place("cust_demo/first", members, {{best, free_callers - 1}}), best);
  EXPECT_NE(place("cust_demo/first", members, {{best, free_callers}}), best);
}

TEST(BoundedLoad, KeepsEveryNodeWithinTheBoundWhenManyRoomsCome) {
  std::vector<member> members = equal_members(5);
  members[0].weight = 2;
  load callers;

  for (int i = 0; i < 20'000; ++i)
    ++callers[*place(key_of(i), members, callers)];

  for (const auto& each : members)
    EXPECT_LE(static_cast<double>(callers[each.name]), 1.25 * 20'000 * each.weight / 6 + 1)
        << each.name.value;
}

} // namespace
} // namespace plenary::placement
