#include "node/store/migrations.hpp"
#include "node/store/private_files.hpp"
#include "tests/node/store/full_disk.hpp"
#include "tests/node/store/store_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <limits>

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
    const test::full_disk disk{256 * 1024};
    store_->commit({{large}, {}}, [&](auto outcome) { stored.set_value(outcome); });

    EXPECT_TRUE(test::eventually([&] { return figures_[counter::commit_failures] >= 2; }));
    EXPECT_TRUE(find_call("before").value().has_value());
    EXPECT_EQ(find_call("large").value(), std::nullopt);
  }

  EXPECT_TRUE(stored.get_future().get().has_value());
  EXPECT_EQ(find_call("large").value(), large);
}

TEST_F(SqliteStore, SaysThatItCannotStoreAndIsBackByItself) {
  auto settings = patient();
  settings.health = std::make_shared<store_health>(figures_, log_);
  const auto health = settings.health;
  reopen(settings);
  EXPECT_EQ(figures_[gauge::store_writable], 1);
  foreign_lock lock{path()};
  std::promise<result<void>> stored;

  store_->commit({{call("a")}, {}}, [&](auto outcome) { stored.set_value(outcome); });

  ASSERT_TRUE(test::eventually([&] { return !health->accepts(); }));
  EXPECT_NE(health->trouble().find("a write failed"), std::string::npos) << health->trouble();
  EXPECT_EQ(figures_[gauge::store_writable], 0);
  const auto freed_at = std::chrono::steady_clock::now();
  lock.release();
  EXPECT_TRUE(stored.get_future().get().has_value());
  ASSERT_TRUE(test::eventually([&] { return health->accepts(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - freed_at, 5s);
  EXPECT_EQ(health->trouble(), "");
  EXPECT_EQ(figures_[gauge::store_writable], 1);
}

TEST_F(SqliteStore, AnswersQuestionsAtOnceWhileWritesWait) {
  (void)commit({{call("before")}, {}});
  foreign_lock lock{path()};
  std::promise<result<void>> stored;
  store_->commit({{call("a")}, {}}, [&](auto outcome) { stored.set_value(outcome); });
  ASSERT_TRUE(test::eventually([&] { return figures_[counter::commit_failures] >= 6; })); // long pauses now
  const auto started = std::chrono::steady_clock::now();

  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(find_call("before").value().has_value());

  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
  lock.release();
  EXPECT_TRUE(stored.get_future().get().has_value());
}

TEST_F(SqliteStore, KeepsABoundedNumberOfWritesAndRefusesOneMore) {
  auto settings = patient();
  settings.most_waiting = 50;
  reopen(settings);
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  {
    foreign_lock lock{path()};
    for (int i = 0; i < 51; ++i)
      store_->commit({{call("call" + std::to_string(i))}, {}}, [&](const auto& outcome) {
        refused += !outcome && outcome.error().code == errc::limit_reached ? 1 : 0;
        ++done;
      });

    EXPECT_EQ(refused, 1);
    EXPECT_EQ(done, 1);
    lock.release();
  }

  ASSERT_TRUE(test::eventually([&] { return done == 51; }));
  EXPECT_EQ(refused, 1);
  for (int i = 0; i < 50; ++i)
    EXPECT_TRUE(find_call("call" + std::to_string(i)).value().has_value()) << i;
  ASSERT_TRUE(test::eventually([&] { return figures_[gauge::store_waiting] == 0; }));
}

TEST_F(SqliteStore, CountsADiskWithTooLittleSpaceAsFull) {
  auto settings = patient();
  settings.health = std::make_shared<store_health>(figures_, log_);
  settings.least_free_bytes = std::numeric_limits<std::uint64_t>::max();
  const auto health = settings.health;

  reopen(settings);

  ASSERT_TRUE(test::eventually([&] { return !health->accepts(); }));
  EXPECT_NE(health->trouble().find("KiB are free"), std::string::npos) << health->trouble();
  EXPECT_TRUE(commit({{call("a")}, {}})) << "what running calls tell is stored as long as that goes";
}

TEST(PrivateFiles, AreTheOwnersAloneTogetherWithTheirFolder) {
  const test::temporary_directory directory;
  const auto folder = directory.path() / "data";
  const auto mode = [](const std::filesystem::path& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions());
  };
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms{0755});
  std::ofstream{folder / "plenary.db"};
  std::ofstream{folder / "plenary.db-wal"};
  test::silent_logger log;

  make_private(folder / "plenary.db", log);

  EXPECT_EQ(mode(folder), 0700U);
  EXPECT_EQ(mode(folder / "plenary.db"), 0600U);
  EXPECT_EQ(mode(folder / "plenary.db-wal"), 0600U);
  ASSERT_TRUE(make_private_folder(directory.path() / "new" / "plenary.db"));
  EXPECT_EQ(mode(directory.path() / "new"), 0700U);
}

TEST(PrivateFiles, LeaveAFolderAloneThatHoldsOtherThings) {
  const test::temporary_directory directory;
  std::filesystem::permissions(directory.path(), std::filesystem::perms{0755});
  std::ofstream{directory.path() / "plenary.db"};
  std::ofstream{directory.path() / "notes.txt"};
  test::silent_logger log;

  make_private(directory.path() / "plenary.db", log);

  const auto mode = [](const std::filesystem::path& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions());
  };
  EXPECT_EQ(mode(directory.path()), 0755U);
  EXPECT_EQ(mode(directory.path() / "plenary.db"), 0600U);
  EXPECT_NE(mode(directory.path() / "notes.txt"), 0600U);
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
