#include "node/store/migrations.hpp"
#include "node/store/postgres_migrations.hpp"
#include "tests/node/store/store_fixture.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::noon;
using test::store_kind;
using test::wait_for;

struct old_schema {
  store_kind kind;
  int version;
};

std::string schema_name(const old_schema& of) {
  return (of.kind == store_kind::sqlite ? "sqlite-" : "postgres-") + std::to_string(of.version);
}

std::filesystem::path snapshot(const old_schema& of) {
  return std::filesystem::path{PLENARY_SOURCE_DIR} / "tests/node/store/schemas" / (schema_name(of) + ".sql");
}

std::string read_snapshot(const old_schema& of) {
  std::ostringstream text;
  text << std::ifstream{snapshot(of)}.rdbuf();
  return text.str();
}

/// Every schema up to this program's: a migration adds the snapshot of its version, made by its own steps, to
/// tests/node/store/schemas, and changes none of those that are there.
std::vector<old_schema> every_schema() {
  std::vector<old_schema> all;
  for (int version = 1; version <= store_schema_version(); ++version)
    all.push_back({store_kind::sqlite, version});
  for (int version = 1; version <= postgres_schema_version(); ++version)
    all.push_back({store_kind::postgres, version});
  return all;
}

bool tells_of_rooms(const old_schema& of) {
  return of.kind == store_kind::postgres || of.version > 1;
}

std::string test_name(const ::testing::TestParamInfo<old_schema>& of) {
  auto name = schema_name(of.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// A store on a database that a program of an earlier schema left.
class OldSchema : public test::store_fixture, public ::testing::WithParamInterface<old_schema> {
protected:
  OldSchema()
      : store_fixture(GetParam().kind) {
    store_.reset();
    fill(read_snapshot(GetParam()));
    auto settings = patient();
    settings.node = node_name{"node-a"};
    reopen(std::move(settings));
  }

  void fill(const std::string& text) {
    std::filesystem::remove(path());
    if (kind_ == store_kind::sqlite) {
      sqlite_connection{path()}.execute(text.c_str());
      return;
    }
    url_ = test::shared_server().make_database();
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    postgres_connection{url_, deadline, [] { return false; }}.execute(text);
  }

  std::vector<std::string> ids_of_due() {
    std::vector<std::string> ids;
    for (const auto& due : claim(noon + 1min, 100, "app_demo"))
      ids.push_back(due.event.id);
    std::sort(ids.begin(), ids.end());
    return ids;
  }
};

TEST(OldSchemas, EachHasASnapshot) {
  for (const auto& schema : every_schema())
    EXPECT_FALSE(read_snapshot(schema).empty())
        << "a new migration adds a snapshot of its schema: " << snapshot(schema).string();
}

TEST_P(OldSchema, OpensWithItsRecords) {
  ASSERT_NE(store_, nullptr);

  const auto ended = find_call("call_ended");
  ASSERT_TRUE(ended.has_value() && ended->has_value());
  const auto& record = **ended;
  EXPECT_EQ(record.status, call_status::completed);
  EXPECT_EQ(record.last_sequence, 7U);
  EXPECT_EQ(record.from, "+15550100");
  EXPECT_EQ(record.room, (room_key{customer_id{"cust_demo"}, "daily"}));
  EXPECT_EQ(record.ended_at, noon + 60s);
  EXPECT_EQ(record.cause, (hangup_cause{16, "normal_clearing"}));
  EXPECT_EQ(record.variables, (std::map<std::string, std::string>{{"team", "blue"}}));
  EXPECT_EQ(record.error, std::nullopt);
}

TEST_P(OldSchema, OpensWithRecordsThatKnowLessOfAFailure) {
  ASSERT_NE(store_, nullptr);
  const auto failed = find_call("call_failed");
  if (!tells_of_rooms(GetParam())) { // programs of this schema stored no errors
    EXPECT_EQ(failed.value(), std::nullopt);
    return;
  }
  ASSERT_TRUE(failed.has_value() && failed->has_value());
  ASSERT_TRUE((*failed)->error.has_value());
  EXPECT_EQ((*failed)->error->reason, errc::timeout);
  EXPECT_EQ((*failed)->error->detail, "no answer within 5 s");
  EXPECT_EQ((*failed)->caller.headers.at("X-Team"), "blue");
}

TEST_P(OldSchema, GivesOutItsEventsInOrderAndWithWhatWasTried) {
  ASSERT_NE(store_, nullptr);
  auto due = claim(noon + 1min, 100, "app_demo");
  const auto of_call = std::find_if(due.begin(), due.end(),
                                    [](const auto& each) { return each.event.id == "evt_call_ended_6"; });
  ASSERT_NE(of_call, due.end());
  EXPECT_EQ(of_call->event.sequence, 6U);
  EXPECT_EQ(of_call->event.call.value, "call_ended");
  EXPECT_EQ(of_call->event.body, R"({"event": "participant.left", "sequence": 6})");
  EXPECT_EQ(of_call->attempts, 2);
  ASSERT_EQ(due.size(), tells_of_rooms(GetParam()) ? 2U : 1U) << "the later event of the call waits";

  for (const auto& each : due)
    ASSERT_TRUE(settle({{each.event.id, delivery_outcome::kind::acknowledged, {}, ""}}));
  EXPECT_EQ(ids_of_due(), std::vector<std::string>{"evt_call_ended_7"});
}

TEST_P(OldSchema, TakesTheNextEventOfACallThatRan) {
  ASSERT_NE(store_, nullptr);
  auto running = find_call("call_running");
  ASSERT_TRUE(running.has_value() && *running);
  auto record = **running;
  ASSERT_EQ(record.last_sequence, 4U);

  record.status = call_status::failed;
  record.ended_at = noon;
  record.last_sequence = 5;
  ASSERT_TRUE(commit({{record}, {event("call_running", 5, "app_demo")}}));

  EXPECT_EQ(find_call("call_running").value(), record);
  const auto ids = ids_of_due();
  EXPECT_NE(std::find(ids.begin(), ids.end(), "call_running-5"), ids.end());
}

TEST_P(OldSchema, EndsTheCallThatRanAndNoOther) {
  ASSERT_NE(store_, nullptr);

  auto ended = end_calls(*store_, {{"node-a"}, 0, wall_time::max()}, [](const call_record& before) {
    auto record = before;
    record.status = call_status::failed;
    record.ended_at = noon;
    return commit_batch{{record}, {}};
  });

  ASSERT_TRUE(ended.has_value()) << ended.error().message;
  EXPECT_EQ(*ended, std::vector<call_id>{{"call_running"}});
}

TEST_P(OldSchema, ReplaysADeadLetter) {
  ASSERT_NE(store_, nullptr);
  const auto letters = dead_letters("app_demo");
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].event.id, "evt_call_ended_5");

  EXPECT_TRUE(replay("evt_call_ended_5"));

  EXPECT_TRUE(dead_letters("app_demo").empty());
  EXPECT_EQ(depth().pending, tells_of_rooms(GetParam()) ? 4U : 3U);
}

INSTANTIATE_TEST_SUITE_P(Stores, OldSchema, ::testing::ValuesIn(every_schema()), test_name);

} // namespace
} // namespace plenary
