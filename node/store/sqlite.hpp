#pragma once

#include "schema/ids.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace plenary {

/// What SQLite reports; thrown inside this folder only and caught before a callback runs.
struct sqlite_failure {
  int code = SQLITE_ERROR; ///< primary result code
  std::string message;
};

/// True for failures that can pass: disk full, I/O error, file locked by another program, out of memory.
bool is_passing(const sqlite_failure& failure);

/// One connection; used by one thread at a time. Methods throw `sqlite_failure`.
class sqlite_connection {
public:
  /// Opens or creates the file.
  explicit sqlite_connection(const std::string& path);

  /// Runs statements that yield no rows.
  void execute(const char* sql);

  /// First column of the first row as a number; 0 when there is no row.
  std::int64_t number(const char* sql);

  /// Rows changed by the latest statement.
  int changes() const { return sqlite3_changes(handle_.get()); }

  /// True between BEGIN and COMMIT or ROLLBACK; SQLite itself rolls back on some failures.
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

  sqlite3* handle() const { return handle_.get(); }

private:
  struct closer {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, closer> handle_;
};

/// One prepared statement. Bind in order with `<<`, then `row()` until it is false or `run()`.
class sqlite_statement {
public:
  sqlite_statement(sqlite_connection& connection, std::string_view sql);

  /// Forgets the last run and its bound values; to be called before binding anew.
  sqlite_statement& fresh();

  sqlite_statement& operator<<(std::string_view text);
  sqlite_statement& operator<<(std::int64_t number);
  sqlite_statement& operator<<(wall_time time);
  sqlite_statement& operator<<(std::optional<wall_time> time);

  /// Steps to the next row; false at the end.
  bool row();

  /// Runs a statement that yields no rows.
  void run();

  std::string text(int column) const;
  std::int64_t number(int column) const;
  wall_time time(int column) const;

private:
  struct closer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void check(int code) const;

  sqlite3* connection_;
  std::unique_ptr<sqlite3_stmt, closer> statement_;
  int bound_ = 0;
};

} // namespace plenary
