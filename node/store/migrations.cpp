#include "node/store/migrations.hpp"

#include <fmt/format.h>

#include <array>

namespace plenary {

namespace {

/// "PLNY": marks the file's header, so that another program's database is never touched.
constexpr std::int64_t file_mark = 0x504C4E59;

/// `due` is set for exactly one pending event of each call, its oldest: the index holds only what may leave.
constexpr std::string_view first_tables = R"sql(
  CREATE TABLE calls (
    id          TEXT NOT NULL PRIMARY KEY,
    application TEXT NOT NULL,
    status      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    record      TEXT NOT NULL
  );
  CREATE INDEX calls_unfinished ON calls (created_at) WHERE finished_at IS NULL;
  CREATE INDEX calls_finished ON calls (finished_at) WHERE finished_at IS NOT NULL;

  CREATE TABLE outbox (
    position    INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    application TEXT NOT NULL,
    call        TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    body        TEXT NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    due         INTEGER,
    leased      INTEGER NOT NULL DEFAULT 0,
    reason      TEXT NOT NULL DEFAULT ''
  );
  CREATE INDEX outbox_due ON outbox (application, due) WHERE due IS NOT NULL;
  CREATE INDEX outbox_call ON outbox (call, sequence);

  CREATE TABLE dead_letters (
    position    INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    application TEXT NOT NULL,
    call        TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    body        TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    reason      TEXT NOT NULL
  );
  CREATE INDEX dead_letters_application ON dead_letters (application, position);
  CREATE INDEX dead_letters_created ON dead_letters (created_at);
)sql";

/// Events that belong to no call: `stream` is what an event is in order within, for calls their id.
constexpr std::string_view streams = R"sql(
  ALTER TABLE outbox ADD COLUMN stream TEXT NOT NULL DEFAULT '';
  UPDATE outbox SET stream = call;
  DROP INDEX outbox_call;
  CREATE INDEX outbox_stream ON outbox (stream, sequence);
  ALTER TABLE dead_letters ADD COLUMN stream TEXT NOT NULL DEFAULT '';
  UPDATE dead_letters SET stream = call;
)sql";

/// Step n brings a file from version n to n + 1; steps are only ever added.
constexpr std::array<std::string_view, 2> steps{first_tables, streams};

result<void> check_owner(sqlite_connection& connection) {
  auto mark = connection.number("PRAGMA application_id");
  auto tables = connection.number("SELECT count(*) FROM sqlite_master");
  if (mark == file_mark || (mark == 0 && tables == 0))
    return {};
  return fail(errc::storage, "the file is the database of another program");
}

std::int64_t stored_version(sqlite_connection& connection) {
  connection.execute(
      "CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, applied_at INTEGER)");
  return connection.number("SELECT coalesce(max(version), 0) FROM migrations");
}

void apply_step(sqlite_connection& connection, std::size_t step, wall_time now) {
  connection.execute(steps[step].data());
  sqlite_statement record{connection, "INSERT INTO migrations (version, applied_at) VALUES (?, ?)"};
  (record << static_cast<std::int64_t>(step + 1) << now).run();
}

} // namespace

int store_schema_version() {
  return static_cast<int>(steps.size());
}

result<void> migrate(sqlite_connection& connection, wall_time now) {
  if (auto owned = check_owner(connection); !owned)
    return owned;
  connection.execute("BEGIN IMMEDIATE");
  connection.execute(fmt::format("PRAGMA application_id = {}", file_mark).c_str());
  auto version = stored_version(connection);
  if (version > store_schema_version()) {
    connection.execute("ROLLBACK");
    return fail(errc::storage, fmt::format("the file has schema version {}, this program knows up to {}",
                                           version, store_schema_version()));
  }
  for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step)
    apply_step(connection, step, now);
  connection.execute("COMMIT");
  return {};
}

} // namespace plenary
