#include "actors/webhook/endpoint_lane.hpp"
#include "tests/webhook/noon.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;

void attempt(endpoint_lane& lane, bool delivered, wall_time now) {
  lane.begin();
  lane.end(delivered, now);
}

endpoint_lane lane_after_failures(int count) {
  endpoint_lane lane{8};
  for (int i = 0; i < count; ++i)
    attempt(lane, false, noon);
  return lane;
}

TEST(EndpointLane, TakesUpNoMoreThanItsLimit) {
  endpoint_lane lane{2};

  lane.begin();
  EXPECT_EQ(lane.room(noon), 1U);
  lane.begin();

  EXPECT_EQ(lane.room(noon), 0U);
  lane.end(true, noon);
  EXPECT_EQ(lane.room(noon), 1U);
}

TEST(EndpointLane, RestsAfterFiveFailuresInARow) {
  auto four = lane_after_failures(4);
  auto five = lane_after_failures(5);

  EXPECT_EQ(four.room(noon), 8U);
  EXPECT_EQ(five.room(noon), 0U);
  EXPECT_EQ(five.rests_until(), noon + 1s);
}

TEST(EndpointLane, ForgetsFailuresAfterASuccess) {
  auto lane = lane_after_failures(4);

  attempt(lane, true, noon);
  attempt(lane, false, noon);

  EXPECT_EQ(lane.room(noon), 8U);
}

TEST(EndpointLane, ProbesWithOneEventAfterItsPause) {
  auto lane = lane_after_failures(5);

  EXPECT_EQ(lane.room(noon + 1s), 1U);
  lane.begin();
  EXPECT_EQ(lane.room(noon + 1s), 0U);
  lane.end(true, noon + 1s);

  EXPECT_EQ(lane.room(noon + 1s), 8U);
}

TEST(EndpointLane, DoublesItsPauseUpToAMinute) {
  auto lane = lane_after_failures(5);
  auto now = noon;
  std::vector<std::chrono::nanoseconds> pauses;

  for (int i = 0; i < 8; ++i) {
    now = lane.rests_until();
    attempt(lane, false, now);
    pauses.push_back(lane.rests_until() - now);
  }

  EXPECT_EQ(pauses, (std::vector<std::chrono::nanoseconds>{2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}));
}

TEST(EndpointLane, DoesNotLengthenItsPauseForAttemptsThatBeganBefore) {
  endpoint_lane lane{8};
  for (int i = 0; i < 8; ++i)
    lane.begin();

  for (int i = 0; i < 8; ++i)
    lane.end(false, noon);

  EXPECT_EQ(lane.rests_until(), noon + 1s);
}

} // namespace
} // namespace plenary
