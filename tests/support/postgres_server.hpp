#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <memory>
#include <string>

namespace plenary::test {

/// A real PostgreSQL server of this process alone, on a socket in a temporary directory, run by an
/// unprivileged user; its data goes with the object. What is committed survives `kill()`, not a crash of the
/// machine.
class postgres_server {
public:
  /// Makes an empty cluster and starts it.
  postgres_server();

  /// Starts it again after `kill`.
  void start();

  /// Ends it at once, without a word to its clients, as `pg_ctl stop -m immediate` does.
  void kill();

  /// Makes an empty database and returns its URL.
  std::string make_database();

  /// The rows that a statement gives in the database of that URL, columns apart by `|`.
  std::string ask(const std::string& database_url, const std::string& statement) const;

  /// Of a database of this server, for example the one named `postgres`.
  std::string url(const std::string& database) const;

private:
  temporary_directory directory_;
  std::string data_;
  std::unique_ptr<child_process> process_;
  int databases_ = 0;
};

} // namespace plenary::test
