#include "node/store/sqlite_store.hpp"

#include "node/store/file_lock.hpp"
#include "node/store/late_commits.hpp"
#include "node/store/migrations.hpp"
#include "node/store/store_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace plenary {

namespace {

/// Durability first: every COMMIT is an fsync of the WAL. A busy file is waited for briefly, then retried.
void configure(sqlite_connection& connection) {
  connection.execute("PRAGMA busy_timeout = 100");
  connection.execute("PRAGMA journal_mode = WAL");
  connection.execute("PRAGMA synchronous = FULL");
}

result<void> prepare_file(const std::string& path, wall_time now) {
  sqlite_connection connection{path};
  connection.execute("PRAGMA busy_timeout = 2000");
  return migrate(connection, now);
}

result<std::unique_ptr<store_tables>> open_tables(const std::string& path, wall_time now) {
  try {
    if (auto prepared = prepare_file(path, now); !prepared)
      return fail(errc::storage, fmt::format("cannot use {}: {}", path, prepared.error().message));
    auto tables = std::make_unique<store_tables>(path);
    configure(tables->connection);
    tables->outbox.end_leases();
    return tables;
  } catch (const sqlite_failure& failure) {
    return fail(errc::storage, fmt::format("cannot use {}: {}", path, failure.message));
  }
}

/// A task whose result reaches `done` after COMMIT; `body` may run again when the transaction is repeated.
template <class T, class Body>
store_task make_task(when_failed policy, event_store::callback<T> done, Body body) {
  auto slot = std::make_shared<result<T>>();
  auto apply = [slot, body = std::move(body)](store_tables& tables) { *slot = body(tables); };
  auto finish = [slot, done = std::move(done)](result<void> stored) {
    done(stored ? std::move(*slot) : result<T>{tl::unexpected(stored.error())});
  };
  return {std::move(apply), std::move(finish), policy, 0};
}

/// Stores a batch and returns the calls that had been ended before: their records and events are dropped.
std::vector<call_id> put(store_tables& tables, const commit_batch& batch) {
  std::vector<call_id> late;
  for (const auto& call : batch.calls)
    if (!tables.calls.put(call))
      late.push_back(call.id);
  for (const auto& event : batch.events)
    if (std::find(late.begin(), late.end(), event.call) == late.end())
      tables.outbox.add(event);
  return late;
}

result<std::vector<call_id>> end_unfinished(store_tables& tables, const lost_calls& which,
                                            const call_ender& end) {
  auto unfinished = tables.calls.unfinished(which.node);
  if (!unfinished)
    return tl::unexpected(unfinished.error());
  std::vector<call_id> ended;
  for (const auto& record : *unfinished)
    if (record.created_at < which.created_before) {
      put(tables, end(record));
      ended.push_back(record.id);
    }
  return ended;
}

} // namespace

result<std::unique_ptr<sqlite_store>> sqlite_store::open(const std::string& path, telemetry& figures,
                                                         logger& log, store_settings settings) {
  auto lock = file_lock::take(path);
  if (!lock)
    return tl::unexpected(lock.error());
  auto tables = open_tables(path, settings.now());
  if (!tables)
    return tl::unexpected(tables.error());
  auto writer = std::make_unique<store_writer>(std::move(*tables), path, std::move(settings), figures, log);
  figures.set(gauge::store_connected, 1);
  return std::unique_ptr<sqlite_store>(new sqlite_store{std::move(*lock), std::move(writer), figures, log});
}

sqlite_store::sqlite_store(std::unique_ptr<file_lock> lock, std::unique_ptr<store_writer> writer,
                           telemetry& figures, logger& log)
    : figures_(figures)
    , log_(log)
    , lock_(std::move(lock))
    , writer_(std::move(writer)) {}

sqlite_store::~sqlite_store() = default;

void sqlite_store::commit(commit_batch batch, callback<void> done) {
  using ids = std::vector<call_id>;
  auto events = batch.events.size();
  auto finish = [this, done = std::move(done)](const result<ids>& late) {
    if (!late)
      return done(tl::unexpected(late.error()));
    tell_late_commits(*late, figures_, log_);
    done({});
  };
  auto task = make_task<ids>(
      when_failed::keep, std::move(finish),
      [batch = std::move(batch)](store_tables& tables) -> result<ids> { return put(tables, batch); });
  task.events = events;
  writer_->submit(std::move(task));
}

void sqlite_store::claim(std::vector<claim_share> shares, wall_time now, std::chrono::seconds lease,
                         callback<std::vector<due_event>> done) {
  using events = std::vector<due_event>;
  writer_->submit(
      make_task<events>(when_failed::give_up, std::move(done),
                        [shares = std::move(shares), now, lease](store_tables& tables) -> result<events> {
                          events leased;
                          for (const auto& share : shares)
                            tables.outbox.claim(share, now, lease, leased);
                          return leased;
                        }));
}

void sqlite_store::settle(std::vector<delivery_outcome> outcomes, callback<void> done) {
  writer_->submit(make_task<void>(when_failed::keep, std::move(done),
                                  [outcomes = std::move(outcomes)](store_tables& tables) -> result<void> {
                                    for (const auto& outcome : outcomes)
                                      tables.outbox.settle(outcome);
                                    return {};
                                  }));
}

void sqlite_store::find_call(call_id id, callback<std::optional<call_record>> done) {
  writer_->submit(make_task<std::optional<call_record>>(
      when_failed::run_alone, std::move(done),
      [id = std::move(id)](store_tables& tables) { return tables.calls.find(id); }));
}

void sqlite_store::end_calls(lost_calls which, call_ender end, callback<std::vector<call_id>> done) {
  writer_->submit(
      make_task<std::vector<call_id>>(when_failed::keep, std::move(done),
                                      [which = std::move(which), end = std::move(end)](store_tables& tables) {
                                        return end_unfinished(tables, which, end);
                                      }));
}

void sqlite_store::depth(callback<outbox_depth> done) {
  writer_->submit(make_task<outbox_depth>(
      when_failed::run_alone, std::move(done),
      [](store_tables& tables) -> result<outbox_depth> { return tables.outbox.depth(); }));
}

void sqlite_store::dead_letters(application_id application, std::size_t limit,
                                callback<std::vector<dead_letter>> done) {
  using letters = std::vector<dead_letter>;
  writer_->submit(make_task<letters>(
      when_failed::run_alone, std::move(done),
      [application = std::move(application), limit](store_tables& tables) -> result<letters> {
        return tables.outbox.dead_letters(application, limit);
      }));
}

void sqlite_store::replay(std::string event_id, callback<void> done) {
  writer_->submit(make_task<void>(when_failed::keep, std::move(done),
                                  [event_id = std::move(event_id)](store_tables& tables) -> result<void> {
                                    if (tables.outbox.replay(event_id))
                                      return {};
                                    return fail(errc::not_found,
                                                fmt::format("there is no dead letter {}", event_id));
                                  }));
}

bool sqlite_store::flush(mono_time deadline) {
  return writer_->flush(deadline);
}

} // namespace plenary
