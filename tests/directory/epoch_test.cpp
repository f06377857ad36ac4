#include "actors/directory/epoch.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace plenary::epoch {
namespace {

constexpr wall_time noon{std::chrono::seconds{1780056000}}; // 2026-05-29T12:00:00Z
constexpr std::uint64_t json_exact = std::uint64_t{1} << 53U;

TEST(Epoch, GivesTheGoldenValues) {
  EXPECT_EQ(node_tag({"node-a"}), 382826U);
  EXPECT_EQ(node_tag({"node-b"}), 607826U);
  EXPECT_EQ(next(0, {"node-a"}, noon), 465215422846826U);
}

TEST(Epoch, GrowsEvenWhenTheClockIsSetBack) {
  auto known = next(0, {"node-a"}, noon);
  for (int i = 0; i < 100; ++i) {
    const auto newer = next(known, {i % 2 == 0 ? "node-b" : "node-a"}, noon - std::chrono::hours{i});

    EXPECT_GT(newer, known);
    known = newer;
  }
}

TEST(Epoch, GrowsWithTheClock) {
  EXPECT_GT(next(0, {"node-a"}, noon + std::chrono::milliseconds{100}), next(0, {"node-z"}, noon));
}

TEST(Epoch, IsNeverTheSameOnTwoNodes) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(seen.insert(next(0, {fmt::format("node-{}", i)}, noon)).second) << i;
}

TEST(Epoch, StaysExactInEveryJsonReaderForMoreThanACentury) {
  const auto late = noon + std::chrono::hours{24 * 365 * 25};

  EXPECT_LT(next(0, {"node-a"}, late), json_exact);
  EXPECT_LT(next(next(0, {"node-a"}, late), {"node-b"}, noon), json_exact);
}

TEST(Epoch, StartsAtOneBeforeTheFirstDayOfItsCalendar) {
  EXPECT_EQ(next(0, {"node-a"}, wall_time{}) >> 20U, 1U);
}

} // namespace
} // namespace plenary::epoch
