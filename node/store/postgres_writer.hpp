#pragma once

#include "actors/edge/telemetry.hpp"
#include "node/store/postgres_connector.hpp"
#include "node/store/spool.hpp"
#include "node/store/store_settings.hpp"

#include <deque>

namespace plenary {

/// One piece of work: a write, or else a question.
struct postgres_job {
  std::optional<store_write> write;
  /// Finds the answer; the tables are null while the database is down. May run more than once.
  std::function<void(postgres_tables*, spool&)> ask;
  std::function<void(result<void>)> finish; ///< runs once, when the job is durable, answered or given up
  std::int64_t number = 0;                  ///< of the write
};

/// Calls of a lost process that are to be ended as soon as that may be done.
struct ending_job {
  lost_calls which;
  call_ender end;
  event_store::callback<std::vector<call_id>> done;
  mono_time give_up_at; ///< then the process that goes on writing is not lost
};

/// The store's thread. While the database answers and nothing is left in the spool, everything that waits
/// goes into one transaction there; else writes go to the spool, durable at once, and from its front to the
/// database, in order. So one call's writes never overtake each other.
///
///   direct --(no answer in time)--> spooling --(connected)--> catching up --(spool empty)--> direct
///                                      ^-------(no answer in time)----'
///
/// A write whose COMMIT was not answered goes to the spool as well: the number of each process's last stored
/// write stands in the database and tells whether it had arrived.
class postgres_writer {
public:
  /// `session` may be null: the database is down.
  postgres_writer(postgres_target target, std::unique_ptr<postgres_session> session,
                  std::unique_ptr<spool> waiting, store_settings settings, telemetry& figures, logger& log);

  /// Makes what waits durable, for at most `store_settings::shutdown_patience`, and stops the thread.
  ~postgres_writer();

  postgres_writer(const postgres_writer&) = delete;
  postgres_writer& operator=(const postgres_writer&) = delete;

  /// From any thread.
  void submit(postgres_job job);
  void submit(ending_job job);

  /// Waits until every job submitted so far has finished; false when `deadline` comes first.
  bool flush(mono_time deadline);

private:
  using jobs = std::deque<postgres_job>;

  void run();
  bool collect();
  mono_time wake_up_at() const;
  void write_batch();
  bool store_directly();
  void store_apart();
  void store_together(const jobs& together);
  bool spool_writes();
  jobs take_questions();
  void look_at_disk();
  void tell_stored();
  void answer_questions(const jobs& questions);
  void finish(const jobs& done, const result<void>& outcome);

  void offer(std::unique_ptr<postgres_session> session);
  void adopt(std::unique_ptr<postgres_session> session);
  bool recover(const postgres_failure& failure);
  void drop_session(const std::string& reason);
  void leave();
  mono_time deadline() const;

  void forward();
  void forward_front();
  void forward_chunk(const std::vector<spooled_write>& chunk);
  void forward_failed(const postgres_failure& failure, std::int64_t position);
  void disk_refused(const sqlite_failure& failure);
  void keep_house();
  void end_lost_calls();
  bool end_when_lost(ending_job& job);
  void prune_when_due(mono_time now);
  bool is_old_enough() const;

  postgres_target target_;
  store_settings settings_;
  telemetry& figures_;
  logger& log_;

  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable idle_;
  jobs queue_;                                ///< guarded by `mutex_`
  std::size_t waiting_ = 0;                   ///< guarded by `mutex_`: in the queue and in hand
  std::deque<ending_job> new_endings_;        ///< guarded by `mutex_`
  std::unique_ptr<postgres_session> offered_; ///< guarded by `mutex_`
  bool stopping_ = false;                     ///< guarded by `mutex_`
  bool busy_ = false;                         ///< guarded by `mutex_`: a batch is in hand

  std::unique_ptr<postgres_session> session_; ///< null while the database is down; this thread only, as below
  std::unique_ptr<spool> spool_;
  jobs batch_;
  std::deque<ending_job> endings_;
  std::int64_t numbers_ = 0;
  std::int64_t chunk_ = 1;    ///< grows with each success
  mono_time disk_again_at_{}; ///< while it refuses
  mono_time give_up_at_ = mono_time::max();
  mono_time next_round_{};
  mono_time next_prune_{};
  postgres_connector connector_;
  std::thread thread_;
};

} // namespace plenary
