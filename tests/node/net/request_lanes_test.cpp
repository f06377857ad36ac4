#include "node/net/request_lanes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const mono_time morning{};
const lane_place a_at_x{"a", "x:80"};
const lane_place a_at_y{"a", "y:80"};
const lane_place b_at_x{"b", "x:80"};

/// Everything that may leave now.
std::vector<request_lanes::ticket> all_leaving(request_lanes& lanes) {
  std::vector<request_lanes::ticket> left;
  while (auto number = lanes.leave())
    left.push_back(*number);
  return left;
}

using tickets = std::vector<request_lanes::ticket>;

TEST(RequestLanes, LetRequestsLeaveInTheirOrder) {
  request_lanes lanes{{}};
  for (request_lanes::ticket number : {1, 2, 3})
    lanes.wait(number, number == 2 ? a_at_y : a_at_x, morning + 1s);

  EXPECT_EQ(all_leaving(lanes), (tickets{1, 2, 3}));
  EXPECT_EQ(lanes.waiting(), 0U);
  EXPECT_EQ(lanes.on_their_way(), 3U);
}

TEST(RequestLanes, LimitAHostWithoutHoldingUpAnother) {
  request_lanes lanes{{.per_host = 1}};
  lanes.wait(1, a_at_x, morning + 1s);
  lanes.wait(2, a_at_x, morning + 1s);
  lanes.wait(3, a_at_y, morning + 1s);

  EXPECT_EQ(all_leaving(lanes), (tickets{1, 3}));
  lanes.end(a_at_x);
  EXPECT_EQ(all_leaving(lanes), (tickets{2}));
}

TEST(RequestLanes, LimitACustomerWithoutHoldingUpAnother) {
  request_lanes lanes{{.per_host = 9, .per_customer = 2}};
  for (request_lanes::ticket number : {1, 2, 3})
    lanes.wait(number, a_at_x, morning + 1s);
  lanes.wait(4, b_at_x, morning + 1s);

  auto left = all_leaving(lanes);
  std::sort(left.begin(), left.end());
  EXPECT_EQ(left, (tickets{1, 2, 4}));
}

TEST(RequestLanes, GiveAFreePlaceToTheCustomerWithTheFewest) {
  request_lanes lanes{{.per_host = 9, .per_customer = 9, .total = 4}};
  for (request_lanes::ticket number = 1; number <= 8; ++number)
    lanes.wait(number, a_at_x, morning + 1s);
  EXPECT_EQ(all_leaving(lanes).size(), 4U);
  lanes.wait(9, b_at_x, morning + 1s);
  EXPECT_EQ(lanes.leave(), std::nullopt);

  lanes.end(a_at_x);

  EXPECT_EQ(all_leaving(lanes), (tickets{9}));
}

TEST(RequestLanes, RefuseWhoWaitsTooOften) {
  request_lanes lanes{{.waiting = 2}};
  EXPECT_TRUE(lanes.wait(1, a_at_x, morning));
  EXPECT_TRUE(lanes.wait(2, a_at_y, morning));

  EXPECT_FALSE(lanes.wait(3, a_at_x, morning));
  EXPECT_TRUE(lanes.wait(4, b_at_x, morning));
}

TEST(RequestLanes, GiveUpThoseWhoseTimeIsOverAndNoOthers) {
  request_lanes lanes{{.per_host = 1}};
  lanes.wait(1, a_at_x, morning + 1s);
  ASSERT_EQ(lanes.leave(), 1U);
  lanes.wait(2, a_at_x, morning + 2s);
  lanes.wait(3, a_at_x, morning + 3s);
  EXPECT_EQ(lanes.next_deadline(), morning + 2s);

  EXPECT_EQ(lanes.give_up(morning + 2s), (tickets{2}));
  EXPECT_EQ(lanes.next_deadline(), morning + 3s);
  lanes.end(a_at_x);
  EXPECT_EQ(all_leaving(lanes), (tickets{3}));
  EXPECT_EQ(lanes.next_deadline(), std::nullopt);
}

TEST(RequestLanes, IgnoreTheEndOfWhatNeverLeft) {
  request_lanes lanes{{}};

  lanes.end(a_at_x);

  EXPECT_EQ(lanes.on_their_way(), 0U);
}

} // namespace
} // namespace plenary
