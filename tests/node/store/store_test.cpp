#include "tests/node/store/store_fixture.hpp"

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::noon;
using test::wait_for;
using ids = std::vector<std::string>;

/// What every store does.
class Store : public test::any_store {
protected:
  /// The record of a lost call and its last event.
  static commit_batch failed(const call_record& before) {
    auto record = before;
    record.status = call_status::failed;
    record.ended_at = noon;
    record.cause = hangup_cause{41, "node_lost"};
    ++record.last_sequence;
    auto last = event(record.id.value, record.last_sequence);
    last.name = "call.failed";
    return {{record}, {last}};
  }

  static call_record call_of(const std::string& id, const std::string& node) {
    auto record = call(id);
    record.node = {node};
    return record;
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, Store,
                         ::testing::Values(test::store_kind::sqlite, test::store_kind::postgres),
                         test::kind_name);

TEST_P(Store, FindsWhatWasCommittedAlsoAfterARestart) {
  auto record = call("a");
  record.variables = {{"k", "v"}};
  ASSERT_TRUE(commit({{record}, {}}).has_value());

  reopen();

  EXPECT_EQ(find_call("a").value(), record);
  EXPECT_EQ(find_call("b").value(), std::nullopt);
}

TEST_P(Store, ReplacesARecordOfTheSameId) {
  (void)commit({{call("a", call_status::ringing)}, {}});
  (void)commit({{call("a", call_status::completed)}, {}});

  EXPECT_EQ(find_call("a").value()->status, call_status::completed);
}

TEST_P(Store, EndsTheCallsThatHaveNotEnded) {
  (void)commit({{call("a", call_status::ringing), call("b", call_status::completed), call("c"),
                 call("d", call_status::canceled)},
                {}});

  auto ended = end_calls(*store_, {}, failed);

  ASSERT_TRUE(ended.has_value()) << ended.error().message;
  EXPECT_EQ(*ended, (std::vector<call_id>{{"a"}, {"c"}}));
  EXPECT_EQ(find_call("b").value()->status, call_status::completed);
  EXPECT_EQ(find_call("d").value()->status, call_status::canceled);
}

TEST_P(Store, CountsCommittedEvents) {
  (void)commit({{call("a")}, {event("a", 1), event("a", 2)}});

  EXPECT_EQ(figures_[counter::events_committed], 2U);
  EXPECT_GT(figures_[histogram::commit_duration], 0U);
}

TEST_P(Store, WritesWhatWaitsBeforeItCloses) {
  for (int i = 0; i < 200; ++i)
    store_->commit({{call("call-" + std::to_string(i))}, {}}, [](const auto&) {});

  reopen();

  EXPECT_TRUE(find_call("call-199").value().has_value());
}

TEST_P(Store, ForgetsCallsAndDeadLettersThatEndedLongAgo) {
  auto old = call("old", call_status::completed);
  old.ended_at = noon;
  auto recent = call("recent", call_status::completed);
  recent.ended_at = noon + 2h;
  (void)commit({{old, recent, call("alive")}, {event("old", 1)}});
  (void)claim();
  (void)settle({{"old-1", delivery_outcome::kind::dead_letter, {}, "HTTP 500"}});

  auto settings = patient();
  settings.keep_finished = 24h;
  settings.now = [] { return noon + 25h; };
  reopen(settings);
  (void)commit({{call("trigger")}, {}});
  ASSERT_TRUE(store_->flush(std::chrono::steady_clock::now() + 20s));

  EXPECT_EQ(find_call("old").value(), std::nullopt);
  EXPECT_TRUE(find_call("recent").value().has_value());
  EXPECT_TRUE(find_call("alive").value().has_value());
  EXPECT_TRUE(dead_letters().empty());
}

TEST_P(Store, EndsTheCallsOfItsOwnNodeWhateverThatIsCalled) {
  auto settings = patient();
  settings.node = {"node-b"};
  reopen(settings);
  (void)commit({{call_of("a", "node-a"), call_of("b", "node-b")}, {}});

  auto ended = end_calls(*store_, {{"node-b"}, 0, wall_time::max()}, failed);

  ASSERT_TRUE(ended.has_value()) << ended.error().message;
  EXPECT_EQ(*ended, std::vector<call_id>{{"b"}});
  EXPECT_EQ(find_call("a").value(), call_of("a", "node-a"));
}

TEST_P(Store, KeepsTheFirstTerminalRecordAndDropsWhatComesLater) {
  (void)commit({{call("a", call_status::failed)}, {event("a", 1)}});

  auto late = commit({{call("a", call_status::completed), call("b")}, {event("a", 2), event("b", 1)}});
  auto resurrecting = commit({{call("a", call_status::in_progress)}, {}});

  EXPECT_TRUE(late.has_value());
  EXPECT_TRUE(resurrecting.has_value());
  EXPECT_EQ(find_call("a").value()->status, call_status::failed);
  EXPECT_EQ(find_call("b").value()->status, call_status::in_progress);
  EXPECT_EQ(claim_ids(), (ids{"a-1", "b-1"}));
  EXPECT_EQ(depth().pending, 2U);
  EXPECT_EQ(figures_[counter::late_commits_dropped], 2U);
}

TEST_P(Store, EndsTheCallsOfItsOwnNodeThatAProcessBeforeHeld) {
  auto young = call_of("young", "node-a");
  young.created_at = noon + 1h;
  (void)commit(
      {{call_of("a", "node-a"), call_of("b", "node-b"), young, call("done", call_status::completed)}, {}});

  auto ended = end_calls(*store_, {{"node-a"}, 0, noon + 1s}, failed);

  ASSERT_TRUE(ended.has_value()) << ended.error().message;
  EXPECT_EQ(*ended, std::vector<call_id>{{"a"}});
  EXPECT_EQ(find_call("a").value()->cause, (hangup_cause{41, "node_lost"}));
  EXPECT_EQ(find_call("b").value()->status, call_status::in_progress);
  EXPECT_EQ(find_call("young").value()->status, call_status::in_progress);
  EXPECT_EQ(claim_ids(), ids{"a-1"});
}

TEST_P(Store, EndsACallOnlyOnce) {
  (void)commit({{call_of("a", "node-a")}, {}});

  auto first = end_calls(*store_, {{"node-a"}, 0, wall_time::max()}, failed);
  auto second = end_calls(*store_, {{"node-a"}, 0, wall_time::max()}, failed);

  EXPECT_EQ(first->size(), 1U);
  EXPECT_EQ(second->size(), 0U);
  EXPECT_EQ(depth().pending, 1U);
}

} // namespace
} // namespace plenary
