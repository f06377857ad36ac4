#include "node/store/store_writer.hpp"

#include <algorithm>
#include <iterator>

namespace plenary {

namespace {

using std::chrono::steady_clock;

/// Bounds the length of one transaction; a guess that holds it near 10 ms.
constexpr std::size_t max_batch = 512;
/// Taken up even when a full batch waits for the disk, so that reads are answered meanwhile.
constexpr std::size_t min_new_tasks = 64;
constexpr std::chrono::milliseconds first_backoff{20};
constexpr std::chrono::milliseconds max_backoff{1000};
constexpr std::chrono::seconds prune_interval{60};
constexpr std::chrono::seconds disk_interval{1};
constexpr std::int64_t prune_limit = 500;

} // namespace

store_tables::store_tables(const std::string& path)
    : connection(path)
    , calls(connection)
    , outbox(connection) {}

store_writer::store_writer(std::unique_ptr<store_tables> tables, std::string path, store_settings settings,
                           telemetry& figures, logger& log)
    : tables_(std::move(tables))
    , path_(std::move(path))
    , settings_(std::move(settings))
    , figures_(figures)
    , log_(log) {
  thread_ = std::thread{[this] { run(); }};
}

store_writer::~store_writer() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void store_writer::submit(store_task task) {
  std::unique_lock lock{mutex_};
  if (waiting_ >= settings_.most_waiting) {
    lock.unlock();
    return task.finish(fail(errc::limit_reached, "too much waits to be stored"));
  }
  ++waiting_;
  queue_.push_back(std::move(task));
  lock.unlock();
  work_.notify_one();
}

bool store_writer::flush(mono_time deadline) {
  std::unique_lock lock{mutex_};
  return idle_.wait_until(lock, deadline, [this] { return queue_.empty() && !busy_; });
}

void store_writer::run() {
  while (collect()) {
    write_batch();
    if (batch_.empty())
      prune_when_due();
  }
}

/// Waits for work, or for the end of the back-off when a failed batch is in hand; false at the end.
bool store_writer::collect() {
  std::unique_lock lock{mutex_};
  busy_ = !batch_.empty();
  if (!busy_ && queue_.empty())
    idle_.notify_all();
  count_waiting();
  if (busy_)
    wait_out_failure(lock);
  else
    wait_for_work(lock);
  if (stopping_ && give_up_at_ == mono_time::max())
    give_up_at_ = steady_clock::now() + settings_.shutdown_patience;
  auto room = std::max(max_batch - std::min(max_batch, batch_.size()), min_new_tasks);
  auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(room, queue_.size()));
  std::move(queue_.begin(), end, std::back_inserter(batch_));
  queue_.erase(queue_.begin(), end);
  busy_ = !batch_.empty();
  return busy_;
}

/// Under the lock.
void store_writer::count_waiting() {
  waiting_ = queue_.size() + batch_.size();
  figures_.set(gauge::store_waiting, static_cast<double>(waiting_));
}

/// Until the batch is to be tried again; what comes meanwhile and needs no write is answered at once.
void store_writer::wait_out_failure(std::unique_lock<std::mutex>& lock) {
  const auto until = steady_clock::now() + backoff_;
  const auto ends = [this] { return stopping_ && give_up_at_ == mono_time::max(); };
  while (work_.wait_until(lock, until, [&] { return !queue_.empty() || ends(); }) && !ends()) {
    auto fresh = std::exchange(queue_, {});
    lock.unlock();
    for (auto& task : fresh)
      keep_or_answer(std::move(task), refusal_);
    lock.lock();
    count_waiting();
  }
}

void store_writer::wait_for_work(std::unique_lock<std::mutex>& lock) {
  while (!work_.wait_for(lock, disk_interval, [this] { return stopping_ || !queue_.empty(); })) {
    lock.unlock();
    look_at_disk();
    lock.lock();
  }
}

void store_writer::look_at_disk() {
  const auto now = steady_clock::now();
  if (!settings_.health || settings_.least_free_bytes == 0 || now < next_look_)
    return;
  next_look_ = now + disk_interval;
  if (const auto free = free_bytes_beside(path_))
    settings_.health->set_free(*free, settings_.least_free_bytes);
}

void store_writer::write_batch() {
  look_at_disk();
  while (!batch_.empty()) {
    if (try_transaction()) {
      backoff_ = {};
      return finish_batch();
    }
    if (steady_clock::now() >= give_up_at_)
      return give_up_batch();
    if (backoff_ > std::chrono::milliseconds{0})
      return;
  }
}

bool store_writer::try_transaction() {
  auto started = steady_clock::now();
  auto& connection = tables_->connection;
  applying_ = batch_.size();
  try {
    connection.execute("BEGIN IMMEDIATE");
    for (applying_ = 0; applying_ < batch_.size(); ++applying_)
      batch_[applying_].apply(*tables_);
    connection.execute("COMMIT");
    figures_.observe(histogram::commit_duration,
                     std::chrono::duration<double>(steady_clock::now() - started).count());
    if (settings_.health && holds_write())
      settings_.health->succeeded();
    return true;
  } catch (const sqlite_failure& failure) {
    handle_failure(failure);
    return false;
  }
}

void store_writer::handle_failure(const sqlite_failure& failure) {
  if (tables_->connection.in_transaction())
    sqlite3_exec(tables_->connection.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  figures_.count(counter::commit_failures);
  if (applying_ < batch_.size() && !is_passing(failure))
    return drop_refused_task(failure);
  if (settings_.health && holds_write())
    settings_.health->failed(failure.message);
  refusal_ = failure.message;
  keep_only_writes();
  backoff_ = std::clamp(backoff_ * 2, first_backoff, max_backoff);
  log_.error("store_write_failed", {{"reason", std::string_view{failure.message}},
                                    {"sqlite_code", std::int64_t{failure.code}},
                                    {"waiting", static_cast<std::int64_t>(batch_.size())},
                                    {"retry_in_ms", std::int64_t{backoff_.count()}}});
}

/// A task that SQLite refuses for its content would fail for ever: it alone fails, the others go on at once.
void store_writer::drop_refused_task(const sqlite_failure& failure) {
  auto task = std::move(batch_[applying_]);
  batch_.erase(batch_.begin() + static_cast<std::ptrdiff_t>(applying_));
  log_.error("store_task_refused", {{"reason", std::string_view{failure.message}}});
  task.finish(fail(errc::storage, failure.message));
  backoff_ = {};
}

void store_writer::keep_only_writes() {
  for (auto& task : std::exchange(batch_, {}))
    keep_or_answer(std::move(task), refusal_);
}

void store_writer::keep_or_answer(store_task task, const std::string& reason) {
  if (task.policy == when_failed::keep)
    batch_.push_back(std::move(task));
  else if (task.policy == when_failed::run_alone)
    answer_alone(task);
  else
    task.finish(fail(errc::storage, reason));
}

void store_writer::answer_alone(store_task& task) {
  try {
    task.apply(*tables_);
    task.finish({});
  } catch (const sqlite_failure& failure) {
    task.finish(fail(errc::storage, failure.message));
  }
}

bool store_writer::holds_write() const {
  return std::any_of(batch_.begin(), batch_.end(),
                     [](const auto& task) { return task.policy != when_failed::run_alone; });
}

void store_writer::finish_batch() {
  {
    std::lock_guard lock{mutex_};
    waiting_ = queue_.size(); // whoever is told may come with more
  }
  std::uint64_t events = 0;
  for (const auto& task : batch_)
    events += task.events;
  figures_.count(counter::events_committed, events);
  for (auto& task : std::exchange(batch_, {}))
    task.finish({});
}

void store_writer::give_up_batch() {
  log_.error("store_writes_lost", {{"count", static_cast<std::int64_t>(batch_.size())}});
  for (auto& task : std::exchange(batch_, {}))
    task.finish(fail(errc::storage, "the store was closed before the write succeeded"));
}

void store_writer::prune_when_due() {
  auto now = steady_clock::now();
  if (now < next_prune_)
    return;
  try {
    auto limit_time = settings_.now() - settings_.keep_finished;
    bool more = tables_->calls.prune(limit_time, prune_limit) == prune_limit;
    more = tables_->outbox.prune(limit_time, prune_limit) == prune_limit || more;
    next_prune_ = more ? now : now + prune_interval;
  } catch (const sqlite_failure& failure) {
    next_prune_ = now + prune_interval;
    log_.warning("store_prune_failed", {{"reason", std::string_view{failure.message}}});
  }
}

} // namespace plenary
