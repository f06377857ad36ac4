#pragma once

#include "node/store/postgres_store.hpp"
#include "node/store/sqlite_store.hpp"
#include "tests/support/fake_edges.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace plenary::test {

using namespace std::chrono_literals;

inline const wall_time noon{std::chrono::sys_days{std::chrono::November / 22 / 2026} + 12h};

/// Calls an asynchronous method of the store and waits for its result.
template <class T, class Call>
result<T> wait_for(Call call) {
  auto promise = std::make_shared<std::promise<result<T>>>();
  auto future = promise->get_future();
  call([promise](result<T> outcome) { promise->set_value(std::move(outcome)); });
  if (future.wait_for(20s) != std::future_status::ready)
    return fail(errc::timeout, "the store did not answer");
  return future.get();
}

enum class store_kind { sqlite, postgres };

/// The name of a parameter in the names of tests.
inline std::string kind_name(const ::testing::TestParamInfo<store_kind>& info) {
  return info.param == store_kind::sqlite ? "Sqlite" : "Postgres";
}

/// The server of this test program, started when the first test needs it.
inline postgres_server& shared_server() {
  static postgres_server server;
  return server;
}

/// Yields the processor until the condition holds; false after 30 s.
template <class Condition>
bool eventually(Condition condition) {
  for (auto end = std::chrono::steady_clock::now() + 30s; std::chrono::steady_clock::now() < end;
       std::this_thread::yield())
    if (condition())
      return true;
  return false;
}

/// A store of its own, which can be closed and opened again.
class store_fixture : public ::testing::Test {
protected:
  explicit store_fixture(store_kind kind)
      : kind_(kind) {
    if (kind_ == store_kind::postgres)
      url_ = shared_server().make_database();
    reopen();
  }

  /// A patience that no slow machine uses up.
  static store_settings patient() {
    store_settings settings;
    settings.answer_patience = 20s;
    return settings;
  }

  void reopen(store_settings settings = patient()) {
    store_.reset();
    store_ = open(path(), std::move(settings));
  }

  /// With PostgreSQL: a node of its own on the same database, when it has its own path.
  std::unique_ptr<event_store> open(const std::string& path, store_settings settings) {
    if (kind_ == store_kind::sqlite)
      return checked(sqlite_store::open(path, figures_, log_, std::move(settings)));
    return checked(postgres_store::open(url_, path, figures_, log_, std::move(settings)));
  }

  template <class Store>
  static std::unique_ptr<event_store> checked(result<std::unique_ptr<Store>> opened) {
    if (opened)
      return std::move(*opened);
    ADD_FAILURE() << opened.error().message;
    return nullptr;
  }

  std::string path() const { return (directory_.path() / "plenary.db").string(); }

  result<void> commit(commit_batch batch) {
    return wait_for<void>([&](auto done) { store_->commit(std::move(batch), done); });
  }

  result<void> settle(std::vector<delivery_outcome> outcomes) {
    return wait_for<void>([&](auto done) { store_->settle(std::move(outcomes), done); });
  }

  result<void> replay(const std::string& event_id) {
    return wait_for<void>([&](auto done) { store_->replay(event_id, done); });
  }

  std::vector<due_event> claim(wall_time now = noon, std::size_t limit = 100,
                               const std::string& application = "app") {
    auto claimed = wait_for<std::vector<due_event>>([&](auto done) {
      store_->claim({{application_id{application}, limit}}, now, 60s, done);
    });
    EXPECT_TRUE(claimed.has_value());
    return claimed.value_or(std::vector<due_event>{});
  }

  std::vector<std::string> claim_ids(wall_time now = noon, std::size_t limit = 100) {
    std::vector<std::string> ids;
    for (const auto& due : claim(now, limit))
      ids.push_back(due.event.id);
    return ids;
  }

  std::vector<dead_letter> dead_letters(const std::string& application = "app") {
    auto letters = wait_for<std::vector<dead_letter>>(
        [&](auto done) { store_->dead_letters(application_id{application}, 100, done); });
    return letters.value_or(std::vector<dead_letter>{});
  }

  result<std::optional<call_record>> find_call(const std::string& id) {
    return wait_for<std::optional<call_record>>([&](auto done) { store_->find_call(call_id{id}, done); });
  }

  outbox_depth depth() {
    return wait_for<outbox_depth>([&](auto done) { store_->depth(done); }).value_or(outbox_depth{});
  }

  static outbox_event event(const std::string& call, std::uint64_t sequence,
                            const std::string& application = "app") {
    return {call + "-" + std::to_string(sequence),
            application_id{application},
            call_id{call},
            "call.created",
            sequence,
            noon,
            R"({"event":"call.created"})",
            ""};
  }

  static call_record call(const std::string& id, call_status status = call_status::in_progress) {
    call_record record;
    record.id = {id};
    record.status = status;
    record.created_at = noon;
    return record;
  }

  result<std::vector<call_id>> end_calls(event_store& store, lost_calls which, call_ender end) {
    return wait_for<std::vector<call_id>>(
        [&](auto done) { store.end_calls(std::move(which), std::move(end), done); });
  }

  store_kind kind_;
  std::string url_; ///< of the PostgreSQL database
  temporary_directory directory_;
  counting_telemetry figures_;
  silent_logger log_;
  std::unique_ptr<event_store> store_;
};

/// Runs a test against both stores.
class any_store : public store_fixture, public ::testing::WithParamInterface<store_kind> {
protected:
  any_store()
      : store_fixture(GetParam()) {}
};

} // namespace plenary::test
