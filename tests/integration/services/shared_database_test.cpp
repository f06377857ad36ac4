#include "tests/integration/services/services_cluster.hpp"
#include "tests/support/postgres_server.hpp"

#include <cstdlib>

namespace plenary::test::shared_database_test {

namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

/// A survivor delivers what a dead node has left within this time.
constexpr std::int64_t most_takeover_ms = 15'000;
constexpr const char* whole_call = "1 call.created, 2 call.answered, 3 call.completed";
constexpr const char* lost_call = "1 call.created, 2 call.answered, 3 call.failed";

/// `PLENARY_TEST_OUTAGE_SECONDS` makes it longer (bench/chaos/README.md).
seconds length_of_outage() {
  const char* wanted = std::getenv("PLENARY_TEST_OUTAGE_SECONDS");
  return seconds(wanted == nullptr ? 3 : std::max(1, std::atoi(wanted)));
}

class SharedDatabase : public ServicesCluster {
protected:
  void start_shared() {
    start({{"store", fmt::format("url = \"{}\"", database)}, {"webhook", "timeout_s = 30"}});
  }

  /// Events of calls that nobody has acknowledged.
  int waiting_events() {
    return std::stoi(server.ask(database, "SELECT count(*) FROM plenary.outbox WHERE name LIKE 'call.%'"));
  }

  nlohmann::json status_of(std::size_t asked, const std::string& call) {
    return told(asked, "/v1/calls/" + call, "status");
  }

  /// Calls that end at the victim, one that is still there, and one at another node; none is told.
  void leave_events_behind(std::size_t victim, int ended_calls) {
    application.hold_webhooks();
    bob = std::make_unique<rtp_caller>(caller(victim, 440, number_of(100)));
    carol = std::make_unique<rtp_caller>(caller((victim + 1) % node_count, 700, number_of(101)));
    ASSERT_TRUE(bob->call());
    ASSERT_TRUE(carol->call());
    for (int i = 0; i < ended_calls; ++i)
      ASSERT_EQ(short_call(victim, number_of(i)), 200);
    ASSERT_TRUE(eventually([&] { return waiting_events() == 3 * ended_calls + 4; }));
    application.go_down();
  }

  /// Makes short calls at every node in turn until the outage has lasted long enough; their number.
  int call_for(seconds duration, int first_caller) {
    const auto began = steady_clock::now();
    int calls = 0;
    while (calls < 6 || steady_clock::now() - began < duration) {
      const auto at = static_cast<std::size_t>(calls) % node_count;
      EXPECT_EQ(short_call(at, number_of(first_caller + calls)), 200) << "call " << calls;
      ++calls;
    }
    return calls;
  }

  void TearDown() override {
    bob.reset();
    carol.reset();
    LiveCluster::TearDown();
  }

  std::unique_ptr<rtp_caller> bob;
  std::unique_ptr<rtp_caller> carol;
  postgres_server server;
  const std::string database = server.make_database();
};

TEST_F(SharedDatabase, LetsSurvivorsTellAndDeliverWhatAKilledNodeHasLeft) {
  constexpr int ended_calls = 5;
  constexpr std::size_t victim = 0;
  ASSERT_NO_FATAL_FAILURE(start_shared());
  ASSERT_NO_FATAL_FAILURE(leave_events_behind(victim, ended_calls));

  node(victim).kill_at_once();
  const auto killed = steady_clock::now();
  application.answer_webhooks_with(200);
  application.come_back();

  EXPECT_TRUE(application.wait_for_events("call.completed", ended_calls, seconds(30)));
  const auto delivered_ms = since(killed);
  const auto failed = application.wait_for_event("call.failed", {}, seconds(30));
  const auto told_ms = since(killed);
  fmt::print("kill: {} events taken over within {} ms, the lost call told after {} ms\n", 3 * ended_calls,
             delivered_ms, told_ms);
  EXPECT_LT(delivered_ms, most_takeover_ms);
  EXPECT_LT(told_ms, most_takeover_ms);
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->document.dump().find("node_lost"), std::string::npos) << failed->document;
  auto stories_told = stories();
  for (int i = 0; i < ended_calls; ++i)
    EXPECT_EQ(stories_told[number_of(i)], whole_call) << i;
  const auto ended = call_of(number_of(0));
  for (const std::size_t survivor : {1, 2}) {
    EXPECT_EQ(status_of(survivor, ended), "completed");
    EXPECT_EQ(status_of(survivor, failed->call), "failed");
  }
  ASSERT_TRUE(node(victim).start()) << node(victim).output();
  EXPECT_EQ(status_of(victim, ended), "completed");
  EXPECT_EQ(carol->hang_up(), 200);
  EXPECT_TRUE(application.wait_for_event("call.completed", call_of(number_of(101))));
  EXPECT_TRUE(eventually([&] { return waiting_events() == 0; }));
  stories_told = stories();
  EXPECT_EQ(stories_told[number_of(100)], lost_call);
  EXPECT_EQ(stories_told[number_of(101)], whole_call);
}

TEST_F(SharedDatabase, MayBeAwayWhileCallsAreMadeAndEndAndEveryEventArrivesInOrder) {
  ASSERT_NO_FATAL_FAILURE(start_shared());
  rtp_caller before(caller(0, 440, number_of(9000)));
  ASSERT_TRUE(before.call());
  ASSERT_TRUE(application.wait_for_event("call.answered"));

  server.kill();
  const auto away = steady_clock::now();
  rtp_caller across(caller(1, 700, number_of(9001)));
  ASSERT_TRUE(across.call());
  EXPECT_TRUE(meet(before, 440, across, 700));
  const auto calls = call_for(length_of_outage(), 0);
  EXPECT_EQ(before.hang_up(), 200);
  for (std::size_t index = 0; index < node_count; ++index)
    EXPECT_TRUE(eventually([&] { return metric(index, "plenary_store_spooled_events") >= 6; })) << index;
  EXPECT_FALSE(stories().contains(number_of(0))) << "events wait while the database is away";
  const auto away_ms = since(away);
  server.start();
  const auto back = steady_clock::now();

  EXPECT_TRUE(application.wait_for_events("call.completed", calls + 1, seconds(30) + length_of_outage()));
  fmt::print("outage: {} ms, {} calls made and ended meanwhile, all told {} ms after its end\n", away_ms,
             calls, since(back));
  EXPECT_EQ(across.hang_up(), 200);
  EXPECT_TRUE(application.wait_for_events("call.completed", calls + 2, seconds(10)));
  auto stories_told = stories();
  for (int i = 0; i < calls; ++i)
    EXPECT_EQ(stories_told[number_of(i)], whole_call) << i;
  for (const int other : {9000, 9001})
    EXPECT_EQ(stories_told[number_of(other)], whole_call) << other;
  EXPECT_TRUE(eventually([&] { return waiting_events() == 0; }));
  for (std::size_t index = 0; index < node_count; ++index)
    EXPECT_EQ(metric(index, "plenary_store_spooled_events"), 0) << index;
}

TEST_F(SharedDatabase, GetsTheEventsThatWaitedOnTheDiskOfANodeThatWasKilledWhileItWasAway) {
  constexpr std::size_t victim = 1;
  ASSERT_NO_FATAL_FAILURE(start_shared());
  server.kill();
  ASSERT_EQ(short_call(victim, number_of(0)), 200);
  rtp_caller dave(caller(victim, 0, number_of(1)));
  ASSERT_TRUE(dave.call());
  ASSERT_TRUE(eventually([&] { return metric(victim, "plenary_store_spooled_events") >= 5; }));
  node(victim).kill_at_once();

  ASSERT_TRUE(node(victim).start()) << node(victim).output();
  EXPECT_FALSE(stories().contains(number_of(0)));
  server.start();
  const auto back = steady_clock::now();

  EXPECT_TRUE(application.wait_for_events("call.completed", 1, seconds(30)));
  EXPECT_TRUE(application.wait_for_events("call.failed", 1, seconds(30)));
  fmt::print("spool of a killed node: all told {} ms after the database was back\n", since(back));
  auto stories_told = stories();
  EXPECT_EQ(stories_told[number_of(0)], whole_call);
  EXPECT_EQ(stories_told[number_of(1)], lost_call);
  EXPECT_TRUE(eventually([&] { return waiting_events() == 0; }));
}

class OwnDatabases : public ServicesCluster {};

TEST_F(OwnDatabases, LetEveryNodeAnswerForAnEndedCallWhileItsNodeLives) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_EQ(short_call(2, number_of(0)), 200);
  ASSERT_TRUE(application.wait_for_event("call.completed"));

  const auto target = "/v1/calls/" + call_of(number_of(0));

  for (std::size_t index = 0; index < node_count; ++index) {
    EXPECT_EQ(told(index, target, "status"), "completed") << index;
    EXPECT_EQ(told(index, target, "node"), node(2).name()) << index;
  }
}

} // namespace

} // namespace plenary::test::shared_database_test
