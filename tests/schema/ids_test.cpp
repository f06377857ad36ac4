#include "schema/call.hpp"
#include "schema/ids.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const wall_time noon{std::chrono::sys_days{std::chrono::May / 29 / 2026} + 12h + 123456789ns};

TEST(CallId, CarriesTheTimeAndTheNode) {
  call_id_source source{node_name{"node-a"}};

  auto id = source.next(noon);

  EXPECT_EQ(id.value, "call_20260529T120000.123456789_node-a");
  EXPECT_EQ(node_of(id), node_name{"node-a"});
}

TEST(CallId, GrowsEvenWhenTheClockStandsStillOrGoesBack) {
  call_id_source source{node_name{"n"}};

  auto first = source.next(noon);
  auto second = source.next(noon);
  auto third = source.next(noon - 1h);

  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
}

TEST(CallId, NamesNoNodeInForeignText) {
  for (const char* text : {"", "call_", "call_20260529T120000.123456789", "call_20260529T120000.123456789_",
                           "call_20260529T120000.123456789_A/B", "room_20260529T120000.123456789_n"})
    EXPECT_EQ(node_of(call_id{text}), std::nullopt) << text;
}

TEST(RoomName, FollowsTheAlphabetAndTheLengthLimit) {
  EXPECT_TRUE(is_room_name("daily_support_room"));
  EXPECT_TRUE(is_room_name(std::string(128, 'a')));
  EXPECT_TRUE(is_room_name("A.b-C_9"));

  EXPECT_FALSE(is_room_name(""));
  EXPECT_FALSE(is_room_name(std::string(129, 'a')));
  EXPECT_FALSE(is_room_name("a b"));
  EXPECT_FALSE(is_room_name("a/b"));
  EXPECT_FALSE(is_room_name("r\xC3\xA9union"));
}

TEST(NodeName, IsADnsLabel) {
  EXPECT_TRUE(is_node_name("node-a"));
  EXPECT_FALSE(is_node_name("-a"));
  EXPECT_FALSE(is_node_name("Node"));
  EXPECT_FALSE(is_node_name(""));
}

TEST(Timestamp, IsRfc3339WithMilliseconds) {
  EXPECT_EQ(to_rfc3339(noon), "2026-05-29T12:00:00.123Z");
}

TEST(CallStatus, NamesRoundTrip) {
  for (auto status : {call_status::queued, call_status::dialing, call_status::ringing,
                      call_status::in_progress, call_status::completed, call_status::busy,
                      call_status::no_answer, call_status::failed, call_status::canceled})
    EXPECT_EQ(parse_call_status(to_string(status)), status);
  EXPECT_EQ(parse_call_status("hung"), std::nullopt);
}

} // namespace
} // namespace plenary
