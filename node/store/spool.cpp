#include "node/store/spool.hpp"

#include "node/store/call_row.hpp"

#include <algorithm>

namespace plenary {

namespace {

/// "PLSP" in the file's header.
constexpr const char* tables = R"sql(
  PRAGMA busy_timeout = 100;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA application_id = 0x504C5350;
  CREATE TABLE IF NOT EXISTS spooled (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    writer   TEXT NOT NULL,
    number   INTEGER NOT NULL,
    events   INTEGER NOT NULL,
    oldest   INTEGER,
    content  TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS spooled_depth ON spooled (oldest, events);
  CREATE TABLE IF NOT EXISTS spooled_calls (
    call     TEXT NOT NULL,
    position INTEGER NOT NULL,
    record   TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS spooled_calls_call ON spooled_calls (call, position);
  CREATE INDEX IF NOT EXISTS spooled_calls_position ON spooled_calls (position);
  CREATE TABLE IF NOT EXISTS refused (position INTEGER PRIMARY KEY, content TEXT NOT NULL);
)sql";

bool make_tables(sqlite_connection& connection) {
  connection.execute(tables);
  return true;
}

/// Ends a transaction that did not reach its COMMIT.
class transaction {
public:
  explicit transaction(sqlite_connection& connection)
      : connection_(connection) {
    connection_.execute("BEGIN IMMEDIATE");
  }
  ~transaction() {
    if (connection_.in_transaction())
      sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;

  void commit() { connection_.execute("COMMIT"); }

private:
  sqlite_connection& connection_;
};

std::optional<wall_time> oldest_of(const std::vector<outbox_event>& events) {
  std::optional<wall_time> oldest;
  for (const auto& event : events)
    oldest = std::min(oldest.value_or(event.created_at), event.created_at);
  return oldest;
}

} // namespace

spool::spool(const std::string& path)
    : path_(path)
    , connection_(path)
    , tables_made_(make_tables(connection_))
    , insert_(connection_, "INSERT INTO spooled (writer, number, events, oldest, content) "
                           "VALUES (?, ?, ?, ?, ?) RETURNING position")
    , insert_call_(connection_, "INSERT INTO spooled_calls (call, position, record) VALUES (?, ?, ?)")
    , front_(connection_, "SELECT position, writer, number, content FROM spooled WHERE writer = "
                          "(SELECT writer FROM spooled ORDER BY position LIMIT 1) ORDER BY position LIMIT ?")
    , remove_(connection_, "DELETE FROM spooled WHERE position <= ?")
    , remove_calls_(connection_, "DELETE FROM spooled_calls WHERE position <= ?")
    , keep_refused_(connection_, "INSERT OR REPLACE INTO refused (position, content) "
                                 "SELECT position, content FROM spooled WHERE position = ?")
    , find_(connection_, "SELECT record FROM spooled_calls WHERE call = ? ORDER BY position DESC LIMIT 1")
    , measure_(connection_, "SELECT count(*), coalesce(sum(events), 0), min(oldest) FROM spooled") {
  measure();
}

void spool::append(const std::vector<spooled_write>& writes) {
  transaction whole{connection_};
  for (const auto& write : writes)
    insert(write);
  whole.commit();
  for (const auto& write : writes)
    count(write.content->batch.events);
}

void spool::count(const std::vector<outbox_event>& events) {
  ++depth_.writes;
  depth_.events += events.size();
  if (auto oldest = oldest_of(events))
    depth_.oldest = std::min(depth_.oldest.value_or(*oldest), *oldest);
}

void spool::insert(const spooled_write& write) {
  const auto& content = *write.content;
  insert_.fresh() << write.writer << write.number << static_cast<std::int64_t>(content.batch.events.size())
                  << oldest_of(content.batch.events) << to_row(content);
  insert_.row();
  auto position = insert_.number(0);
  insert_.fresh();
  for (const auto& call : content.batch.calls)
    (insert_call_.fresh() << call.id.value << position << to_row(call)).run();
}

std::vector<spooled_write> spool::front(std::int64_t limit) {
  std::vector<spooled_write> writes;
  front_.fresh() << limit;
  while (front_.row())
    writes.push_back({front_.number(0), front_.text(1), front_.number(2), write_from_row(front_.text(3))});
  return writes;
}

void spool::remove_through(std::int64_t position) {
  transaction whole{connection_};
  (remove_.fresh() << position).run();
  (remove_calls_.fresh() << position).run();
  whole.commit();
  measure();
}

void spool::refuse(std::int64_t position) {
  transaction whole{connection_};
  (keep_refused_.fresh() << position).run();
  (remove_.fresh() << position).run();
  (remove_calls_.fresh() << position).run();
  whole.commit();
  measure();
}

std::optional<call_record> spool::find_call(const call_id& id) {
  find_.fresh() << id.value;
  if (!find_.row())
    return std::nullopt;
  auto record = from_row(find_.text(0));
  find_.fresh();
  return record ? std::optional{std::move(*record)} : std::nullopt;
}

void spool::measure() {
  depth_ = {};
  if (!measure_.fresh().row())
    return;
  depth_.writes = static_cast<std::uint64_t>(measure_.number(0));
  depth_.events = static_cast<std::uint64_t>(measure_.number(1));
  if (depth_.events > 0)
    depth_.oldest = measure_.time(2);
  measure_.fresh();
}

} // namespace plenary
