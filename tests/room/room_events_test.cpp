#include "actors/room/room_events.hpp"
#include "actors/webhook/subscription.hpp"
#include "tests/support/fake_customers.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const wall_time noon{std::chrono::sys_days{std::chrono::November / 22 / 2026} + 12h};

application subscriber(const std::string& id, std::vector<std::string> events) {
  application made;
  made.id = {id};
  made.customer = {"cust"};
  made.webhook_url = "http://127.0.0.1:9000/webhooks";
  made.events = std::move(events);
  return made;
}

room_event recovered(std::uint64_t sequence = 1) {
  return {{{"cust"}, "daily"}, {"node-b"}, 7, "room.recovered", sequence, {{"gap_ms", 1200}}};
}

std::vector<std::string> hearers(const commit_batch& batch) {
  std::vector<std::string> ids;
  for (const auto& event : batch.events)
    ids.push_back(event.application.value);
  return ids;
}

TEST(RoomEvents, GoOnlyToSubscribersOfTheSameCustomerThatHaveWebhooks) {
  auto foreign = subscriber("foreign", {"room.*"});
  foreign.customer = {"other"};
  auto deaf = subscriber("deaf", {"room.*"});
  deaf.webhook_url.clear();
  std::vector<application> applications{subscriber("exact", {"room.recovered"}),
                                        subscriber("star", {"participant.*", "room.*"}),
                                        subscriber("other-event", {"room.ended"}),
                                        subscriber("participants", {"participant.*"}),
                                        subscriber("none", {}),
                                        foreign,
                                        deaf};

  auto batch = room_events_for(test::applications_by_id(applications), recovered(), noon);

  EXPECT_EQ(hearers(batch), (std::vector<std::string>{"exact", "star"}));
  EXPECT_TRUE(batch.calls.empty());
}

TEST(RoomEvents, AreInOrderPerRoomEpochAndApplication) {
  std::vector<application> applications{subscriber("a", {"room.*"}), subscriber("b", {"room.*"})};
  auto later_epoch = recovered();
  later_epoch.epoch = 8;

  auto first = room_events_for(test::applications_by_id(applications), recovered(1), noon).events;
  auto second = room_events_for(test::applications_by_id(applications), recovered(2), noon).events;
  auto next = room_events_for(test::applications_by_id(applications), later_epoch, noon).events;

  EXPECT_EQ(ordering_key(first[0]), ordering_key(second[0]));
  EXPECT_NE(ordering_key(first[0]), ordering_key(first[1]));
  EXPECT_NE(ordering_key(first[0]), ordering_key(next[0]));
  EXPECT_NE(first[0].id, second[0].id);
  EXPECT_NE(first[0].id, first[1].id);
  EXPECT_TRUE(first[0].call.value.empty());
}

TEST(RoomEvents, HaveTheEnvelopeOfCallEventsWithTheRoomInData) {
  auto event = make_room_event(recovered(3), {"app"}, noon);

  auto expected = nlohmann::json::parse(R"({
    "id": "evt_room~cust~daily~7~app~3",
    "event": "room.recovered",
    "created_at": "2026-11-22T12:00:00.000Z",
    "sequence": 3,
    "call": null,
    "variables": {},
    "data": {
      "gap_ms": 1200,
      "room": {"name": "daily", "customer_id": "cust", "node": "node-b", "epoch": 7},
      "event_key": "cust/daily:7:3:room.recovered"
    }
  })");
  EXPECT_EQ(nlohmann::json::parse(event.body), expected);
  EXPECT_EQ(event.sequence, 3U);
  EXPECT_EQ(event.name, "room.recovered");
}

TEST(RoomEvents, SubscriptionsAreNamesAndStarsOfBothKinds) {
  for (auto name : room_event_names())
    EXPECT_TRUE(is_subscription(name)) << name;
  EXPECT_TRUE(is_subscription("room.*"));
  EXPECT_TRUE(is_subscription("participant.*"));
  for (const auto* wrong : {"", "*", "room", "room.", "call.answered", "room.start*", "participant.muted"})
    EXPECT_FALSE(is_subscription(wrong)) << wrong;
}

} // namespace
} // namespace plenary
