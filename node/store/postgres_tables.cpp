#include "node/store/postgres_tables.hpp"

#include "node/store/call_row.hpp"
#include "schema/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace plenary {

namespace {

using nlohmann::json;

constexpr std::string_view event_columns = "id, application, call, name, sequence, created_at, body, stream";

/// Serialises what several nodes do to one stream, so that each sees what the one before has added or
/// removed; in one order, so that nobody waits in a circle. Gives the streams.
constexpr const char* lock_sql = R"sql(
  SELECT stream, pg_advisory_xact_lock(hashtextextended(stream, 0)) FROM (
    SELECT DISTINCT stream FROM (
      SELECT json_array_elements_text($1::json)
      UNION ALL SELECT stream FROM outbox
        WHERE id IN (SELECT json_array_elements_text($2::json))
      UNION ALL SELECT stream FROM dead_letters
        WHERE id IN (SELECT json_array_elements_text($2::json))
    ) AS touched (stream) ORDER BY stream
  ) AS ordered
)sql";

/// Stores records that are not ended yet and the events that belong to them or to no record of the batch;
/// gives the ids of the others.
constexpr const char* put_sql = R"sql(
  WITH given AS (
    SELECT * FROM json_to_recordset($1::json) AS r
      (id text, application text, node text, status text, created_at bigint, finished_at bigint, record text)
  ), stored AS (
    INSERT INTO calls AS c (id, application, node, status, created_at, finished_at, record)
    SELECT id, application, node, status, created_at, finished_at, record FROM given
    ON CONFLICT (id) DO UPDATE SET application = excluded.application, node = excluded.node,
      status = excluded.status, created_at = excluded.created_at, finished_at = excluded.finished_at,
      record = excluded.record
    WHERE c.finished_at IS NULL
    RETURNING id
  ), late AS (
    SELECT id FROM given EXCEPT SELECT id FROM stored
  ), added AS (
    INSERT INTO outbox (id, application, call, stream, sequence, name, created_at, body)
    SELECT id, application, call, stream, sequence, name, created_at, body
    FROM json_to_recordset($2::json) AS e
      (id text, application text, call text, stream text, sequence bigint, name text, created_at bigint,
       body text)
    WHERE e.call NOT IN (SELECT id FROM late)
    ON CONFLICT (id) DO NOTHING
  )
  SELECT id FROM late
)sql";

constexpr const char* remove_sql =
    "DELETE FROM outbox WHERE id IN (SELECT json_array_elements_text($1::json))";

/// A node whose lease has run out and was taken by another has no say any more.
constexpr const char* bury_sql = R"sql(
  WITH gone AS (
    DELETE FROM outbox AS o USING json_to_recordset($1::json) AS d (id text, reason text)
    WHERE o.id = d.id AND (o.lessee IS NULL OR o.lessee = $2)
    RETURNING o.id, application, call, name, sequence, created_at, body, stream, attempts + 1, d.reason
  )
  INSERT INTO dead_letters
    (id, application, call, name, sequence, created_at, body, stream, attempts, reason)
  SELECT * FROM gone ON CONFLICT (id) DO UPDATE SET attempts = excluded.attempts, reason = excluded.reason
)sql";

constexpr const char* reschedule_sql = R"sql(
  UPDATE outbox AS o SET due = r.due, lessee = NULL, attempts = o.attempts + r.more, reason = r.reason
  FROM json_to_recordset($1::json) AS r (id text, due bigint, more integer, reason text)
  WHERE o.id = r.id AND o.due IS NOT NULL AND (o.lessee IS NULL OR o.lessee = $2)
)sql";

constexpr const char* promote_sql = R"sql(
  UPDATE outbox AS o SET due = o.created_at
  FROM json_array_elements_text($1::json) AS touched (stream),
    LATERAL (SELECT position FROM outbox AS f WHERE f.stream = touched.stream
             ORDER BY sequence, position LIMIT 1) AS first
  WHERE o.position = first.position AND o.due IS NULL
    AND NOT EXISTS (SELECT 1 FROM outbox AS d WHERE d.stream = touched.stream AND d.due IS NOT NULL)
)sql";

/// Ids of other nodes' claims under way are passed over, never waited for.
constexpr const char* claim_sql = R"sql(
  WITH picked AS (
    SELECT position, due FROM outbox WHERE application = $1 AND due <= $2::bigint
    ORDER BY due LIMIT $3::bigint FOR UPDATE SKIP LOCKED
  )
  UPDATE outbox AS o SET due = $4::bigint, lessee = $5 FROM picked WHERE o.position = picked.position
  RETURNING {}, attempts, picked.due
)sql";

constexpr const char* restore_sql = R"sql(
  WITH back AS (DELETE FROM dead_letters WHERE id = $1 RETURNING {0})
  INSERT INTO outbox ({0}) SELECT {0} FROM back ON CONFLICT (id) DO NOTHING RETURNING stream
)sql";

std::string with_columns(const char* sql) {
  return fmt::format(fmt::runtime(sql), event_columns);
}

/// Reads the `event_columns` of a row.
outbox_event read_event(const postgres_rows& rows, int row) {
  outbox_event event{rows.text(row, 0),
                     application_id{rows.text(row, 1)},
                     call_id{rows.text(row, 2)},
                     rows.text(row, 3),
                     static_cast<std::uint64_t>(rows.number(row, 4)),
                     rows.time(row, 5),
                     rows.text(row, 6),
                     rows.text(row, 7)};
  if (event.stream == event.call.value)
    event.stream.clear();
  return event;
}

json to_json(const std::vector<call_record>& calls) {
  auto rows = json::array();
  for (const auto& call : calls) {
    json finished;
    if (is_terminal(call.status))
      finished = call.ended_at.value_or(call.created_at).time_since_epoch().count();
    rows.push_back({{"id", call.id.value},
                    {"application", call.application.value},
                    {"node", call.node.value},
                    {"status", to_string(call.status)},
                    {"created_at", call.created_at.time_since_epoch().count()},
                    {"finished_at", finished},
                    {"record", to_row(call)}});
  }
  return rows;
}

result<std::vector<call_record>> read_records(const postgres_rows& rows) {
  std::vector<call_record> records;
  for (int i = 0; i < rows.size(); ++i) {
    auto record = from_row(rows.text(i, 0));
    if (!record)
      return tl::unexpected(record.error());
    records.push_back(std::move(*record));
  }
  return records;
}

} // namespace

std::string writer_name(const node_name& node, std::uint64_t incarnation) {
  std::random_device random;
  return fmt::format("{}/{}/{:08x}{:08x}", node.value, incarnation, random(), random());
}

postgres_tables::postgres_tables(postgres_connection& connection, std::string writer)
    : writer_(std::move(writer))
    , lock_(connection, "lock", lock_sql)
    , put_(connection, "put", put_sql)
    , remove_(connection, "remove", remove_sql)
    , bury_(connection, "bury", bury_sql)
    , reschedule_(connection, "reschedule", reschedule_sql)
    , promote_(connection, "promote", promote_sql)
    , claim_(connection, "claim", with_columns(claim_sql))
    , find_(connection, "find", "SELECT record FROM calls WHERE id = $1")
    , unfinished_(connection, "unfinished",
                  "SELECT record FROM calls WHERE finished_at IS NULL AND ($1 = '' OR node = $1) "
                  "AND created_at < $2::bigint ORDER BY created_at, id")
    , depth_(connection, "depth",
             "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM dead_letters), "
             "(SELECT created_at FROM outbox ORDER BY position LIMIT 1)")
    , dead_letters_(connection, "dead_letters",
                    fmt::format("SELECT {}, attempts, reason FROM dead_letters WHERE application = $1 "
                                "ORDER BY position DESC LIMIT $2::bigint",
                                event_columns))
    , restore_(connection, "restore", with_columns(restore_sql))
    , prune_calls_(connection, "prune_calls",
                   "WITH old AS (DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE finished_at < "
                   "$1::bigint ORDER BY finished_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED) RETURNING 1) "
                   "SELECT count(*) FROM old")
    , prune_letters_(connection, "prune_letters",
                     "WITH old AS (DELETE FROM dead_letters WHERE position IN (SELECT position FROM "
                     "dead_letters WHERE created_at < $1::bigint ORDER BY created_at LIMIT $2::bigint "
                     "FOR UPDATE SKIP LOCKED) RETURNING 1) SELECT count(*) FROM old") {}

std::vector<call_id> postgres_tables::apply(const store_write& write) {
  std::vector<std::string> streams;
  for (const auto& call : write.batch.calls)
    streams.push_back(call.id.value);
  for (const auto& event : write.batch.events)
    streams.push_back(ordering_key(event));
  std::vector<std::string> ids;
  for (const auto& outcome : write.outcomes)
    ids.push_back(outcome.event_id);
  auto locked = lock(streams, ids);
  auto late = put(write.batch);
  settle(write.outcomes);
  promote(locked);
  return late;
}

postgres_rows postgres_tables::lock(const std::vector<std::string>& streams,
                                    const std::vector<std::string>& event_ids) {
  return lock_({to_text(json(streams)), to_text(json(event_ids))});
}

std::vector<call_id> postgres_tables::put(const commit_batch& batch) {
  std::vector<call_id> late;
  if (batch.calls.empty() && batch.events.empty())
    return late;
  auto rows = put_({to_text(to_json(batch.calls)), to_text(plenary::to_json(batch.events))});
  for (int i = 0; i < rows.size(); ++i)
    late.push_back({rows.text(i, 0)});
  return late;
}

void postgres_tables::settle(const std::vector<delivery_outcome>& outcomes) {
  using kind = delivery_outcome::kind;
  auto acknowledged = json::array();
  auto dead = json::array();
  auto later = json::array();
  for (const auto& outcome : outcomes) {
    if (outcome.what == kind::acknowledged)
      acknowledged.push_back(outcome.event_id);
    else if (outcome.what == kind::dead_letter)
      dead.push_back({{"id", outcome.event_id}, {"reason", outcome.reason}});
    else
      later.push_back({{"id", outcome.event_id},
                       {"due", outcome.next_attempt.time_since_epoch().count()},
                       {"more", outcome.what == kind::retry ? 1 : 0},
                       {"reason", outcome.reason}});
  }
  if (!acknowledged.empty())
    remove_({to_text(acknowledged)});
  if (!dead.empty())
    bury_({to_text(dead), writer_});
  if (!later.empty())
    reschedule_({to_text(later), writer_});
}

void postgres_tables::promote(const postgres_rows& locked) {
  auto streams = json::array();
  for (int i = 0; i < locked.size(); ++i)
    streams.push_back(locked.text(i, 0));
  if (!streams.empty())
    promote_({to_text(streams)});
}

void postgres_tables::claim(const claim_share& share, wall_time now, std::chrono::seconds lease,
                            std::vector<due_event>& leased) {
  auto rows = claim_({share.application.value, now, static_cast<std::int64_t>(share.limit),
                      wall_time{now + lease}, writer_});
  std::vector<std::pair<wall_time, due_event>> claimed;
  claimed.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i)
    claimed.emplace_back(rows.time(i, 9),
                         due_event{read_event(rows, i), static_cast<int>(rows.number(i, 8))});
  std::sort(claimed.begin(), claimed.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second.event.id) < std::tie(b.first, b.second.event.id);
  });
  for (auto& [due, event] : claimed)
    leased.push_back(std::move(event));
}

result<std::optional<call_record>> postgres_tables::find(const call_id& id) {
  return read_records(find_({id.value})).map([](auto records) {
    return records.empty() ? std::nullopt : std::optional{std::move(records.front())};
  });
}

/// Locks first and reads after: what is found unfinished under the lock is nobody else's to end.
result<std::vector<call_id>> postgres_tables::end_calls(const lost_calls& which, const call_ender& end) {
  auto found = read_records(unfinished_({which.node.value, which.created_before}));
  if (!found)
    return tl::unexpected(found.error());
  std::vector<std::string> streams;
  for (const auto& record : *found)
    streams.push_back(record.id.value);
  auto locked = lock(streams, {});
  found = read_records(unfinished_({which.node.value, which.created_before}));
  if (!found)
    return tl::unexpected(found.error());
  std::vector<call_id> ended;
  commit_batch all;
  for (const auto& record : *found) {
    if (std::find(streams.begin(), streams.end(), record.id.value) == streams.end())
      continue; // came after the lock: not of the lost process
    auto batch = end(record);
    all.calls.insert(all.calls.end(), batch.calls.begin(), batch.calls.end());
    all.events.insert(all.events.end(), batch.events.begin(), batch.events.end());
    ended.push_back(record.id);
  }
  put(all);
  promote(locked);
  return ended;
}

outbox_depth postgres_tables::depth() {
  auto rows = depth_();
  outbox_depth depth;
  depth.pending = static_cast<std::uint64_t>(rows.number(0, 0));
  depth.dead_letters = static_cast<std::uint64_t>(rows.number(0, 1));
  if (!rows.is_null(0, 2))
    depth.oldest = rows.time(0, 2);
  return depth;
}

std::vector<dead_letter> postgres_tables::dead_letters(const application_id& application, std::size_t limit) {
  auto rows = dead_letters_({application.value, static_cast<std::int64_t>(limit)});
  std::vector<dead_letter> letters;
  letters.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i)
    letters.push_back({read_event(rows, i), static_cast<int>(rows.number(i, 8)), rows.text(i, 9)});
  return letters;
}

bool postgres_tables::replay(const std::string& event_id) {
  auto locked = lock({}, {event_id});
  if (restore_({event_id}).size() == 0)
    return false;
  promote(locked);
  return true;
}

std::int64_t postgres_tables::prune(wall_time limit_time, std::int64_t limit) {
  auto calls = prune_calls_({limit_time, limit}).number(0, 0);
  return std::max(calls, prune_letters_({limit_time, limit}).number(0, 0));
}

} // namespace plenary
