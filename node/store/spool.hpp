#pragma once

#include "node/store/sqlite.hpp"
#include "node/store/store_write.hpp"

#include <optional>
#include <string>
#include <vector>

namespace plenary {

/// A write that waits on this node's disk.
struct spooled_write {
  std::int64_t position = 0;
  std::string writer;      ///< which process wrote it; see postgres_tables
  std::int64_t number = 0; ///< of the writer's writes
  result<store_write> content = store_write{};
};

/// How much waits.
struct spool_depth {
  std::uint64_t writes = 0;
  std::uint64_t events = 0;
  std::optional<wall_time> oldest; ///< of the events
};

/// What the database does not know yet: a SQLite file of this node, durable at every COMMIT, emptied from the
/// front. Methods throw `sqlite_failure`.
class spool {
public:
  /// Opens or creates the file.
  explicit spool(const std::string& path);

  /// Appends in order, all or nothing.
  void append(const std::vector<spooled_write>& writes);

  /// The oldest writes, at most `limit`, all of one writer.
  std::vector<spooled_write> front(std::int64_t limit);

  /// Forgets everything up to this position.
  void remove_through(std::int64_t position);

  /// Takes a write that the database will never accept out of the way; it stays in the table `refused` for
  /// people to look at.
  void refuse(std::int64_t position);

  /// The latest record of a call among what waits.
  std::optional<call_record> find_call(const call_id& id);

  const spool_depth& depth() const { return depth_; }
  const std::string& path() const { return path_; }

private:
  void insert(const spooled_write& write);
  void count(const std::vector<outbox_event>& events);
  void measure();

  const std::string path_;
  sqlite_connection connection_;
  bool tables_made_; ///< before the statements, which need the tables
  sqlite_statement insert_;
  sqlite_statement insert_call_;
  sqlite_statement front_;
  sqlite_statement remove_;
  sqlite_statement remove_calls_;
  sqlite_statement keep_refused_;
  sqlite_statement find_;
  sqlite_statement measure_;
  spool_depth depth_;
};

} // namespace plenary
