#include "node/store/postgres_migrations.hpp"

#include <fmt/format.h>

#include <array>

namespace plenary {

namespace {

/// Nodes that start together migrate one after the other: "PLNY" as a number, no other program's lock.
constexpr const char* lock = "SELECT pg_advisory_xact_lock(x'504C4E59'::bigint)";

/// `due` is set for exactly one pending event of each stream, its oldest; `lessee` names the process that
/// delivers it now. `last_write` is the number of the writer's last write that is stored here, which makes
/// writes that are sent again no second ones. Times are nanoseconds since 1970 on the nodes' clocks, except
/// `seen_at`, which only this server's clock counts.
constexpr const char* first_tables = R"sql(
  CREATE TABLE calls (
    id          TEXT PRIMARY KEY,
    application TEXT NOT NULL,
    node        TEXT NOT NULL,
    status      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT,
    record      TEXT NOT NULL
  );
  CREATE INDEX calls_unfinished ON calls (node, created_at) WHERE finished_at IS NULL;
  CREATE INDEX calls_finished ON calls (finished_at) WHERE finished_at IS NOT NULL;

  CREATE TABLE outbox (
    position    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    application TEXT NOT NULL,
    call        TEXT NOT NULL,
    stream      TEXT NOT NULL,
    sequence    BIGINT NOT NULL,
    name        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    body        TEXT NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    due         BIGINT,
    lessee      TEXT,
    reason      TEXT NOT NULL DEFAULT ''
  );
  CREATE INDEX outbox_due ON outbox (application, due) WHERE due IS NOT NULL;
  CREATE INDEX outbox_stream ON outbox (stream, sequence);
  CREATE INDEX outbox_lessee ON outbox (lessee) WHERE lessee IS NOT NULL;

  CREATE TABLE dead_letters (
    position    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    application TEXT NOT NULL,
    call        TEXT NOT NULL,
    stream      TEXT NOT NULL,
    sequence    BIGINT NOT NULL,
    name        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    body        TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    reason      TEXT NOT NULL
  );
  CREATE INDEX dead_letters_application ON dead_letters (application, position);
  CREATE INDEX dead_letters_created ON dead_letters (created_at);

  CREATE TABLE writers (
    writer      TEXT PRIMARY KEY,
    node        TEXT NOT NULL,
    incarnation BIGINT NOT NULL,
    last_write  BIGINT NOT NULL DEFAULT 0,
    seen_at     TIMESTAMPTZ
  );
  CREATE INDEX writers_node ON writers (node);
)sql";

/// One change of the tables.
struct step {
  const char* sql;
  int needs; ///< programs of this version and newer can use the tables after the step
};

/// Step n brings the tables from version n to n + 1; steps are only ever added.
constexpr std::array<step, 1> steps{{{first_tables, 1}}};

void apply_steps(postgres_connection& connection, std::int64_t version) {
  for (auto i = static_cast<std::size_t>(version); i < steps.size(); ++i) {
    connection.execute(steps[i].sql);
    connection.execute(fmt::format("INSERT INTO migrations VALUES ({}, {}, now())", i + 1, steps[i].needs));
  }
}

} // namespace

int postgres_schema_version() {
  return static_cast<int>(steps.size());
}

result<void> migrate(postgres_connection& connection) {
  connection.execute("BEGIN");
  connection.execute(lock);
  connection.execute(
      "SET LOCAL client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS plenary; "
      "SET search_path = plenary; CREATE TABLE IF NOT EXISTS migrations "
      "(version INTEGER PRIMARY KEY, needs INTEGER NOT NULL, applied_at TIMESTAMPTZ NOT NULL)");
  postgres_statement known{connection, "migrations",
                           "SELECT coalesce(max(version), 0), coalesce(max(needs), 0) FROM migrations"};
  auto stored = known();
  if (stored.number(0, 1) > postgres_schema_version()) {
    connection.execute("ROLLBACK");
    return fail(errc::storage,
                fmt::format("the database needs schema version {}, this program knows up to {}",
                            stored.number(0, 1), postgres_schema_version()));
  }
  apply_steps(connection, stored.number(0, 0));
  connection.execute("COMMIT");
  return {};
}

} // namespace plenary
