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

  /// Inserts the record or replaces the one of the same id; false when that one is terminal and stays.
  bool put(const call_record& record);

  result<std::optional<call_record>> find(const call_id& id);

  /// Every record of that node (empty: of any) without terminal status, the oldest first.
  result<std::vector<call_record>> unfinished(const node_name& node);

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
