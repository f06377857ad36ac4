#include "node/store/call_row.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const wall_time to_the_nanosecond{std::chrono::sys_days{std::chrono::November / 22 / 2026} + 12h +
                                  123456789ns};

call_record full_record() {
  return {.id = {"call_20261122T120000.123456789_node-a"},
          .customer = {"cust"},
          .application = {"app"},
          .provider_call_id = "7c9e6679-7425-40de-944b-e07fc1f90ae7",
          .status = call_status::failed,
          .direction = call_direction::outbound,
          .from = "sip:\"quoted\"@example.net",
          .to = "+15551230002",
          .node = {"node-a"},
          .room = room_key{{"cust"}, "daily_support_room"},
          .created_at = to_the_nanosecond,
          .answered_at = to_the_nanosecond + 1ns,
          .ended_at = to_the_nanosecond + 1h,
          .cause = hangup_cause{41, "node_restart"},
          .variables = {{"name", "r\xC3\xA9union"}, {"empty", ""}, {"quote", "\"\\\n"}},
          .last_sequence = 18446744073709551615U};
}

TEST(CallRow, RoundTripsEveryField) {
  auto read = from_row(to_row(full_record()));

  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, full_record());
}

TEST(CallRow, RoundTripsARecordWithoutOptionalFields) {
  auto read = from_row(to_row(call_record{}));

  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, call_record{});
}

TEST(CallRow, RefusesDamagedText) {
  auto unknown_status = to_row(full_record());
  unknown_status.replace(unknown_status.find("\"failed\""), 8, "\"folded\"");

  for (const auto& text : {std::string{}, std::string{"{}"}, std::string{"[1"}, unknown_status}) {
    auto read = from_row(text);

    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().code, errc::storage);
  }
}

} // namespace
} // namespace plenary
