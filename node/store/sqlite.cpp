#include "node/store/sqlite.hpp"

#include <chrono>

namespace plenary {

namespace {

std::int64_t bound_nanoseconds(wall_time time) {
  return time.time_since_epoch().count();
}

[[noreturn]] void fail_with(sqlite3* handle, int code) {
  throw sqlite_failure{code & 0xff, handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code)};
}

} // namespace

bool is_passing(const sqlite_failure& failure) {
  switch (failure.code) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
  case SQLITE_FULL:
  case SQLITE_IOERR:
  case SQLITE_NOMEM:
  case SQLITE_CANTOPEN:
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return true;
  default:
    return false;
  }
}

sqlite_connection::sqlite_connection(const std::string& path) {
  sqlite3* handle = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &handle,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK)
    fail_with(handle, code);
}

void sqlite_connection::execute(const char* sql) {
  int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    fail_with(handle_.get(), code);
}

std::int64_t sqlite_connection::number(const char* sql) {
  sqlite_statement statement{*this, sql};
  return statement.row() ? statement.number(0) : 0;
}

sqlite_statement::sqlite_statement(sqlite_connection& connection, std::string_view sql)
    : connection_(connection.handle()) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()),
                                SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  statement_.reset(statement);
  check(code);
}

sqlite_statement& sqlite_statement::fresh() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  bound_ = 0;
  return *this;
}

sqlite_statement& sqlite_statement::operator<<(std::string_view text) {
  const char* bytes = text.empty() ? "" : text.data();
  check(sqlite3_bind_text64(statement_.get(), ++bound_, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

sqlite_statement& sqlite_statement::operator<<(std::int64_t number) {
  check(sqlite3_bind_int64(statement_.get(), ++bound_, number));
  return *this;
}

sqlite_statement& sqlite_statement::operator<<(wall_time time) {
  return *this << bound_nanoseconds(time);
}

sqlite_statement& sqlite_statement::operator<<(std::optional<wall_time> time) {
  if (time)
    return *this << *time;
  check(sqlite3_bind_null(statement_.get(), ++bound_));
  return *this;
}

bool sqlite_statement::row() {
  int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW)
    return true;
  if (code != SQLITE_DONE) {
    sqlite_failure failure{code & 0xff, sqlite3_errmsg(connection_)};
    sqlite3_reset(statement_.get());
    throw failure;
  }
  sqlite3_reset(statement_.get());
  return false;
}

void sqlite_statement::run() {
  while (row()) {
  }
}

std::string sqlite_statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return bytes != nullptr ? std::string{bytes, size} : std::string{};
}

std::int64_t sqlite_statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

wall_time sqlite_statement::time(int column) const {
  return wall_time{std::chrono::nanoseconds{number(column)}};
}

void sqlite_statement::check(int code) const {
  if (code != SQLITE_OK)
    fail_with(connection_, code);
}

} // namespace plenary
