#include "actors/audio/receiver_statistics.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

/// Feeds packets first..last of an even stream of 20 ms at 8 kHz.
void feed(receiver_statistics& statistics, int first, int last, std::uint32_t ssrc = 1) {
  for (int i = first; i <= last; ++i) {
    const auto time = static_cast<std::uint32_t>(i) * 160;
    statistics.update(ssrc, static_cast<std::uint16_t>(i), time, time + 5000);
  }
}

TEST(ReceiverStatistics, HasNothingToReportBeforeTheFirstPacket) {
  EXPECT_EQ(receiver_statistics{}.report(), std::nullopt);
}

TEST(ReceiverStatistics, CountsWrapsOfTheSequenceNumber) {
  receiver_statistics statistics;

  feed(statistics, 65000, 66000);
  auto report = statistics.report();

  EXPECT_EQ(report->extended_highest_sequence, 66000U);
  EXPECT_EQ(report->cumulative_lost, 0);
  EXPECT_EQ(report->fraction_lost, 0);
  EXPECT_EQ(report->jitter, 0U);
}

TEST(ReceiverStatistics, ReportsTheLossOfTheIntervalAndOfAll) {
  receiver_statistics statistics;

  feed(statistics, 1, 75);
  feed(statistics, 100, 100); // 76 to 99 are lost
  auto first = statistics.report();
  feed(statistics, 101, 200);
  auto second = statistics.report();

  EXPECT_EQ(first->cumulative_lost, 24);
  EXPECT_EQ(first->fraction_lost, 24 * 256 / 100);
  EXPECT_EQ(second->cumulative_lost, 24);
  EXPECT_EQ(second->fraction_lost, 0);
}

TEST(ReceiverStatistics, CountsRepeatedPacketsAsNegativeLoss) {
  receiver_statistics statistics;

  feed(statistics, 1, 10);
  feed(statistics, 8, 10);
  auto report = statistics.report();

  EXPECT_EQ(report->cumulative_lost, -3);
  EXPECT_EQ(report->fraction_lost, 0);
}

TEST(ReceiverStatistics, TakesAJumpOnlyWhenItGoesOn) {
  receiver_statistics statistics;

  feed(statistics, 1, 10);
  feed(statistics, 30000, 30000); // one stray packet
  feed(statistics, 11, 20);
  EXPECT_EQ(statistics.report()->extended_highest_sequence, 20U);

  feed(statistics, 40000, 40010); // the sender restarted
  EXPECT_EQ(statistics.report()->extended_highest_sequence, 40010U);
  EXPECT_EQ(statistics.report()->cumulative_lost, 0);
}

TEST(ReceiverStatistics, StartsAnewWithANewSsrc) {
  receiver_statistics statistics;

  feed(statistics, 1, 10, 1);
  feed(statistics, 500, 510, 2);

  EXPECT_EQ(statistics.report()->ssrc, 2U);
  EXPECT_EQ(statistics.report()->cumulative_lost, 0);
}

TEST(ReceiverStatistics, FollowsTheJitterFormulaOfTheStandard) {
  receiver_statistics statistics;
  double expected = 0;
  double transit_before = 0;
  for (int i = 0; i < 500; ++i) {
    const double delay = (i * 37) % 100; // 0 to 99 units, repeating
    const auto time = static_cast<std::uint32_t>(i) * 160;
    statistics.update(1, static_cast<std::uint16_t>(i), time, time + static_cast<std::uint32_t>(delay));
    if (i > 0)
      expected += (std::abs(delay - transit_before) - expected) / 16;
    transit_before = delay;
  }

  EXPECT_NEAR(statistics.jitter(), expected, 1.5);
  EXPECT_GT(expected, 30);
}

} // namespace
} // namespace plenary::audio
