#pragma once

#include "schema/ids.hpp"

#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

/// What PostgreSQL or the way to it reports; thrown inside this folder only.
struct postgres_failure {
  enum class kind {
    refused, ///< the content of a statement: it would fail for ever
    clash,   ///< of two transactions: try again at once
    lost     ///< everything else: the connection is of no more use
  };
  kind what = kind::lost;
  std::string message; ///< never holds the password
};

/// The rows of an answer.
class postgres_rows {
public:
  explicit postgres_rows(PGresult* rows)
      : rows_(rows) {}

  int size() const { return PQntuples(rows_.get()); }
  std::string text(int row, int column) const;
  std::int64_t number(int row, int column) const;
  wall_time time(int row, int column) const;
  bool is_null(int row, int column) const { return PQgetisnull(rows_.get(), row, column) != 0; }

private:
  struct closer {
    void operator()(PGresult* rows) const { PQclear(rows); }
  };
  std::unique_ptr<PGresult, closer> rows_;
};

/// A parameter as PostgreSQL reads it.
struct postgres_value {
  postgres_value(std::string_view value) // NOLINT(google-explicit-constructor): stands in parameter lists
      : text(value) {}
  postgres_value(const std::string& value) // NOLINT(google-explicit-constructor)
      : text(value) {}
  postgres_value(std::int64_t value) // NOLINT(google-explicit-constructor)
      : text(std::to_string(value)) {}
  postgres_value(wall_time value) // NOLINT(google-explicit-constructor)
      : text(std::to_string(value.time_since_epoch().count())) {}

  std::string text;
};

/// One connection; used by one thread at a time. Methods throw `postgres_failure`, also when the deadline
/// passes before the answer is there.
class postgres_connection {
public:
  /// Connects to a `postgresql://` URL; gives up at the deadline or when `stopped` says so.
  postgres_connection(const std::string& url, mono_time deadline, const std::function<bool()>& stopped);

  /// For all that follows.
  void set_deadline(mono_time deadline) { deadline_ = deadline; }

  /// Runs one or more statements without parameters.
  void execute(const std::string& sql);

  /// Makes a statement known under a name.
  void prepare(const char* name, const std::string& sql);

  postgres_rows run(const char* name, std::initializer_list<postgres_value> values);

  bool in_transaction() const { return PQtransactionStatus(handle_.get()) != PQTRANS_IDLE; }

private:
  struct closer {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  void await_connection(mono_time deadline, const std::function<bool()>& stopped);
  postgres_rows await_answer();
  void await_socket(short events);
  [[noreturn]] void fail_lost(const std::string& message) const;
  std::string without_password(std::string message) const;

  std::unique_ptr<PGconn, closer> handle_;
  mono_time deadline_ = mono_time::max();
};

/// True for a URL that libpq can read.
bool is_postgres_url(const std::string& url);

/// True when a server answers at the URL, whatever it thinks of user, password and database.
bool server_answers(const std::string& url);

/// One prepared statement of one connection.
class postgres_statement {
public:
  /// `name` is a literal, different from every other statement's of the connection.
  postgres_statement(postgres_connection& connection, const char* name, const std::string& sql)
      : connection_(connection)
      , name_(name) {
    connection.prepare(name, sql);
  }

  postgres_rows operator()(std::initializer_list<postgres_value> values = {}) const {
    return connection_.run(name_, values);
  }

private:
  postgres_connection& connection_;
  const char* name_;
};

} // namespace plenary
