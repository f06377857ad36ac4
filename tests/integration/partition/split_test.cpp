#include "tests/integration/partition/parted_cluster.hpp"

namespace plenary::test::split_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// With `on_partition = "split"` both sides go on.
class SplitRoom : public PartedCluster {
protected:
  /// The network is parted already: both halves talk, each among itself, and go on to do so.
  void expect_halves(const char* what, const group& one, const group& other) {
    EXPECT_TRUE(is_on_its_own(one));
    EXPECT_TRUE(is_on_its_own(other));
    const auto longest = print_silence(what, {0, 1, 2});
    EXPECT_LT(longest, seconds(3)) << "a half that has to open the room anew";
    watch_silence();
    guests.front().phone->listen(seconds(2));
    EXPECT_LT(print_silence(what, {0, 1, 2}), milliseconds(500)) << "halves that have settled";
    EXPECT_TRUE(hear_each_other(one) && hear_each_other(other));
  }

  void expect_merge(const char* what) {
    watch_silence();
    const auto healed = steady_clock::now();
    network().heal();
    EXPECT_TRUE(merges(what, healed, most_merge));
    EXPECT_LT(print_silence(what, {0, 1, 2}), seconds(1)) << "media moves without a gap";
    const auto merged = application.wait_for_event("room.merged");
    fmt::print("{}: told as {}\n", what,
               merged ? merged->document.value("data", nlohmann::json{}).dump() : "nothing");
    EXPECT_TRUE(merged);
    expect_all_connected();
  }
};

TEST_F(SplitRoom, KeepsTheCallersOfBothHalvesTalkingAndMergesThem) {
  ASSERT_NO_FATAL_FAILURE(meet());

  network().cut({owner}, {second, third});

  expect_halves("split", {owner}, {second, third});
  expect_merge("split");
}

TEST_F(SplitRoom, MergesWhenANodeThatDoesNotOwnTheRoomWasCutOff) {
  ASSERT_NO_FATAL_FAILURE(meet());

  network().cut({second}, {owner, third});

  expect_halves("split of another", {second}, {owner, third});
  expect_merge("split of another");
}

TEST_F(SplitRoom, IsTheSameWhenOnlyOneDirectionIsLost) {
  ASSERT_NO_FATAL_FAILURE(meet());

  network().cut_one_way({owner}, {second, third});

  expect_halves("one way", {owner}, {second, third});
  expect_merge("one way");
}

/// However long the nodes have dialled in vain, and wherever between two attempts the healing falls.
TEST_F(SplitRoom, MergesSoonAfterLongPartitions) {
  ASSERT_NO_FATAL_FAILURE(meet());
  for (const auto duration : {milliseconds(6000), milliseconds(7300), milliseconds(8600)}) {
    network().cut({owner}, {second, third});
    EXPECT_TRUE(is_on_its_own({owner}) && is_on_its_own({second, third}));
    guests.front().phone->listen(duration);

    const auto healed = steady_clock::now();
    network().heal();

    EXPECT_TRUE(merges("long split", healed, most_merge));
    owner = index_of(agreed_on(room).value_or(before).node);
    second = others(owner)[0];
    third = others(owner)[1];
  }
  expect_all_connected();
}

} // namespace

} // namespace plenary::test::split_test
