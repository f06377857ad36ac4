#include "tests/integration/partition/parted_cluster.hpp"

#include <algorithm>

namespace plenary::test::link_faults_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class LinkFaults : public PartedCluster {
protected:
  /// Links and members that any node has lost so far.
  std::size_t losses() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < node_count; ++i)
      count += told(i, "link_down") + told(i, "member_lost") + told(i, "member_cut_off");
    return count;
  }

  /// Asks each node for the room as long as this lasts; the longest that an answer took.
  milliseconds slowest_answer(milliseconds duration) {
    milliseconds slowest{0};
    for (const auto start = steady_clock::now(); since(start) < duration;)
      for (std::size_t i = 0; i < node_count; ++i) {
        const auto asked = steady_clock::now();
        EXPECT_TRUE(node(i).get_json(std::string("/v1/rooms/") + room).is_object());
        slowest = std::max(slowest, since(asked));
        guests.front().phone->listen(milliseconds(40));
      }
    return slowest;
  }
};

TEST_F(LinkFaults, LosingPacketsAtRandomCostNoMemberAndMoveNoRoom) {
  ASSERT_NO_FATAL_FAILURE(meet());
  const auto lost_before = losses();

  network().lose(5);
  const auto slowest = slowest_answer(seconds(15));

  print_silence("loss of 5 %", {0, 1, 2});
  const auto after = agreed_on(room);
  fmt::print(
      "loss of 5 %: {} links or members lost in 15 s, the slowest of the answers about the room took {} ms\n",
      losses() - lost_before, slowest.count());
  EXPECT_EQ(losses(), lost_before);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->epoch, before.epoch);
  EXPECT_EQ(after->participants, guests.size());
  EXPECT_TRUE(hear_each_other({0, 1, 2}));
  EXPECT_LT(print_silence("loss of 5 %", {0, 1, 2}), milliseconds(500));
}

TEST_F(LinkFaults, BetweenTwoNodesThatAThirdOneSeesCutOneOfThemOff) {
  ASSERT_NO_FATAL_FAILURE(meet());
  const auto weaker = std::max(owner, second); // equal links: the larger name

  network().cut({owner}, {second});

  const group rest{others(weaker)[0], others(weaker)[1]};
  const auto are_halves = [&] { return hear_each_other({weaker}) && hear_each_other(rest); };
  EXPECT_TRUE(
      eventually(are_halves, seconds(10))); // the third node keeps a link to both: no count of links tells
  EXPECT_GE(told(third, "member_cut_off"), 1U);
  EXPECT_LT(print_silence("blind pair", {0, 1, 2}), seconds(4));
  const auto parted = agreed_on(room, list(rest));
  guests.front().phone->listen(seconds(3));
  const auto later = agreed_on(room, list(rest));
  ASSERT_TRUE(parted && later);
  EXPECT_EQ(parted->epoch, later->epoch) << "who is cut off disturbs nobody";
  EXPECT_TRUE(are_halves());

  const auto healed = steady_clock::now();
  network().heal();
  EXPECT_TRUE(merges("blind pair", healed, most_merge));
  expect_all_connected();
}

} // namespace

} // namespace plenary::test::link_faults_test
