#include "tests/integration/partition/parted_cluster.hpp"

namespace plenary::test::hold_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// With `on_partition = "hold"` only a majority goes on.
class HeldRoom : public PartedCluster {
protected:
  void meet_under_hold() { meet("on_partition = \"hold\"\ntick_log = true"); }

  /// The network is parted already: one node on its own, the two others together.
  void expect_only_the_majority_goes_on(const char* what, std::size_t alone) {
    const group majority{others(alone)[0], others(alone)[1]};
    EXPECT_TRUE(eventually([&] { return hear_nothing({alone}); }));
    EXPECT_TRUE(is_on_its_own(majority));
    EXPECT_LT(print_silence(what, majority), seconds(5))
        << "the majority waits until the other side has stopped";
    EXPECT_FALSE(admits(alone)) << "joins are refused";
    EXPECT_TRUE(admits(*majority.begin()));
    EXPECT_TRUE(hear_nothing({alone}));
    EXPECT_TRUE(hear_each_other(majority));
    expect_all_connected();
  }

  void expect_return(const char* what) {
    const auto healed = steady_clock::now();
    network().heal();
    EXPECT_TRUE(merges(what, healed, most_merge));
    expect_all_connected();
    guests.front().phone->listen(seconds(1)); // until the logs tell the latest stretches
    fmt::print("{}: {} stretches were mixed, {} overlap\n", what, mixed(room).size(), overlaps());
    EXPECT_GT(mixed(room).size(), 10U);
    EXPECT_EQ(overlaps(), 0U);
  }
};

TEST_F(HeldRoom, FallsSilentOnItsOwnerThatIsCutOffAndIsNeverMixedTwice) {
  ASSERT_NO_FATAL_FAILURE(meet_under_hold());

  network().cut({owner}, {second, third});

  expect_only_the_majority_goes_on("hold", owner);
  expect_return("hold");
}

TEST_F(HeldRoom, KeepsTheCallsOfANodeThatIsCutOffFromTheOwner) {
  ASSERT_NO_FATAL_FAILURE(meet_under_hold());

  network().cut({second}, {owner, third});

  expect_only_the_majority_goes_on("hold, another", second);
  expect_return("hold, another");
}

TEST_F(HeldRoom, IsNeverMixedTwiceWhenOnlyOneDirectionIsLost) {
  ASSERT_NO_FATAL_FAILURE(meet_under_hold());

  network().cut_one_way({second, third}, {owner});

  expect_only_the_majority_goes_on("hold, one way", owner);
  expect_return("hold, one way");
}

} // namespace

} // namespace plenary::test::hold_test
