#include "actors/webhook/envelope.hpp"
#include "schema/json.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const wall_time told_at{std::chrono::sys_days{std::chrono::May / 29 / 2026} + 12h + 123ms};

call_record answered_call() {
  call_record record;
  record.id = {"call_20260529T120000.123456789_node-a"};
  record.customer = {"cust_demo"};
  record.application = {"app_demo"};
  record.provider_call_id = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
  record.status = call_status::in_progress;
  record.from = "+15551230001";
  record.to = "+15551230002";
  record.variables = {{"language", "en"}};
  record.last_sequence = 1;
  return record;
}

TEST(EventEnvelope, HoldsExactlyTheDocumentedMembers) {
  auto event = make_event(answered_call(), "call.answered", told_at);

  auto expected = nlohmann::json::parse(R"({
    "id": "evt_20260529T120000.123456789_node-a_2",
    "event": "call.answered",
    "created_at": "2026-05-29T12:00:00.123Z",
    "sequence": 2,
    "call": {
      "id": "call_20260529T120000.123456789_node-a", "customer_id": "cust_demo", "application_id": "app_demo",
      "provider_call_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "status": "in_progress",
      "direction": "inbound", "from": "+15551230001", "to": "+15551230002",
      "route_mode": "webhook", "routing_target": "app_demo"
    },
    "variables": {"language": "en"},
    "data": {"event_key": "call_20260529T120000.123456789_node-a:call.answered"}
  })");
  EXPECT_EQ(nlohmann::json::parse(event.body), expected);
}

TEST(EventEnvelope, HoldsWhatTheSignallingSaidOfTheCaller) {
  auto record = answered_call();
  record.sip_call_id = "a84b4c76e66710@pc33";
  record.caller = {"+15559990001", "id", "+15559990002", "user-busy", {{"X-Desk", "7"}}};

  auto event = make_event(record, "call.created", told_at);

  const auto call = nlohmann::json::parse(event.body)["call"];
  EXPECT_EQ(call["sip_call_id"], "a84b4c76e66710@pc33");
  EXPECT_EQ(call["asserted_identity"], "+15559990001");
  EXPECT_EQ(call["privacy"], "id");
  EXPECT_EQ(call["diversion"], nlohmann::json({{"from", "+15559990002"}, {"reason", "user-busy"}}));
  EXPECT_EQ(call["headers"], nlohmann::json({{"X-Desk", "7"}}));
}

TEST(EventEnvelope, FillsTheOutboxEntry) {
  auto record = answered_call();

  auto event = make_event(record, "call.answered", told_at);

  EXPECT_EQ(event.id, event_id(record.id, 2));
  EXPECT_EQ(event.application, record.application);
  EXPECT_EQ(event.call, record.id);
  EXPECT_EQ(event.name, "call.answered");
  EXPECT_EQ(event.sequence, 2U);
  EXPECT_EQ(event.created_at, told_at);
}

TEST(EventEnvelope, IsTheSameTextEachTimeAndKeepsItsData) {
  auto record = answered_call();

  auto first = make_event(record, "call.failed", told_at, {{"error", "conference_unavailable"}});
  auto second = make_event(record, "call.failed", told_at, {{"error", "conference_unavailable"}});

  EXPECT_EQ(first, second);
  EXPECT_EQ(nlohmann::json::parse(first.body)["data"]["error"], "conference_unavailable");
}

TEST(EventEnvelope, WritesEmptyVariablesAsAnObject) {
  auto record = answered_call();
  record.variables.clear();

  auto event = make_event(record, "call.created", told_at);

  EXPECT_EQ(nlohmann::json::parse(event.body)["variables"], nlohmann::json::object());
}

TEST(EventEnvelope, SurvivesNumbersThatAreNotUtf8) {
  auto record = answered_call();
  record.from = "sip:\xFF@example.net";

  auto event = make_event(record, "call.created", told_at);

  EXPECT_TRUE(parse_json(event.body).has_value());
}

TEST(EventId, DiffersByCallAndSequence) {
  EXPECT_NE(event_id(call_id{"call_a"}, 1), event_id(call_id{"call_a"}, 2));
  EXPECT_NE(event_id(call_id{"call_a"}, 1), event_id(call_id{"call_b"}, 1));
  EXPECT_EQ(event_id(call_id{"call_a"}, 1), "evt_a_1");
}

} // namespace
} // namespace plenary
