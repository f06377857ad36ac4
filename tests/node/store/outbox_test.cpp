#include "tests/node/store/store_fixture.hpp"

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::noon;
using test::wait_for;
using kind = delivery_outcome::kind;
using ids = std::vector<std::string>;

class Outbox : public test::any_store {};

INSTANTIATE_TEST_SUITE_P(Stores, Outbox,
                         ::testing::Values(test::store_kind::sqlite, test::store_kind::postgres),
                         test::kind_name);

TEST_P(Outbox, GivesOnlyTheOldestPendingEventOfEachCall) {
  (void)commit({{}, {event("a", 1), event("a", 2), event("b", 1)}});

  auto first = claim_ids();
  auto second = claim_ids();

  EXPECT_EQ(first, (ids{"a-1", "b-1"}));
  EXPECT_EQ(second, ids{});
}

TEST_P(Outbox, GivesTheNextEventWhenTheOneBeforeIsAcknowledged) {
  (void)commit({{}, {event("a", 1), event("a", 2)}});
  (void)claim();

  (void)settle({{"a-1", kind::acknowledged, {}, ""}});

  EXPECT_EQ(claim_ids(), ids{"a-2"});
  EXPECT_EQ(depth().pending, 1U);
}

TEST_P(Outbox, HoldsBackLaterEventsWhileTheOldestWaitsForItsRetry) {
  (void)commit({{}, {event("a", 1), event("a", 2)}});
  (void)claim();

  (void)settle({{"a-1", kind::retry, noon + 5s, "HTTP 500"}});

  EXPECT_EQ(claim_ids(noon + 4s), ids{});
  auto due = claim(noon + 5s);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].event, event("a", 1));
  EXPECT_EQ(due[0].attempts, 1);
}

TEST_P(Outbox, CountsNoAttemptForAPostponedEvent) {
  (void)commit({{}, {event("a", 1)}});
  (void)claim();

  (void)settle({{"a-1", kind::postponed, noon + 1s, ""}});

  EXPECT_EQ(claim_ids(noon), ids{});
  EXPECT_EQ(claim(noon + 1s).at(0).attempts, 0);
}

TEST_P(Outbox, GivesALeasedEventAgainWhenTheLeaseEnds) {
  (void)commit({{}, {event("a", 1)}});
  (void)claim();

  EXPECT_EQ(claim_ids(noon + 59s), ids{});
  EXPECT_EQ(claim_ids(noon + 60s), ids{"a-1"});
}

TEST_P(Outbox, GivesALeasedEventAtOnceAfterARestart) {
  (void)commit({{}, {event("a", 1), event("a", 2)}});
  (void)claim();

  reopen();

  EXPECT_EQ(claim_ids(), ids{"a-1"});
}

TEST_P(Outbox, KeepsARetryTimeOverARestart) {
  (void)commit({{}, {event("a", 1)}});
  (void)claim();
  (void)settle({{"a-1", kind::retry, noon + 5s, "HTTP 500"}});

  reopen();

  EXPECT_EQ(claim_ids(noon + 4s), ids{});
  EXPECT_EQ(claim_ids(noon + 5s), ids{"a-1"});
}

TEST_P(Outbox, GivesEachApplicationItsOwnShare) {
  (void)commit({{}, {event("a", 1), event("b", 1), event("c", 1, "other")}});

  auto claimed = wait_for<std::vector<due_event>>([&](auto done) {
    store_->claim({{application_id{"app"}, 1}, {application_id{"other"}, 5}, {application_id{"none"}, 5}},
                  noon, 60s, done);
  });

  ASSERT_EQ(claimed->size(), 2U);
  EXPECT_EQ((*claimed)[0].event.application.value, "app");
  EXPECT_EQ((*claimed)[1].event.application.value, "other");
}

TEST_P(Outbox, AddsAnEventOfTheSameIdOnlyOnce) {
  (void)commit({{}, {event("a", 1)}});
  (void)commit({{}, {event("a", 1)}});

  EXPECT_EQ(depth().pending, 1U);
}

TEST_P(Outbox, KeepsDeadLettersApartAndGoesOnWithTheCall) {
  (void)commit({{}, {event("a", 1), event("a", 2)}});
  (void)claim();

  (void)settle({{"a-1", kind::dead_letter, {}, "HTTP 500"}});

  auto letters = dead_letters();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].event, event("a", 1));
  EXPECT_EQ(letters[0].attempts, 1);
  EXPECT_EQ(letters[0].reason, "HTTP 500");
  EXPECT_TRUE(dead_letters("other").empty());
  EXPECT_EQ(claim_ids(), ids{"a-2"});
  EXPECT_EQ(depth().dead_letters, 1U);
}

TEST_P(Outbox, ReplaysADeadLetterWithFreshAttempts) {
  (void)commit({{}, {event("a", 1)}});
  (void)claim();
  (void)settle({{"a-1", kind::dead_letter, {}, "HTTP 500"}});

  auto replayed = replay("a-1");

  EXPECT_TRUE(replayed.has_value());
  EXPECT_TRUE(dead_letters().empty());
  auto due = claim();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].event, event("a", 1));
  EXPECT_EQ(due[0].attempts, 0);
}

TEST_P(Outbox, LetsAReplayedEventWaitForTheOneOnItsWay) {
  (void)commit({{}, {event("a", 1), event("a", 2), event("a", 3)}});
  (void)claim();
  (void)settle({{"a-1", kind::dead_letter, {}, "HTTP 500"}});
  (void)claim(); // a-2 is on its way

  (void)replay("a-1");

  EXPECT_EQ(claim_ids(), ids{});
  (void)settle({{"a-2", kind::acknowledged, {}, ""}});
  EXPECT_EQ(claim_ids(), ids{"a-1"});
}

TEST_P(Outbox, RefusesToReplayWhatIsNoDeadLetter) {
  (void)commit({{}, {event("a", 1)}});

  EXPECT_EQ(replay("a-1").error().code, errc::not_found);
  EXPECT_EQ(replay("nothing").error().code, errc::not_found);
}

TEST_P(Outbox, IgnoresASecondOutcomeOfTheSameEvent) {
  (void)commit({{}, {event("a", 1), event("a", 2)}});
  (void)claim();
  (void)settle({{"a-1", kind::acknowledged, {}, ""}});
  (void)claim();

  (void)settle({{"a-1", kind::acknowledged, {}, ""}, {"a-1", kind::dead_letter, {}, ""}});

  EXPECT_EQ(claim_ids(), ids{});
  EXPECT_TRUE(dead_letters().empty());
}

TEST_P(Outbox, KeepsTheOrderOfEventsThatBelongToNoCall) {
  auto first = event("a", 1);
  first.call = {};
  first.stream = "room~cust~daily~7~app";
  auto second = first;
  second.id = "a-2";
  second.sequence = 2;
  (void)commit({{}, {first, second}});

  auto claimed = claim();

  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].event, first);
  EXPECT_EQ(claim_ids(), ids{});
  (void)settle({{"a-1", kind::dead_letter, {}, "HTTP 500"}});
  EXPECT_EQ(claim_ids(), ids{"a-2"});
  EXPECT_EQ(dead_letters().at(0).event, first);
}

TEST_P(Outbox, TellsItsDepthAndAge) {
  auto old = event("a", 1);
  old.created_at = noon - 1h;
  (void)commit({{}, {old, event("b", 1)}});

  auto figures = depth();

  EXPECT_EQ(figures.pending, 2U);
  EXPECT_EQ(figures.oldest, noon - 1h);
}

} // namespace
} // namespace plenary
