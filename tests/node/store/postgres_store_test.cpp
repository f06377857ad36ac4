#include "node/store/postgres.hpp"
#include "node/store/sqlite.hpp"
#include "tests/node/store/store_fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::noon;
using test::wait_for;
using kind = delivery_outcome::kind;
using ids = std::vector<std::string>;

class PostgresStore : public test::store_fixture {
protected:
  PostgresStore()
      : store_fixture(test::store_kind::postgres) {}

  /// Ends the server and waits until the store knows.
  void lose_database() {
    test::shared_server().kill();
    ASSERT_TRUE(eventually([&] {
      (void)depth();
      return figures_[gauge::store_connected] == 0;
    }));
  }

  void restore_database() { test::shared_server().start(); }

  bool everything_arrived() {
    return eventually(
        [&] { return figures_[gauge::store_connected] == 1 && figures_[gauge::events_in_spool] == 0; });
  }

  static store_settings of_node(const std::string& name, std::uint64_t incarnation = 1) {
    auto settings = patient();
    settings.node = {name};
    settings.incarnation = incarnation;
    settings.silence = 1500ms;
    return settings;
  }

  std::unique_ptr<event_store> open_node(const std::string& name, std::uint64_t incarnation = 1) {
    return open((directory_.path() / (name + ".spool")).string(), of_node(name, incarnation));
  }

  static std::vector<due_event> claim_from(event_store& store, wall_time now = noon) {
    return wait_for<std::vector<due_event>>([&](auto done) {
             store.claim({{application_id{"app"}, 100}}, now, 60s, done);
           })
        .value();
  }

  static ids claim_ids_from(event_store& store, wall_time now = noon) {
    ids claimed;
    for (const auto& due : claim_from(store, now))
      claimed.push_back(due.event.id);
    return claimed;
  }

  static result<void> commit_to(event_store& store, commit_batch batch) {
    return wait_for<void>([&](auto done) { store.commit(std::move(batch), done); });
  }

  /// Claims and acknowledges until nothing is left; the ids in the order in which they came.
  ids deliver_all() {
    ids delivered;
    for (auto claimed = claim_ids(); !claimed.empty(); claimed = claim_ids())
      for (const auto& id : claimed) {
        delivered.push_back(id);
        (void)settle({{id, kind::acknowledged, {}, ""}});
      }
    return delivered;
  }

  static commit_batch failed(const call_record& before) {
    auto record = before;
    record.status = call_status::failed;
    record.ended_at = noon;
    ++record.last_sequence;
    return {{record}, {event(record.id.value, record.last_sequence)}};
  }
};

TEST_F(PostgresStore, LeasesAnEventToOneNodeOnly) {
  auto other = open_node("node-b");
  (void)commit({{}, {event("a", 1), event("a", 2), event("b", 1)}});

  auto here = claim(noon, 1);
  auto there = claim_ids_from(*other);

  ASSERT_EQ(here.size(), 1U);
  EXPECT_EQ(here[0].event.id, "a-1");
  EXPECT_EQ(there, ids{"b-1"});
}

TEST_F(PostgresStore, KeepsTheOrderOfACallAcrossNodes) {
  auto other = open_node("node-b");
  (void)commit({{}, {event("a", 1), event("a", 2)}});
  ASSERT_EQ(claim_ids_from(*other), ids{"a-1"});

  auto meanwhile = claim_ids();
  (void)wait_for<void>([&](auto done) { other->settle({{"a-1", kind::acknowledged, {}, ""}}, done); });

  EXPECT_EQ(meanwhile, ids{});
  EXPECT_EQ(claim_ids(), ids{"a-2"});
}

TEST_F(PostgresStore, NeverLeasesTwiceWhileManyNodesClaimAndSettleAtOnce) {
  constexpr int calls = 40;
  constexpr int events_of_a_call = 5;
  for (int i = 0; i < calls; ++i)
    for (int k = 1; k <= events_of_a_call; ++k)
      store_->commit({{}, {event("call" + std::to_string(i), static_cast<std::uint64_t>(k))}},
                     [](const auto&) {});
  std::vector<std::unique_ptr<event_store>> nodes;
  for (const auto* name : {"node-b", "node-c", "node-d"})
    nodes.push_back(open_node(name));
  ASSERT_TRUE(store_->flush(std::chrono::steady_clock::now() + 20s));
  std::mutex mutex;
  std::map<std::string, std::vector<std::uint64_t>> delivered;

  std::vector<std::thread> threads;
  for (auto& node : nodes)
    threads.emplace_back([&] {
      for (int idle = 0; idle < 20;) {
        auto claimed = claim_from(*node);
        idle = claimed.empty() ? idle + 1 : 0;
        std::vector<delivery_outcome> outcomes;
        for (const auto& due : claimed) {
          std::lock_guard lock{mutex};
          delivered[due.event.call.value].push_back(due.event.sequence);
          outcomes.push_back({due.event.id, kind::acknowledged, {}, ""});
        }
        (void)wait_for<void>([&](auto done) { node->settle(outcomes, done); });
      }
    });
  for (auto& thread : threads)
    thread.join();

  EXPECT_EQ(delivered.size(), static_cast<std::size_t>(calls));
  for (const auto& [call, sequences] : delivered)
    EXPECT_EQ(sequences, (std::vector<std::uint64_t>{1, 2, 3, 4, 5})) << call;
  EXPECT_EQ(depth().pending, 0U);
}

TEST_F(PostgresStore, TakesOverTheLeasesOfADeadProcess) {
  (void)commit({{}, {event("a", 1)}});
  store_.reset();
  auto child = ::fork();
  if (child == 0) {
    auto dying = open_node("node-b");
    ::_exit(claim_ids_from(*dying) == ids{"a-1"} ? (::kill(::getpid(), SIGKILL), 0) : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));

  auto survivor = open_node("node-c");

  EXPECT_EQ(claim_ids_from(*survivor), ids{});
  EXPECT_TRUE(eventually([&] { return claim_ids_from(*survivor) == ids{"a-1"}; }));
}

TEST_F(PostgresStore, LeavesALivingNodeItsLeasesHoweverSlowItsEndpoint) {
  auto slow = open_node("node-b");
  auto other = open_node("node-c");
  (void)commit({{}, {event("a", 1)}});
  ASSERT_EQ(claim_ids_from(*slow), ids{"a-1"});

  auto until = std::chrono::steady_clock::now() + 4s; // more than the silence that ends leases
  ids stolen;
  while (stolen.empty() && std::chrono::steady_clock::now() < until)
    stolen = claim_ids_from(*other);

  EXPECT_EQ(stolen, ids{});
}

TEST_F(PostgresStore, IgnoresTheOutcomeOfALeaseThatAnotherNodeHas) {
  auto other = open_node("node-b");
  (void)commit({{}, {event("a", 1)}});
  (void)claim();
  ASSERT_EQ(claim_ids_from(*other, noon + 60s), ids{"a-1"});

  (void)settle({{"a-1", kind::retry, noon + 5s, "HTTP 500"}});

  EXPECT_EQ(claim_ids_from(*other, noon + 100s), ids{});
}

TEST_F(PostgresStore, StoresOnDiskWhileTheDatabaseIsDownAndForwardsOnceInOrder) {
  (void)commit({{call("before")}, {event("before", 1)}});
  ASSERT_EQ(claim_ids(), ids{"before-1"});
  lose_database();

  for (std::uint64_t i = 1; i <= 3; ++i)
    ASSERT_TRUE(commit({{call("a")}, {event("a", i)}}).has_value());
  ASSERT_TRUE(settle({{"before-1", kind::acknowledged, {}, ""}}).has_value());
  EXPECT_EQ(claim_ids(), ids{});
  EXPECT_EQ(find_call("a").value()->id.value, "a");
  EXPECT_EQ(find_call("before").error().code, errc::unavailable);
  EXPECT_EQ(figures_[counter::events_spooled], 3U);
  restore_database();
  ASSERT_TRUE(everything_arrived());

  EXPECT_EQ(deliver_all(), (ids{"a-1", "a-2", "a-3"}));
  EXPECT_TRUE(find_call("before").value().has_value());
}

TEST_F(PostgresStore, LosesNothingThatIsInTheSpoolWhenTheProcessIsKilled) {
  store_.reset();
  test::shared_server().kill();
  auto child = ::fork();
  if (child == 0) {
    auto dying = open_node("node-b");
    bool stored = commit_to(*dying, {{call("a")}, {event("a", 1)}}).has_value() &&
                  commit_to(*dying, {{call("a", call_status::completed)}, {event("a", 2)}}).has_value();
    ::_exit(stored ? (::kill(::getpid(), SIGKILL), 0) : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));

  store_ = open_node("node-b", 2);
  EXPECT_EQ(find_call("a").value()->status, call_status::completed);
  restore_database();
  ASSERT_TRUE(everything_arrived());

  EXPECT_EQ(deliver_all(), (ids{"a-1", "a-2"}));
  EXPECT_EQ(find_call("a").value()->status, call_status::completed);
}

TEST_F(PostgresStore, StoresEveryCommitOnceWhileTheServerComesAndGoes) {
  constexpr int rounds = 3;
  std::atomic<int> stored = 0;
  int asked = 0;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 150; ++i, ++asked)
      store_->commit({{}, {event("call" + std::to_string(asked % 7), static_cast<std::uint64_t>(asked))}},
                     [&](const auto& outcome) { stored += outcome ? 1 : 0; });
    test::shared_server().kill();
    for (int i = 0; i < 50; ++i, ++asked)
      store_->commit({{}, {event("call" + std::to_string(asked % 7), static_cast<std::uint64_t>(asked))}},
                     [&](const auto& outcome) { stored += outcome ? 1 : 0; });
    restore_database();
  }

  ASSERT_TRUE(store_->flush(std::chrono::steady_clock::now() + 30s));
  ASSERT_TRUE(everything_arrived());
  EXPECT_EQ(stored, asked);
  std::map<std::string, int> latest;
  for (const auto& id : deliver_all()) {
    auto dash = id.find('-');
    auto sequence = std::stoi(id.substr(dash + 1));
    auto [place, first] = latest.try_emplace(id.substr(0, dash), sequence);
    EXPECT_TRUE(first || place->second < sequence) << id;
    place->second = sequence;
    --asked;
  }
  EXPECT_EQ(asked, 0);
}

TEST_F(PostgresStore, DoesNotWaitForADatabaseThatHangs) {
  auto settings = patient();
  settings.answer_patience = 300ms;
  reopen(settings);
  (void)commit({{}, {event("a", 1)}});
  const auto spooled_before = figures_[counter::events_spooled]; // by a machine that was slow
  postgres_connection other{url_, std::chrono::steady_clock::now() + 20s, [] { return false; }};
  other.execute("BEGIN; LOCK TABLE plenary.outbox IN ACCESS EXCLUSIVE MODE");

  auto stored = commit({{}, {event("a", 2)}});
  auto spooled = figures_[counter::events_spooled];
  other.execute("ROLLBACK");

  EXPECT_TRUE(stored.has_value());
  EXPECT_EQ(spooled, spooled_before + 1);
  ASSERT_TRUE(everything_arrived());
  EXPECT_EQ(deliver_all(), (ids{"a-1", "a-2"}));
}

TEST_F(PostgresStore, EndsTheCallsOfALostNodeOnceHoweverManySurvivorsDoSo) {
  store_.reset();
  auto lost = open_node("node-b");
  auto record = call("a");
  record.node = {"node-b"};
  record.last_sequence = 2;
  ASSERT_TRUE(commit_to(*lost, {{record}, {}}).has_value());
  lost.reset();
  auto first = open_node("node-c");
  auto second = open_node("node-d");
  std::promise<result<std::vector<call_id>>> answers[2];

  first->end_calls({{"node-b"}, 1, wall_time::max()}, failed,
                   [&](auto ended) { answers[0].set_value(ended); });
  second->end_calls({{"node-b"}, 1, wall_time::max()}, failed,
                    [&](auto ended) { answers[1].set_value(ended); });
  auto here = answers[0].get_future().get();
  auto there = answers[1].get_future().get();

  ASSERT_TRUE(here.has_value() && there.has_value());
  EXPECT_EQ(here->size() + there->size(), 1U);
  EXPECT_EQ(claim_ids_from(*first), ids{"a-3"});
}

TEST_F(PostgresStore, DoesNotEndTheCallsOfANodeThatGoesOnWriting) {
  auto cut_off = open_node("node-b");
  auto record = call("a");
  record.node = {"node-b"};
  ASSERT_TRUE(commit_to(*cut_off, {{record}, {}}).has_value());
  auto survivor = open_node("node-c");
  std::atomic<bool> answered = false;
  survivor->end_calls({{"node-b"}, 1, wall_time::max()}, failed, [&](const auto&) { answered = true; });

  auto until = std::chrono::steady_clock::now() + 4s; // more than the silence of a lost node
  while (std::chrono::steady_clock::now() < until)
    ASSERT_EQ(find_call("a").value()->status, call_status::in_progress);

  EXPECT_FALSE(answered);
  cut_off.reset();
  EXPECT_TRUE(eventually([&] { return answered.load(); }));
  EXPECT_EQ(find_call("a").value()->status, call_status::failed);
}

TEST_F(PostgresStore, LeavesTheCallsOfANodeThatWasStartedAnewToIt) {
  auto back = open_node("node-b", 2);
  auto record = call("a");
  record.node = {"node-b"};
  ASSERT_TRUE(commit_to(*back, {{record}, {}}).has_value());
  auto survivor = open_node("node-c");

  auto ended = end_calls(*survivor, {{"node-b"}, 1, wall_time::max()}, failed);

  EXPECT_EQ(ended->size(), 0U);
  EXPECT_EQ(find_call("a").value()->status, call_status::in_progress);
}

TEST_F(PostgresStore, RefusesAServerThatRefusesIt) {
  auto refused = postgres_store::open(test::shared_server().url("no_such_database") + "&password=swordfish",
                                      path() + ".other", figures_, log_);
  auto malformed = postgres_store::open("postgresql://u:sword%zzfish@h/d", path() + ".other", figures_, log_);

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, errc::storage);
  EXPECT_NE(refused.error().message.find("no_such_database"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("swordfish"), std::string::npos);
  ASSERT_FALSE(malformed.has_value());
  EXPECT_EQ(malformed.error().message.find("fish"), std::string::npos);
}

TEST_F(PostgresStore, RefusesTablesThatNeedANewerProgram) {
  store_.reset();
  postgres_connection other{url_, std::chrono::steady_clock::now() + 20s, [] { return false; }};
  other.execute("INSERT INTO plenary.migrations VALUES (999, 999, now())");

  auto opened = postgres_store::open(url_, path(), figures_, log_);

  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().message.find("version 999"), std::string::npos);
}

TEST_F(PostgresStore, FailsOnlyTheWriteThatTheDatabaseRefuses) {
  std::promise<result<void>> outcomes[3];
  auto bad = event("bad", 1);
  bad.stream = std::string(20000, 'x'); // more than an index takes, and not compressible enough
  for (auto& c : bad.stream)
    c = static_cast<char>('!' + std::rand() % 90);
  store_->commit({{}, {event("a", 1)}}, [&](auto outcome) { outcomes[0].set_value(outcome); });
  store_->commit({{}, {bad}}, [&](auto outcome) { outcomes[1].set_value(outcome); });
  store_->commit({{}, {event("b", 1)}}, [&](auto outcome) { outcomes[2].set_value(outcome); });

  EXPECT_TRUE(outcomes[0].get_future().get().has_value());
  EXPECT_EQ(outcomes[1].get_future().get().error().code, errc::storage);
  EXPECT_TRUE(outcomes[2].get_future().get().has_value());
  EXPECT_EQ(claim_ids(), (ids{"a-1", "b-1"}));
}

} // namespace
} // namespace plenary
