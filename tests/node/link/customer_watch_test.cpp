#include "node/link/customer_watch.hpp"

#include <gtest/gtest.h>

namespace plenary::link {

namespace {

using std::chrono::milliseconds;

const node_name peer{"node-b"};
constexpr customer_digests own{1, 2};
constexpr mono_time start{};

} // namespace

TEST(CustomerWatch, TellsOnceWhatDiffersForLongerThanItTakesToConfigureTheNodes) {
  customer_watch watch;

  EXPECT_EQ(watch.note(peer, own, {1, 3}, start), std::nullopt);
  EXPECT_EQ(watch.note(peer, own, {1, 3}, start + differing_patience - milliseconds{1}), std::nullopt);
  EXPECT_EQ(watch.note(peer, own, {1, 3}, start + differing_patience), "numbers");
  EXPECT_EQ(watch.note(peer, own, {1, 3}, start + 10 * differing_patience), std::nullopt);
}

TEST(CustomerWatch, TellsAnewWhenMoreDiffersAndOnceWhenNothingDoes) {
  customer_watch watch;
  watch.note(peer, own, {1, 3}, start);
  watch.note(peer, own, {1, 3}, start + differing_patience);

  EXPECT_EQ(watch.note(peer, own, {4, 3}, start + differing_patience), std::nullopt);
  EXPECT_EQ(watch.note(peer, own, {4, 3}, start + 2 * differing_patience), "applications and numbers");
  EXPECT_EQ(watch.note(peer, own, own, start + 2 * differing_patience), "");
  EXPECT_EQ(watch.note(peer, own, own, start + 3 * differing_patience), std::nullopt);
}

TEST(CustomerWatch, SaysNothingOfAShortDifferenceAndOfVersionsThatTellNothing) {
  customer_watch watch;

  watch.note(peer, own, {1, 3}, start);
  EXPECT_EQ(watch.note(peer, own, own, start + milliseconds{100}), std::nullopt);
  EXPECT_EQ(watch.note(peer, own, {}, start + 10 * differing_patience), std::nullopt);
  EXPECT_EQ(watch.note(peer, own, {}, start + 20 * differing_patience), std::nullopt);
}

} // namespace plenary::link
