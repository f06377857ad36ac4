#include "node/store/call_row.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const wall_time to_the_nanosecond{std::chrono::sys_days{std::chrono::November / 22 / 2026} + 12h +
                                  123456789ns};

call_record full_record() {
  return {
      .id = {"call_20261122T120000.123456789_node-a"},
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
      .last_sequence = 18446744073709551615U,
      .sip_call_id = "a84b4c76e66710@pc33",
      .caller = {"+15559990001", "id;user", "sip:desk@example.net", "user-busy", {{"X-Desk", "\"7\", 8"}}},
      .ended_by = call_ending::room,
      .error = call_failure{failure_code::conference_unavailable, errc::limit_reached, "full"}};
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

TEST(CallRow, OfAnOlderProgramIsReadWithoutTheLaterMembers) {
  auto row = nlohmann::json::parse(to_row(full_record()));
  for (const auto* later : {"sip_call_id", "caller", "ended_by", "error"})
    row.erase(later);

  auto read = from_row(row.dump());

  auto expected = full_record();
  expected.sip_call_id.clear();
  expected.caller = {};
  expected.ended_by.reset();
  expected.error.reset();
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, expected);
}

TEST(CallRow, OfAnOlderProgramHasTheErrorThatItsCauseSays) {
  auto row = nlohmann::json::parse(to_row(full_record()));
  row["cause"] = {{"q850", 41}, {"name", "redirect_failed"}};
  row["error"] = {{"code", "network"}, {"message", "the server cannot be reached"}};

  auto read = from_row(row.dump());

  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->error,
            (call_failure{failure_code::redirect_failed, errc::network, "the server cannot be reached"}));
}

TEST(CallRow, IsReadByOlderProgramsAsTheyWroteIt) {
  const auto row = nlohmann::json::parse(to_row(full_record()));

  EXPECT_EQ(row["error"]["code"], "limit_reached"); // a code that they know
  EXPECT_EQ(row["error"]["message"], "full");
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
