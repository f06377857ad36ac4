#include "tests/actors/webhook_fixture.hpp"
#include "tests/support/ports.hpp"
#include "tests/support/signature.hpp"

#include <map>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::no_answer;
using test::webhook_receiver;

class WebhookPool : public test::webhook_fixture {};

const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

TEST_F(WebhookPool, DeliversASignedEventAndForgetsIt) {
  webhook_receiver receiver;
  start_pool({{{"app"}, receiver.url(), secret}});

  commit_call("app", "call_a");

  ASSERT_TRUE(receiver.wait_for(1));
  auto request = receiver.requests().at(0);
  EXPECT_EQ(test::signature_fault(request, secret), "");
  EXPECT_EQ(request.header("webhook-id"), "evt_a_1");
  EXPECT_EQ(nlohmann::json::parse(request.body)["id"], "evt_a_1");
  EXPECT_TRUE(outbox_empties());
  EXPECT_EQ(figures_[counter::webhook_deliveries_acknowledged], 1U);
  EXPECT_EQ(figures_[histogram::webhook_duration], 1U);
}

TEST_F(WebhookPool, RepeatsAnEventUnderTheSameIdUntilItIsAccepted) {
  webhook_receiver receiver{[](int number) { return answer(number == 1 ? 500 : 200); }};
  start_pool({{{"app"}, receiver.url(), ""}});
  commit_call("app", "call_a");
  ASSERT_TRUE(receiver.wait_for(1));
  while (figures_[counter::webhook_deliveries_failed] == 0)
    std::this_thread::yield();

  advance_clock(7s);

  ASSERT_TRUE(receiver.wait_for(2));
  EXPECT_TRUE(outbox_empties());
  auto requests = receiver.requests();
  EXPECT_EQ(requests[0].header("webhook-id"), "");
  EXPECT_EQ(requests[0].body, requests[1].body);
  EXPECT_EQ(figures_[counter::webhook_deliveries_failed], 1U);
}

TEST_F(WebhookPool, KeepsTheOrderOfEachCall) {
  webhook_receiver receiver;
  start_pool({{{"app"}, receiver.url(), ""}});

  for (int i = 0; i < 10; ++i)
    commit_call("app", "call_" + std::to_string(i), 5);

  ASSERT_TRUE(receiver.wait_for(50));
  std::map<std::string, int> latest;
  for (const auto& request : receiver.requests()) {
    auto event = nlohmann::json::parse(request.body);
    EXPECT_EQ(event["sequence"], ++latest[event["call"]["id"]]) << request.body;
  }
  EXPECT_TRUE(outbox_empties());
}

TEST_F(WebhookPool, DoesNotLetADeadEndpointDelayAnother) {
  webhook_receiver dead{[](int) { return no_answer(); }};
  webhook_receiver alive;
  start_pool({{{"dead"}, dead.url(), ""}, {{"alive"}, alive.url(), ""}});
  for (int i = 0; i < 30; ++i)
    commit_call("dead", "call_dead" + std::to_string(i));
  ASSERT_TRUE(dead.wait_for(8));

  for (int i = 0; i < 30; ++i)
    commit_call("alive", "call_alive" + std::to_string(i));

  EXPECT_TRUE(alive.wait_for(30));
  EXPECT_EQ(figures_[counter::webhook_deliveries_failed], 0U) << "the dead endpoint's requests still wait";
  EXPECT_EQ(dead.requests().size(), 8U);
}

TEST_F(WebhookPool, DeliversWhatAnEarlierProcessLeft) {
  commit_call("app", "call_a", 2);
  webhook_receiver hanging{[](int) { return no_answer(); }};
  start_pool({{{"app"}, hanging.url(), ""}});
  ASSERT_TRUE(hanging.wait_for(1));
  end_actors(); // an event is leased and on its way
  store_.reset();

  webhook_receiver receiver;
  open_store();
  start_pool({{{"app"}, receiver.url(), ""}});

  ASSERT_TRUE(receiver.wait_for(2));
  EXPECT_EQ(nlohmann::json::parse(receiver.requests()[0].body)["id"], "evt_a_1");
  EXPECT_TRUE(outbox_empties());
}

TEST_F(WebhookPool, WaitsForWhatIsOnItsWayWhenItStops) {
  webhook_receiver receiver{[](int) {
    auto late = answer(200);
    late.delay = 100ms;
    return late;
  }};
  start_pool({{{"app"}, receiver.url(), ""}});
  commit_call("app", "call_a", 3);
  ASSERT_TRUE(receiver.wait_for(1));

  auto cut_off = stop_pool();

  EXPECT_EQ(cut_off, 0U);
  auto acknowledged = figures_[counter::webhook_deliveries_acknowledged];
  EXPECT_EQ(receiver.requests().size(), acknowledged);
  EXPECT_EQ(depth().pending, 3U - acknowledged);
}

TEST_F(WebhookPool, CutsDeliveriesOffAtTheDeadlineOfAStop) {
  webhook_receiver receiver{[](int) { return no_answer(); }};
  start_pool({{{"app"}, receiver.url(), ""}});
  commit_call("app", "call_a");
  ASSERT_TRUE(receiver.wait_for(1));

  auto cut_off = stop_pool(1ms);

  EXPECT_EQ(cut_off, 1U);
  EXPECT_EQ(depth().pending, 1U);
}

TEST_F(WebhookPool, MakesDeadLettersOfAllEventsAfter410) {
  webhook_receiver receiver{[](int) { return answer(410); }};
  start_pool({{{"app"}, receiver.url(), ""}});

  commit_call("app", "call_a", 3);

  EXPECT_TRUE(depth_becomes([](const outbox_depth& depth) { return depth.dead_letters == 3; }));
  EXPECT_EQ(receiver.requests().size(), 1U);
  EXPECT_EQ(figures_[counter::webhook_dead_letters], 3U);
}

TEST_F(WebhookPool, DoesNotSpendAnAttemptOfEveryEventOnAnEndpointThatIsDown) {
  auto url = "http://127.0.0.1:" + std::to_string(test::unused_tcp_port()) + "/";
  for (int i = 0; i < 100; ++i)
    commit_call("app", "call_" + std::to_string(i));

  start_pool({{{"app"}, url, ""}});
  while (figures_[counter::webhook_deliveries_failed] < 5)
    std::this_thread::yield();
  (void)stop_pool();

  EXPECT_LT(figures_[counter::webhook_deliveries_failed], 30U);
  EXPECT_EQ(depth().pending, 100U);
}

TEST_F(WebhookPool, TriesAgainInTimeThoughTheClockIsSetBack) {
  webhook_receiver receiver{[](int number) { return answer(number == 1 ? 500 : 200); }};
  start_pool({{{"app"}, receiver.url(), ""}});
  commit_call("app", "call_a");
  ASSERT_TRUE(receiver.wait_for(1));
  while (figures_[counter::webhook_deliveries_failed] < 1)
    std::this_thread::yield();

  advance_clock(-3600s);

  EXPECT_TRUE(receiver.wait_for(2)) << "the second attempt is made after 5 s, not after an hour";
  EXPECT_TRUE(outbox_empties());
}

TEST_F(WebhookPool, DeliversAtOnceWhatComesWhileTheClockIsWrong) {
  webhook_receiver receiver;
  start_pool({{{"app"}, receiver.url(), ""}});
  commit_call("app", "call_a");
  ASSERT_TRUE(receiver.wait_for(1));

  advance_clock(3600s);
  commit_call("app", "call_b");
  ASSERT_TRUE(receiver.wait_for(2));
  advance_clock(-7200s);
  commit_call("app", "call_c");

  EXPECT_TRUE(receiver.wait_for(3));
  EXPECT_TRUE(outbox_empties());
}

TEST_F(WebhookPool, SendsNothingWhenTheSecretIsUnusable) {
  webhook_receiver broken;
  webhook_receiver sound;
  start_pool({{{"broken"}, broken.url(), "whsec_???"}, {{"sound"}, sound.url(), ""}});

  commit_call("broken", "call_a");
  commit_call("sound", "call_b");

  ASSERT_TRUE(sound.wait_for(1));
  EXPECT_TRUE(depth_becomes([](const outbox_depth& depth) { return depth.pending == 1; }));
  EXPECT_TRUE(broken.requests().empty());
}

TEST_F(WebhookPool, FollowsTheApplicationsAsTheyAreConfigured) {
  webhook_receiver before;
  webhook_receiver after;
  webhook_receiver added;
  const std::string other_secret = "whsec_bmV3LXNlY3JldC1vZi1hcHAtMDAwMDAwMDE=";
  start_pool({{{"app"}, before.url(), secret}});
  commit_call("app", "call_a");
  ASSERT_TRUE(before.wait_for(1));

  configure({{{"app"}, after.url(), other_secret}, {{"new"}, added.url(), ""}});
  commit_call("app", "call_b");
  commit_call("new", "call_c");

  ASSERT_TRUE(after.wait_for(1));
  EXPECT_EQ(test::signature_fault(after.requests().at(0), other_secret), "");
  EXPECT_TRUE(added.wait_for(1));
  EXPECT_TRUE(outbox_empties());
  EXPECT_EQ(before.requests().size(), 1U);
}

TEST_F(WebhookPool, StillDeliversTheEventsOfAnApplicationThatIsTakenOut) {
  webhook_receiver receiver;
  start_pool({{{"app"}, receiver.url(), secret}});
  commit_call("app", "call_a");
  ASSERT_TRUE(receiver.wait_for(1));

  configure({});
  commit_call("app", "call_b");

  EXPECT_TRUE(receiver.wait_for(2));
  EXPECT_TRUE(outbox_empties());
}

TEST_F(WebhookPool, TriesADisabledEndpointAgainWhenItsUrlChanges) {
  webhook_receiver gone{[](int) { return answer(410); }};
  webhook_receiver moved;
  start_pool({{{"app"}, gone.url(), ""}});
  commit_call("app", "call_a");
  ASSERT_TRUE(gone.wait_for(1));
  while (figures_[counter::webhook_dead_letters] == 0)
    std::this_thread::yield();

  configure({{{"app"}, moved.url(), ""}});
  commit_call("app", "call_b");

  EXPECT_TRUE(moved.wait_for(1));
}

TEST_F(WebhookPool, MeasuresTheOutbox) {
  commit_call("app", "call_a", 2);
  advance_clock(100s);

  start_pool({});
  while (figures_[gauge::outbox_oldest_age_seconds] < 100)
    std::this_thread::yield();

  EXPECT_EQ(figures_[gauge::outbox_pending], 2);
  EXPECT_LT(figures_[gauge::outbox_oldest_age_seconds], 200);
}

} // namespace
} // namespace plenary
