#pragma once

#include "node/store/sqlite.hpp"
#include "schema/call.hpp"
#include "schema/result.hpp"

#include <optional>
#include <vector>

namespace plenary {

/// The table of call records. Methods throw `sqlite_failure` and run inside the writer's transaction.
class call_table {
public:
  explicit call_table(sqlite_connection& connection);

  /// Inserts the record or replaces the one of the same id.
  void put(const call_record& record);

  result<std::optional<call_record>> find(const call_id& id);

  /// Every record without terminal status, the oldest first.
  result<std::vector<call_record>> unfinished();

  /// Removes at most `limit` calls that ended before `limit_time`; returns how many.
  int prune(wall_time limit_time, std::int64_t limit);

private:
  sqlite_connection& connection_;
  sqlite_statement put_;
  sqlite_statement find_;
  sqlite_statement unfinished_;
  sqlite_statement prune_;
};

} // namespace plenary
