#pragma once

#include "node/store/postgres.hpp"
#include "node/store/postgres_tables.hpp"

#include <memory>
#include <string>

namespace plenary {

/// Where the database is and who asks.
struct postgres_target {
  std::string url;    ///< may hold a password
  std::string writer; ///< `writer_name` of this process
  std::chrono::milliseconds silence{7000};
};

/// Whether a process has died, as far as the database can tell.
enum class writer_fate {
  silent,  ///< it wrote nothing for the time of silence
  writing, ///< it may live
  restarted
};

/// A connection that is ready for work: tables at this program's version, statements prepared, this process
/// known. Methods throw `postgres_failure`.
class postgres_session {
public:
  /// Fails with `unavailable` when the database cannot be reached, with `storage` when it cannot be used.
  static result<std::unique_ptr<postgres_session>> open(const postgres_target& target, mono_time deadline,
                                                        const std::function<bool()>& stopped);

  postgres_session(postgres_connection connection, const postgres_target& target);

  /// Starts a transaction that has to end by the deadline.
  void begin(mono_time deadline);
  void commit() { connection_->execute("COMMIT"); }
  /// Ends a transaction that failed; throws when the connection is lost.
  void roll_back();

  /// Number of the writer's last stored write, locked until the transaction ends.
  std::int64_t last_write(const std::string& writer);
  void note_write(const std::string& writer, std::int64_t number);

  /// Says that this process lives.
  void beat();

  /// Ends the leases of processes that wrote nothing for the time of silence.
  void free_silent_leases();

  /// Forgets processes that have been silent for so long.
  void forget_writers(std::chrono::hours age);

  /// Ends this process's leases and says that it is gone.
  void leave();

  writer_fate fate_of(const lost_calls& which);

  postgres_tables& tables() { return tables_; }
  mono_time since() const { return since_; }

private:
  void arrive();

  std::unique_ptr<postgres_connection> connection_; ///< the statements point to it
  postgres_target target_;
  postgres_tables tables_;
  postgres_statement last_write_;
  postgres_statement note_write_;
  postgres_statement arrive_;
  postgres_statement replace_;
  postgres_statement free_replaced_;
  postgres_statement beat_;
  postgres_statement free_silent_;
  postgres_statement free_own_;
  postgres_statement leave_;
  postgres_statement fate_;
  postgres_statement forget_;
  mono_time since_ = std::chrono::steady_clock::now();
};

} // namespace plenary
