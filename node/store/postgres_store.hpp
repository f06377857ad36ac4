#pragma once

#include "actors/edge/event_store.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/store/store_settings.hpp"

#include <memory>
#include <string>

namespace plenary {

class file_lock;
class postgres_writer;

/// The store that all nodes of a cluster share: any node delivers any event. While PostgreSQL does not
/// answer, what is committed and settled is durable in a spool on this node's disk and follows in order,
/// once, when PostgreSQL is back; no events are leased meanwhile, and questions are answered from the spool
/// or fail with `unavailable`.
class postgres_store final : public event_store {
public:
  /// Connects, and makes or opens the spool; `figures` and `log` must outlive the store. A database that
  /// cannot be reached is waited for; one that refuses user, password or database, or whose tables are newer
  /// than this program, fails with `storage`, as does a spool that cannot be used.
  static result<std::unique_ptr<postgres_store>> open(const std::string& url, const std::string& spool_path,
                                                      telemetry& figures, logger& log,
                                                      store_settings settings = {});

  /// Makes what waits durable and gives this node's leases back.
  ~postgres_store() override;

  bool shared() const override { return true; }
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
  postgres_store(std::unique_ptr<file_lock> lock, std::unique_ptr<postgres_writer> writer);

  std::unique_ptr<file_lock> lock_; ///< of the spool; released after the writer has closed it
  std::unique_ptr<postgres_writer> writer_;
};

} // namespace plenary
