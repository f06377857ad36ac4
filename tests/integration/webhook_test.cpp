#include "tests/integration/live_node.hpp"
#include "tests/support/lost_time.hpp"

#include <signal.h>

namespace plenary::test::webhook_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

class Webhooks : public LiveNode {};

TEST_F(Webhooks, AreSignedAndComeInOrderWithStableMembers) {
  start();
  rtp_caller alice(caller(440));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(application.wait_for_event("call.answered"));

  ASSERT_EQ(alice.hang_up(), 200);

  const auto completed = application.wait_for_event("call.completed");
  ASSERT_TRUE(completed);
  EXPECT_THAT(application.events_of(completed->call),
              ElementsAre("call.created", "call.answered", "call.completed"));
  int sequence = 0;
  for (const auto& webhook : application.webhooks()) {
    EXPECT_EQ(webhook.fault, "");
    EXPECT_EQ(webhook.document.value("id", ""), webhook.id);
    EXPECT_EQ(webhook.document.value("sequence", 0), ++sequence);
    EXPECT_EQ(webhook.document.value("/call/from"_json_pointer, ""), "+15550000001");
    EXPECT_EQ(webhook.document.value("/call/to"_json_pointer, ""), test_number);
    EXPECT_EQ(webhook.document.value("/call/direction"_json_pointer, ""), "inbound");
    EXPECT_EQ(webhook.document.value("/data/event_key"_json_pointer, ""), webhook.call + ":" + webhook.event);
  }
  EXPECT_EQ(completed->document.value("/call/status"_json_pointer, ""), "completed");
}

TEST_F(Webhooks, AreRepeatedUnderTheSameIdUntilTheEndpointTakesThem) {
  start();
  application.answer_webhooks_with(500);
  rtp_caller alice(caller(440));
  ASSERT_TRUE(alice.call());
  ASSERT_EQ(alice.hang_up(), 200);
  ASSERT_TRUE(eventually([&] { return !application.webhooks().empty(); }));

  application.answer_webhooks_with(200);

  const auto completed = application.wait_for_event("call.completed", {}, seconds(15));
  ASSERT_TRUE(completed);
  EXPECT_THAT(application.events_of(completed->call),
              ElementsAre("call.created", "call.answered", "call.completed"));
  const auto all = application.webhooks();
  EXPECT_EQ(all.front().event, "call.created");
  EXPECT_EQ(std::ranges::count(all, all.front().id, &received_webhook::id), 2);
}

TEST_F(Webhooks, AreDeliveredWhenADeadEndpointComesBack) {
  start();
  rtp_caller alice(caller(440));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(application.wait_for_event("call.answered"));
  application.go_down();
  ASSERT_EQ(alice.hang_up(), 200);
  ASSERT_TRUE(eventually([&] { return metric("plenary_outbox_pending_events") > 0; }));

  application.come_back();

  EXPECT_TRUE(application.wait_for_event("call.completed", {}, seconds(15)));
}

TEST_F(Webhooks, TellOfANodeRestartAfterAKill) {
  start();
  rtp_caller alice(caller(440));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(application.wait_for_event("call.answered"));

  node->kill_at_once();
  ASSERT_TRUE(node->start()) << node->output();

  const auto failed = application.wait_for_event("call.failed");
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->document.dump().find("node_restart"), std::string::npos) << failed->document;
  EXPECT_THAT(application.events_of(failed->call),
              ElementsAre("call.created", "call.answered", "call.failed"));
}

TEST_F(Webhooks, ThatWerePendingAtAKillAreDelivered) {
  start();
  application.answer_webhooks_with(503);
  rtp_caller alice(caller(440));
  ASSERT_TRUE(alice.call());
  ASSERT_EQ(alice.hang_up(), 200);
  ASSERT_TRUE(eventually([&] { return !application.webhooks().empty(); }));
  ASSERT_TRUE(eventually([&] { return metric("plenary_outbox_pending_events") >= 3; }));

  node->kill_at_once();
  application.answer_webhooks_with(200);
  ASSERT_TRUE(node->start()) << node->output();

  const auto completed = application.wait_for_event("call.completed", {}, seconds(40));
  ASSERT_TRUE(completed);
  EXPECT_THAT(application.events_of(completed->call),
              ElementsAre("call.created", "call.answered", "call.completed"));
}

class Termination : public LiveNode {};

TEST_F(Termination, SendsByeExitsWithin5SecondsAndLosesNoEvent) {
  start();
  rtp_caller alice(caller(440));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(application.wait_for_event("call.answered"));

  const lost_time machine;
  const auto told = std::chrono::steady_clock::now();
  node->process().signal(SIGTERM);
  const auto status = node->process().wait_for_exit(seconds(30));
  const auto took = std::chrono::steady_clock::now() - told;

  EXPECT_EQ(status, 0);
  EXPECT_LT(took, seconds(5) + machine.so_far());
  EXPECT_TRUE(alice.wait_for_bye());
  ASSERT_TRUE(node->start()) << node->output();
  EXPECT_TRUE(application.wait_for_event("call.completed"));
}

TEST_F(Termination, RefusesNewCallsWith503AndRetryAfterWhileItDrains) {
  start();
  auto options = caller(440);
  options.ignores_bye = true;
  rtp_caller alice(options);
  ASSERT_TRUE(alice.call());
  node->process().signal(SIGTERM);
  ASSERT_TRUE(alice.wait_for_bye());

  rtp_caller late(caller(700));
  late.invite();

  const auto answer = late.wait_for_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 503);
  EXPECT_FALSE(answer->header("retry-after").empty());
  EXPECT_EQ(node->process().wait_for_exit(seconds(30)), 0);
}

} // namespace

} // namespace plenary::test::webhook_test
