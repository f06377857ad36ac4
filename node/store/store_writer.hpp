#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/store/call_table.hpp"
#include "node/store/outbox_table.hpp"
#include "node/store/sqlite.hpp"
#include "node/store/store_settings.hpp"
#include "schema/result.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace plenary {

/// The open file and its prepared statements.
struct store_tables {
  explicit store_tables(const std::string& path);

  sqlite_connection connection;
  call_table calls;
  outbox_table outbox;
};

/// What becomes of a task when the transaction that holds it fails for a passing reason.
enum class when_failed {
  keep,      ///< stays in memory and is tried again, in order
  run_alone, ///< reads: answered at once from what is durable
  give_up    ///< answered with `storage`
};

/// One piece of work of the writer thread.
struct store_task {
  std::function<void(store_tables&)> apply; ///< may run more than once; throws `sqlite_failure`
  std::function<void(result<void>)> finish; ///< runs once, after COMMIT or when the task is given up
  when_failed policy = when_failed::keep;
  std::uint64_t events = 0; ///< events that the task adds to the outbox, for the counter
};

/// The store's thread: puts everything that waits into one transaction, so that one fsync serves many
/// callers.
class store_writer {
public:
  /// `path`: of the file, beside which space is looked for.
  store_writer(std::unique_ptr<store_tables> tables, std::string path, store_settings settings,
               telemetry& figures, logger& log);

  /// Writes what waits, for at most `store_settings::shutdown_patience`, and stops the thread.
  ~store_writer();

  store_writer(const store_writer&) = delete;
  store_writer& operator=(const store_writer&) = delete;

  /// Adds a task at the end of the queue; from any thread.
  void submit(store_task task);

  /// Waits until everything submitted so far is durable or answered; false when `deadline` comes first.
  bool flush(mono_time deadline);

private:
  void run();
  bool collect();
  void write_batch();
  bool try_transaction();
  void handle_failure(const sqlite_failure& failure);
  void finish_batch();
  void drop_refused_task(const sqlite_failure& failure);
  void keep_only_writes();
  void keep_or_answer(store_task task, const std::string& reason);
  void count_waiting();
  void wait_out_failure(std::unique_lock<std::mutex>& lock);
  void answer_alone(store_task& task);
  bool holds_write() const; ///< whether the disk has to take something of what is in hand
  void give_up_batch();
  void prune_when_due();
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  void look_at_disk();

  std::unique_ptr<store_tables> tables_;
  const std::string path_;
  store_settings settings_;
  telemetry& figures_;
  logger& log_;

  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable idle_;
  std::deque<store_task> queue_; ///< guarded by `mutex_`
  std::size_t waiting_ = 0;      ///< guarded by `mutex_`: in the queue and in hand
  bool stopping_ = false;        ///< guarded by `mutex_`
  bool busy_ = false;            ///< guarded by `mutex_`: a batch is in hand

  std::deque<store_task> batch_; ///< writer thread only, like all below
  std::size_t applying_ = 0;     ///< index in `batch_` of the task that runs
  std::chrono::milliseconds backoff_{0};
  std::string refusal_; ///< why the latest transaction failed
  mono_time give_up_at_ = mono_time::max();
  mono_time next_prune_{};
  mono_time next_look_{};
  std::thread thread_;
};

} // namespace plenary
