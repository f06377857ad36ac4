#include "node/store/migrations.hpp"
#include "tests/node/store/store_fixture.hpp"

#include <sys/resource.h>

#include <csignal>
#include <fstream>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::noon;
using test::wait_for;

class SqliteStore : public test::store_fixture {
protected:
  SqliteStore()
      : store_fixture(test::store_kind::sqlite) {}
};

store_settings with_patience(std::chrono::milliseconds patience) {
  store_settings settings;
  settings.shutdown_patience = patience;
  return settings;
}

/// Locks the file as another program would.
class foreign_lock {
public:
  explicit foreign_lock(const std::string& path)
      : connection_(path) {
    connection_.execute("BEGIN IMMEDIATE");
  }
  void release() { connection_.execute("ROLLBACK"); }

private:
  sqlite_connection connection_;
};

/// No file may grow beyond `bytes` while this lives, as on a full disk.
class full_disk {
public:
  explicit full_disk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~full_disk() { setrlimit(RLIMIT_FSIZE, &before_); }
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;

private:
  rlimit before_{};
};

TEST_F(SqliteStore, KeepsAndRepeatsAWriteWhileTheFileIsLocked) {
  foreign_lock lock{path()};
  std::promise<result<void>> first;
  std::promise<result<void>> second;
  store_->commit({{call("a", call_status::ringing)}, {}}, [&](auto outcome) { first.set_value(outcome); });
  store_->commit({{call("a", call_status::completed)}, {}}, [&](auto outcome) { second.set_value(outcome); });

  ASSERT_TRUE(test::eventually([&] { return figures_[counter::commit_failures] >= 2; }));
  EXPECT_EQ(find_call("a").value(), std::nullopt);
  lock.release();

  EXPECT_TRUE(first.get_future().get().has_value());
  EXPECT_TRUE(second.get_future().get().has_value());
  EXPECT_EQ(find_call("a").value()->status, call_status::completed);
}

TEST_F(SqliteStore, KeepsAWriteWhileTheDiskIsFull) {
  (void)commit({{call("before")}, {}});
  auto large = call("large");
  large.variables = {{"text", std::string(1024 * 1024, 'x')}};
  std::promise<result<void>> stored;
  {
    full_disk disk{256 * 1024};
    store_->commit({{large}, {}}, [&](auto outcome) { stored.set_value(outcome); });

    EXPECT_TRUE(test::eventually([&] { return figures_[counter::commit_failures] >= 2; }));
    EXPECT_TRUE(find_call("before").value().has_value());
    EXPECT_EQ(find_call("large").value(), std::nullopt);
  }

  EXPECT_TRUE(stored.get_future().get().has_value());
  EXPECT_EQ(find_call("large").value(), large);
}

TEST_F(SqliteStore, AnswersAClaimWithAnErrorWhileTheFileIsLocked) {
  foreign_lock lock{path()};

  auto claimed = wait_for<std::vector<due_event>>([&](auto done) {
    store_->claim({{application_id{"app"}, 1}}, noon, 60s, done);
  });

  EXPECT_EQ(claimed.error().code, errc::storage);
}

TEST_F(SqliteStore, TellsWhenItClosesWithoutHavingWritten) {
  reopen(with_patience(0ms));
  foreign_lock lock{path()};
  std::promise<result<void>> stored;
  store_->commit({{call("a")}, {}}, [&](auto outcome) { stored.set_value(outcome); });

  store_.reset();

  EXPECT_EQ(stored.get_future().get().error().code, errc::storage);
}

TEST_F(SqliteStore, FlushWaitsForEverythingBeforeItAndNotBeyondItsDeadline) {
  std::atomic<int> written = 0;
  for (int i = 0; i < 50; ++i)
    store_->commit({{call("call-" + std::to_string(i))}, {}}, [&](const auto&) { ++written; });

  EXPECT_TRUE(store_->flush(std::chrono::steady_clock::now() + 20s));
  EXPECT_EQ(written, 50);

  foreign_lock lock{path()};
  store_->commit({{call("late")}, {}}, [](const auto&) {});
  EXPECT_FALSE(store_->flush(std::chrono::steady_clock::now() + 10ms));
  lock.release();
}

TEST_F(SqliteStore, RefusesAFileThatAnotherStoreUses) {
  auto second = sqlite_store::open(path(), figures_, log_);

  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().message.find("in use by another process"), std::string::npos);
}

TEST_F(SqliteStore, RefusesWhatIsNoDatabase) {
  auto text = (directory_.path() / "text").string();
  std::ofstream{text} << std::string(4096, 'x');

  auto opened = sqlite_store::open(text, figures_, log_);

  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, errc::storage);
  EXPECT_NE(opened.error().message.find(text), std::string::npos);
}

TEST_F(SqliteStore, RefusesTheDatabaseOfAnotherProgram) {
  auto foreign = (directory_.path() / "foreign").string();
  sqlite_connection{foreign}.execute("CREATE TABLE invoices (id INTEGER)");

  auto opened = sqlite_store::open(foreign, figures_, log_);

  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().message.find("another program"), std::string::npos);
}

TEST_F(SqliteStore, RefusesANewerSchema) {
  store_.reset();
  sqlite_connection{path()}.execute("INSERT INTO migrations VALUES (999, 0)");

  auto opened = sqlite_store::open(path(), figures_, log_);

  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().message.find("version 999"), std::string::npos);
}

TEST_F(SqliteStore, RefusesAFolderThatDoesNotExist) {
  auto opened = sqlite_store::open((directory_.path() / "none" / "plenary.db").string(), figures_, log_);

  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, errc::storage);
}

} // namespace
} // namespace plenary
