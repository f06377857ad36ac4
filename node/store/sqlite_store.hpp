#pragma once

#include "actors/edge/event_store.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/store/store_settings.hpp"

#include <memory>
#include <string>

namespace plenary {

class file_lock;
class store_writer;

/// The embedded store: one SQLite file, durable at every success (WAL, `synchronous=FULL`), written by one
/// thread. A write that fails for a passing reason (disk full, file busy) waits in memory and is tried again
/// in order.
class sqlite_store : public event_store {
public:
  /// Opens or creates the file; `figures` and `log` must outlive the store. Fails with `storage` when the
  /// file cannot be opened, belongs to another program, is in use by another node or has a newer schema.
  static result<std::unique_ptr<sqlite_store>> open(const std::string& path, telemetry& figures, logger& log,
                                                    store_settings settings = {});

  /// Writes what waits, then closes the file.
  ~sqlite_store() override;

  bool shared() const override { return false; }
  void commit(commit_batch batch, callback<void> done) override;
  void claim(std::vector<claim_share> shares, wall_time now, std::chrono::seconds lease,
             callback<std::vector<due_event>> done) override;
  void settle(std::vector<delivery_outcome> outcomes, callback<void> done) override;
  void find_call(call_id id, callback<std::optional<call_record>> done) override;
  void end_calls(lost_calls which, call_ender end, callback<std::vector<call_id>> done) override;
  void depth(callback<outbox_depth> done) override;
  void dead_letters(application_id application, std::size_t limit,
                    callback<std::vector<dead_letter>> done) override;
  void replay(std::string event_id, callback<void> done) override;
  bool flush(mono_time deadline) override;

private:
  sqlite_store(std::unique_ptr<file_lock> lock, std::unique_ptr<store_writer> writer, telemetry& figures,
               logger& log);

  telemetry& figures_;
  logger& log_;
  std::unique_ptr<file_lock> lock_; ///< released after the writer has closed the file
  std::unique_ptr<store_writer> writer_;
};

} // namespace plenary
