#include "node/store/postgres_store.hpp"

#include "node/store/file_lock.hpp"
#include "node/store/postgres_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace plenary {

namespace {

constexpr std::chrono::seconds first_connection_patience{5};

result<std::unique_ptr<spool>> open_spool(const std::string& path) {
  try {
    return std::make_unique<spool>(path);
  } catch (const sqlite_failure& failure) {
    return fail(errc::storage, fmt::format("cannot use {}: {}", path, failure.message));
  }
}

/// Null when the database is down; an error when it is there and does not take us.
result<std::unique_ptr<postgres_session>> first_session(const postgres_target& target, logger& log) {
  auto deadline = std::chrono::steady_clock::now() + first_connection_patience;
  auto session = postgres_session::open(target, deadline, [] { return false; });
  if (session || session.error().code == errc::storage)
    return session;
  if (server_answers(target.url))
    return fail(errc::storage, fmt::format("cannot use the database: {}", session.error().message));
  log.warning("database_unreachable", {{"reason", std::string_view{session.error().message}}});
  return nullptr;
}

error no_answer() {
  return {errc::unavailable, "the database does not answer"};
}

/// A question whose answer reaches `done` when its transaction has ended.
template <class T, class Ask>
postgres_job make_question(event_store::callback<T> done, Ask ask) {
  auto slot = std::make_shared<result<T>>();
  postgres_job job;
  job.ask = [slot, ask = std::move(ask)](postgres_tables* tables, spool& waiting) {
    *slot = ask(tables, waiting);
  };
  job.finish = [slot, done = std::move(done)](const result<void>& outcome) {
    done(outcome ? std::move(*slot) : result<T>{tl::unexpected(outcome.error())});
  };
  return job;
}

postgres_job make_write(store_write write, event_store::callback<void> done) {
  postgres_job job;
  job.write = std::move(write);
  job.finish = std::move(done);
  return job;
}

result<std::optional<call_record>> find_in_spool(spool& waiting, const call_id& id) {
  try {
    return waiting.find_call(id);
  } catch (const sqlite_failure& failure) {
    return fail(errc::storage, failure.message);
  }
}

/// The spool's record is the later one, unless the call was ended in the database.
result<std::optional<call_record>> find_in_both(postgres_tables* tables, spool& waiting, const call_id& id) {
  auto spooled = find_in_spool(waiting, id);
  if (!tables)
    return spooled && !*spooled ? tl::unexpected(no_answer()) : spooled;
  auto stored = tables->find(id);
  bool ended = stored && *stored && is_terminal((*stored)->status);
  return spooled && *spooled && !ended ? spooled : stored;
}

outbox_depth depth_of_both(postgres_tables* tables, const spool& waiting) {
  auto depth = tables ? tables->depth() : outbox_depth{};
  const auto& spooled = waiting.depth();
  depth.pending += spooled.events;
  if (spooled.oldest)
    depth.oldest = std::min(depth.oldest.value_or(*spooled.oldest), *spooled.oldest);
  return depth;
}

} // namespace

result<std::unique_ptr<postgres_store>> postgres_store::open(const std::string& url,
                                                             const std::string& spool_path,
                                                             telemetry& figures, logger& log,
                                                             store_settings settings) {
  if (!is_postgres_url(url))
    return fail(errc::storage, "the store's URL is no valid postgresql:// URL");
  auto lock = file_lock::take(spool_path);
  if (!lock)
    return tl::unexpected(lock.error());
  auto waiting = open_spool(spool_path);
  if (!waiting)
    return tl::unexpected(waiting.error());
  postgres_target target{url, writer_name(settings.node, settings.incarnation), settings.silence};
  auto session = first_session(target, log);
  if (!session)
    return tl::unexpected(session.error());
  auto writer = std::make_unique<postgres_writer>(std::move(target), std::move(*session), std::move(*waiting),
                                                  std::move(settings), figures, log);
  return std::unique_ptr<postgres_store>(new postgres_store{std::move(*lock), std::move(writer)});
}

postgres_store::postgres_store(std::unique_ptr<file_lock> lock, std::unique_ptr<postgres_writer> writer)
    : lock_(std::move(lock))
    , writer_(std::move(writer)) {}

postgres_store::~postgres_store() = default;

void postgres_store::commit(commit_batch batch, callback<void> done) {
  writer_->submit(make_write({std::move(batch), {}}, std::move(done)));
}

void postgres_store::settle(std::vector<delivery_outcome> outcomes, callback<void> done) {
  writer_->submit(make_write({{}, std::move(outcomes)}, std::move(done)));
}

void postgres_store::claim(std::vector<claim_share> shares, wall_time now, std::chrono::seconds lease,
                           callback<std::vector<due_event>> done) {
  using events = std::vector<due_event>;
  writer_->submit(make_question<events>(
      std::move(done),
      [shares = std::move(shares), now, lease](postgres_tables* tables, spool&) -> result<events> {
        events leased;
        if (tables)
          for (const auto& share : shares)
            tables->claim(share, now, lease, leased);
        return leased;
      }));
}

void postgres_store::find_call(call_id id, callback<std::optional<call_record>> done) {
  writer_->submit(make_question<std::optional<call_record>>(
      std::move(done), [id = std::move(id)](postgres_tables* tables, spool& waiting) {
        return find_in_both(tables, waiting, id);
      }));
}

void postgres_store::end_calls(lost_calls which, call_ender end, callback<std::vector<call_id>> done) {
  writer_->submit(ending_job{std::move(which), std::move(end), std::move(done), {}});
}

void postgres_store::depth(callback<outbox_depth> done) {
  writer_->submit(make_question<outbox_depth>(
      std::move(done), [](postgres_tables* tables, const spool& waiting) -> result<outbox_depth> {
        return depth_of_both(tables, waiting);
      }));
}

void postgres_store::dead_letters(application_id application, std::size_t limit,
                                  callback<std::vector<dead_letter>> done) {
  using letters = std::vector<dead_letter>;
  writer_->submit(make_question<letters>(
      std::move(done),
      [application = std::move(application), limit](postgres_tables* tables, spool&) -> result<letters> {
        if (!tables)
          return tl::unexpected(no_answer());
        return tables->dead_letters(application, limit);
      }));
}

void postgres_store::replay(std::string event_id, callback<void> done) {
  writer_->submit(make_question<void>(
      std::move(done), [event_id = std::move(event_id)](postgres_tables* tables, spool&) -> result<void> {
        if (!tables)
          return tl::unexpected(no_answer());
        if (tables->replay(event_id))
          return {};
        return fail(errc::not_found, fmt::format("there is no dead letter {}", event_id));
      }));
}

bool postgres_store::flush(mono_time deadline) {
  return writer_->flush(deadline);
}

} // namespace plenary
