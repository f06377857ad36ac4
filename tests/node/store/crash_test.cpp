#include "node/store/sqlite.hpp"
#include "tests/node/store/store_fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <random>
#include <set>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::noon;

constexpr std::uint32_t seed = 20261122;

/// Commits without end, eight at a time, and writes the number of each commit that succeeded to the pipe.
[[noreturn]] void commit_for_ever(const std::string& path, int pipe) {
  test::counting_telemetry figures;
  test::silent_logger log;
  auto store = std::move(sqlite_store::open(path, figures, log).value());
  std::atomic<int> next = 0;
  std::function<void()> commit_next = [&] {
    int number = next++;
    auto id = "call-" + std::to_string(number);
    call_record record;
    record.id = {id};
    outbox_event event{id + "-1", {"app"}, {id}, "call.created", 1, noon, "{}", ""};
    store->commit({{record}, {event}}, [&, number](const result<void>& stored) {
      if (stored && write(pipe, &number, sizeof number) == sizeof number)
        commit_next();
    });
  };
  for (int i = 0; i < 8; ++i)
    commit_next();
  for (;;)
    pause();
}

/// Runs the child until it has acknowledged `kill_after` commits, kills it and returns all that it
/// acknowledged.
std::set<int> acknowledged_before_kill(const std::string& path, int kill_after) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  auto child = fork();
  if (child == 0)
    commit_for_ever(path, ends[1]);
  close(ends[1]);
  std::set<int> acknowledged;
  int number = 0;
  while (read(ends[0], &number, sizeof number) == sizeof number) {
    acknowledged.insert(number);
    if (static_cast<int>(acknowledged.size()) == kill_after)
      kill(child, SIGKILL);
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return acknowledged;
}

std::set<std::string> ids_in(const std::string& path, const char* query) {
  sqlite_connection connection{path};
  sqlite_statement statement{connection, query};
  std::set<std::string> ids;
  while (statement.row())
    ids.insert(statement.text(0));
  return ids;
}

TEST(StoreCrash, LosesNoAcknowledgedCommitWhenTheProcessIsKilled) {
  std::mt19937 random{seed};
  for (int round = 0; round < 8; ++round) {
    test::temporary_directory directory;
    auto path = (directory.path() / "plenary.db").string();
    auto kill_after = std::uniform_int_distribution{1, 600}(random);

    auto acknowledged = acknowledged_before_kill(path, kill_after);

    ASSERT_GE(static_cast<int>(acknowledged.size()), kill_after) << "seed " << seed << ", round " << round;
    auto calls = ids_in(path, "SELECT id FROM calls");
    auto events = ids_in(path, "SELECT call FROM outbox");
    EXPECT_EQ(calls, events) << "a record without its event, or the reverse";
    for (int number : acknowledged)
      EXPECT_TRUE(calls.contains("call-" + std::to_string(number))) << number << ", seed " << seed;
    EXPECT_EQ(ids_in(path, "PRAGMA integrity_check"), std::set<std::string>{"ok"});
  }
}

} // namespace
} // namespace plenary
