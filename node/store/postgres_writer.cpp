#include "node/store/postgres_writer.hpp"

#include "node/store/late_commits.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace plenary {

namespace {

using std::chrono::steady_clock;
using kind = postgres_failure::kind;

/// Bounds the length of one transaction; a guess that holds it near 20 ms.
constexpr std::size_t max_batch = 512;
/// Taken up even when a full batch waits for the disk, so that questions are answered meanwhile.
constexpr std::size_t min_new_jobs = 64;
/// Transactions that clash with another node's are repeated so often.
constexpr int max_clashes = 5;
/// Between two looks at what is left to do, while the database is down.
constexpr std::chrono::seconds writer_round{1};
/// How long a process that is said to be lost may go on writing until that is taken for a mistake.
constexpr std::chrono::seconds ending_patience{30};

} // namespace

postgres_writer::postgres_writer(postgres_target target, std::unique_ptr<postgres_session> session,
                                 std::unique_ptr<spool> waiting, store_settings settings, telemetry& figures,
                                 logger& log)
    : target_(std::move(target))
    , settings_(std::move(settings))
    , figures_(figures)
    , log_(log)
    , offered_(std::move(session))
    , spool_(std::move(waiting))
    , connector_(
          target_, [this](auto found) { offer(std::move(found)); }, log) {
  figures_.set(gauge::store_connected, offered_ ? 1 : 0);
  figures_.set(gauge::events_in_spool, static_cast<double>(spool_->depth().events));
  if (!offered_)
    connector_.want();
  thread_ = std::thread{[this] { run(); }};
}

postgres_writer::~postgres_writer() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void postgres_writer::submit(postgres_job job) {
  std::unique_lock lock{mutex_};
  if (waiting_ >= settings_.most_waiting) {
    lock.unlock();
    return job.finish(fail(errc::limit_reached, "too much waits to be stored"));
  }
  ++waiting_;
  queue_.push_back(std::move(job));
  lock.unlock();
  work_.notify_one();
}

void postgres_writer::submit(ending_job job) {
  job.give_up_at = steady_clock::now() + ending_patience;
  {
    std::lock_guard lock{mutex_};
    new_endings_.push_back(std::move(job));
  }
  work_.notify_one();
}

bool postgres_writer::flush(mono_time deadline) {
  std::unique_lock lock{mutex_};
  return idle_.wait_until(lock, deadline, [this] { return queue_.empty() && !busy_; });
}

void postgres_writer::offer(std::unique_ptr<postgres_session> session) {
  {
    std::lock_guard lock{mutex_};
    offered_ = std::move(session);
  }
  work_.notify_one();
}

void postgres_writer::run() {
  while (collect()) {
    if (!batch_.empty())
      write_batch();
    forward();
    look_at_disk();
    keep_house();
    figures_.set(gauge::events_in_spool, static_cast<double>(spool_->depth().events));
  }
  leave();
}

/// Waits for something to do; false at the end.
bool postgres_writer::collect() {
  std::unique_lock lock{mutex_};
  busy_ = !batch_.empty();
  waiting_ = queue_.size() + batch_.size();
  figures_.set(gauge::store_waiting, static_cast<double>(waiting_));
  if (!busy_ && queue_.empty())
    idle_.notify_all();
  work_.wait_until(lock, wake_up_at(), [this] {
    return (batch_.empty() && !queue_.empty()) || offered_ || !new_endings_.empty() ||
           (stopping_ && give_up_at_ == mono_time::max());
  });
  if (stopping_ && give_up_at_ == mono_time::max())
    give_up_at_ = steady_clock::now() + settings_.shutdown_patience;
  if (offered_)
    adopt(std::move(offered_));
  if (!new_endings_.empty())
    next_round_ = {};
  std::move(new_endings_.begin(), new_endings_.end(), std::back_inserter(endings_));
  new_endings_.clear();
  const auto room = std::max(max_batch - std::min(max_batch, batch_.size()), min_new_jobs);
  auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(room, queue_.size()));
  for (auto job = queue_.begin(); job != end; ++job)
    if (job->write)
      job->number = ++numbers_;
  std::move(queue_.begin(), end, std::back_inserter(batch_));
  queue_.erase(queue_.begin(), end);
  busy_ = !batch_.empty();
  return !stopping_ || busy_;
}

/// When this thread has something to do although nobody asks.
mono_time postgres_writer::wake_up_at() const {
  if (!batch_.empty())
    return disk_again_at_;
  if (session_ && spool_->depth().writes > 0)
    return disk_again_at_;
  return session_ ? next_round_ : mono_time{steady_clock::now() + writer_round};
}

void postgres_writer::adopt(std::unique_ptr<postgres_session> session) {
  session_ = std::move(session);
  next_round_ = {};
  figures_.set(gauge::store_connected, 1);
  log_.info("database_connected", {{"spooled_writes", static_cast<std::int64_t>(spool_->depth().writes)}});
}

void postgres_writer::write_batch() {
  if (session_ && spool_->depth().writes == 0 && store_directly())
    return;
  const bool spooled = spool_writes();
  answer_questions(take_questions());
  if (!spooled && steady_clock::now() >= give_up_at_)
    finish(std::exchange(batch_, {}), fail(errc::storage, "the store was closed before the write succeeded"));
}

/// They wait for no disk.
postgres_writer::jobs postgres_writer::take_questions() {
  const auto first = std::stable_partition(batch_.begin(), batch_.end(),
                                           [](const auto& job) { return job.write.has_value(); });
  jobs questions{std::make_move_iterator(first), std::make_move_iterator(batch_.end())};
  batch_.erase(first, batch_.end());
  return questions;
}

/// While the database answers, this node's disk does not matter.
void postgres_writer::look_at_disk() {
  if (!settings_.health || settings_.least_free_bytes == 0)
    return;
  if (session_ && spool_->depth().writes == 0)
    return settings_.health->set_free(settings_.least_free_bytes, settings_.least_free_bytes);
  if (const auto free = free_bytes_beside(spool_->path()))
    settings_.health->set_free(*free, settings_.least_free_bytes);
}

void postgres_writer::tell_stored() {
  if (settings_.health)
    settings_.health->succeeded();
}

/// False when the database does not answer; then nobody knows whether it has the writes.
bool postgres_writer::store_directly() {
  for (int clashes = 0; clashes < max_clashes; ++clashes) {
    try {
      store_together(batch_);
      tell_stored();
      finish(std::exchange(batch_, {}), {});
      return true;
    } catch (const postgres_failure& failure) {
      figures_.count(counter::commit_failures);
      if (!recover(failure))
        return false;
      if (failure.what == kind::refused) {
        store_apart();
        return batch_.empty();
      }
    }
  }
  drop_session("too many clashes with other nodes");
  return false;
}

/// One transaction for many jobs, the writes first: no answer depends on what was asked before it. Writes
/// that have arrived already, in a transaction whose COMMIT was not answered, are left out.
void postgres_writer::store_together(const jobs& together) {
  auto started = steady_clock::now();
  session_->begin(deadline());
  auto number = std::accumulate(together.begin(), together.end(), std::int64_t{0},
                                [](auto most, const auto& job) { return std::max(most, job.number); });
  std::vector<call_id> late;
  if (number > 0) {
    auto stored = session_->last_write(target_.writer);
    std::vector<const store_write*> writes;
    for (const auto& job : together)
      if (job.write && job.number > stored)
        writes.push_back(&*job.write);
    session_->note_write(target_.writer, std::max(number, stored));
    late = session_->tables().apply(merged(writes));
  }
  for (const auto& job : together)
    if (!job.write)
      job.ask(&session_->tables(), *spool_);
  session_->commit();
  figures_.observe(histogram::commit_duration,
                   std::chrono::duration<double>(steady_clock::now() - started).count());
  tell_late_commits(late, figures_, log_);
}

/// One of the jobs cannot be stored: each goes alone, and only that one fails. What is left in the batch when
/// the connection is lost goes to the spool.
void postgres_writer::store_apart() {
  while (!batch_.empty() && session_) {
    jobs one;
    one.push_back(std::move(batch_.front()));
    batch_.pop_front();
    result<void> outcome;
    try {
      store_together(one);
    } catch (const postgres_failure& failure) {
      if (!recover(failure) || failure.what == kind::clash) {
        batch_.push_front(std::move(one.front()));
        continue;
      }
      log_.error("store_task_refused", {{"reason", std::string_view{failure.message}}});
      outcome = fail(errc::storage, failure.message);
    }
    finish(one, outcome);
  }
}

/// Leaves the questions in the batch. False when the disk refuses; then everything waits in memory.
bool postgres_writer::spool_writes() {
  auto first_question =
      std::stable_partition(batch_.begin(), batch_.end(), [](const auto& job) { return !!job.write; });
  std::vector<spooled_write> writes;
  std::uint64_t events = 0;
  for (auto job = batch_.begin(); job != first_question; ++job) {
    writes.push_back({0, target_.writer, job->number, *job->write});
    events += job->write->batch.events.size();
  }
  if (writes.empty())
    return true;
  try {
    spool_->append(writes);
  } catch (const sqlite_failure& failure) {
    disk_refused(failure);
    return false;
  }
  tell_stored();
  figures_.count(counter::events_spooled, events);
  jobs written{std::make_move_iterator(batch_.begin()), std::make_move_iterator(first_question)};
  batch_.erase(batch_.begin(), first_question);
  finish(written, {});
  return true;
}

void postgres_writer::answer_questions(const jobs& questions) {
  if (questions.empty())
    return;
  result<void> outcome;
  bool answered = false;
  if (session_)
    try {
      store_together(questions);
      answered = true;
    } catch (const postgres_failure& failure) {
      answered = recover(failure) && failure.what == kind::refused;
      outcome = fail(errc::storage, failure.message);
    }
  if (!answered)
    for (const auto& job : questions)
      job.ask(nullptr, *spool_);
  finish(questions, answered ? outcome : result<void>{});
}

void postgres_writer::finish(const jobs& done, const result<void>& outcome) {
  {
    std::lock_guard lock{mutex_};
    waiting_ -= std::min(waiting_, done.size()); // whoever is told may come with more
  }
  std::uint64_t events = 0;
  for (const auto& job : done)
    events += outcome && job.write ? job.write->batch.events.size() : 0;
  figures_.count(counter::events_committed, events);
  for (const auto& job : done)
    job.finish(outcome);
}

mono_time postgres_writer::deadline() const {
  return steady_clock::now() + settings_.answer_patience;
}

/// Makes the connection usable after a failure; false when it is lost.
bool postgres_writer::recover(const postgres_failure& failure) {
  if (failure.what != kind::lost) {
    try {
      session_->roll_back();
      return true;
    } catch (const postgres_failure& lost) {
      drop_session(lost.message);
      return false;
    }
  }
  drop_session(failure.message);
  return false;
}

void postgres_writer::drop_session(const std::string& reason) {
  session_.reset();
  figures_.set(gauge::store_connected, 0);
  log_.error("database_lost", {{"reason", std::string_view{reason}}});
  connector_.want();
}

void postgres_writer::leave() {
  for (auto& job : endings_)
    job.done(fail(errc::unavailable, "the store was closed"));
  if (!session_)
    return;
  try {
    session_->begin(deadline());
    session_->leave();
    session_->commit();
  } catch (const postgres_failure& failure) {
    log_.warning("database_left_without_word", {{"reason", std::string_view{failure.message}}});
  }
}

} // namespace plenary
