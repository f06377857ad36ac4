#include "node/store/call_table.hpp"

#include "node/store/call_row.hpp"

namespace plenary {

namespace {

std::optional<wall_time> finished_at(const call_record& record) {
  if (!is_terminal(record.status))
    return std::nullopt;
  return record.ended_at.value_or(record.created_at);
}

} // namespace

call_table::call_table(sqlite_connection& connection)
    : connection_(connection)
    , put_(connection,
           "INSERT INTO calls (id, application, status, created_at, finished_at, record) "
           "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET application = excluded.application, "
           "status = excluded.status, created_at = excluded.created_at, finished_at = excluded.finished_at, "
           "record = excluded.record WHERE calls.finished_at IS NULL")
    , find_(connection, "SELECT record FROM calls WHERE id = ?")
    , unfinished_(connection, "SELECT record FROM calls WHERE finished_at IS NULL ORDER BY created_at")
    , prune_(connection, "DELETE FROM calls WHERE id IN "
                         "(SELECT id FROM calls WHERE finished_at < ? ORDER BY finished_at LIMIT ?)") {}

bool call_table::put(const call_record& record) {
  put_.fresh() << record.id.value << record.application.value << to_string(record.status) << record.created_at
               << finished_at(record) << to_row(record);
  put_.run();
  return connection_.changes() == 1;
}

result<std::optional<call_record>> call_table::find(const call_id& id) {
  find_.fresh() << id.value;
  if (!find_.row())
    return std::nullopt;
  auto record = from_row(find_.text(0));
  find_.fresh();
  if (!record)
    return tl::unexpected(record.error());
  return std::move(*record);
}

result<std::vector<call_record>> call_table::unfinished(const node_name& node) {
  std::vector<call_record> records;
  unfinished_.fresh();
  while (unfinished_.row()) {
    auto record = from_row(unfinished_.text(0));
    if (!record) {
      unfinished_.fresh();
      return tl::unexpected(record.error());
    }
    if (node.value.empty() || record->node == node)
      records.push_back(std::move(*record));
  }
  return records;
}

int call_table::prune(wall_time limit_time, std::int64_t limit) {
  (prune_.fresh() << limit_time << limit).run();
  return connection_.changes();
}

} // namespace plenary
