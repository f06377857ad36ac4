#include "actors/webhook/retry_schedule.hpp"
#include "tests/webhook/noon.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace plenary {
namespace {

using namespace std::chrono_literals;

TEST(RetrySchedule, GrowsFromSecondsToADayAndEnds) {
  std::vector<std::chrono::seconds> delays;

  for (int attempts = 1; auto delay = retry_delay(attempts, 0); ++attempts)
    delays.push_back(std::chrono::duration_cast<std::chrono::seconds>(*delay));

  EXPECT_EQ(delays, (std::vector<std::chrono::seconds>{5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h}));
  EXPECT_EQ(max_delivery_attempts(), 10);
}

TEST(RetrySchedule, IsLengthenedByAtMostAFifth) {
  EXPECT_EQ(retry_delay(1, 0.5), 5500ms);
  EXPECT_EQ(retry_delay(1, 1), 6000ms);
  EXPECT_EQ(retry_delay(1, 7), 6000ms);
  EXPECT_EQ(retry_delay(1, -1), 5000ms);
}

TEST(RetrySchedule, HasNoDelayOutsideItsRange) {
  EXPECT_EQ(retry_delay(0, 0), std::nullopt);
  EXPECT_EQ(retry_delay(10, 0), std::nullopt);
}

TEST(RetryAfter, IsANumberOfSecondsOrOneOfThreeDates) {
  EXPECT_EQ(parse_retry_after("120", noon), 120s);
  EXPECT_EQ(parse_retry_after("0", noon), 0s);
  EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 12:01:30 GMT", noon), 90s);
  EXPECT_EQ(parse_retry_after("Sunday, 22-Nov-26 12:01:30 GMT", noon), 90s);
  EXPECT_EQ(parse_retry_after("Sun Nov 22 12:01:30 2026", noon), 90s);
}

TEST(RetryAfter, IsBoundedByZeroAndADay) {
  EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 11:00:00 GMT", noon), 0s);
  EXPECT_EQ(parse_retry_after("86401", noon), 24h);
  EXPECT_EQ(parse_retry_after("99999999999999999999999", noon), 24h);
  EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2066 11:00:00 GMT", noon), 24h);
  EXPECT_EQ(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", noon), 24h);
  EXPECT_EQ(parse_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", noon), 0s);
  EXPECT_EQ(parse_retry_after("Mon, 01 Jan 0001 00:00:00 GMT", noon), 0s);
  EXPECT_EQ(parse_retry_after("9223372036854775807", noon), 24h);
}

TEST(RetryAfter, IgnoresOtherText) {
  for (const char* text :
       {"", "-1", "soon", "12s", "1.5", "+5", " 5", "5, 10", "0x10", "Fri, 31 Dec 99999 23:59:59 GMT",
        "Sun, 22 Nov 2026", "Sun, 22 Nov 2026 12:01:30 GMT+1"})
    EXPECT_EQ(parse_retry_after(text, noon), std::nullopt) << text;
}

} // namespace
} // namespace plenary
