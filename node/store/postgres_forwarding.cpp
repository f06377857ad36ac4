// The part of postgres_writer that works when nobody asks: the way from the spool to the database, signs of
// life, lost processes, old rows.
#include "node/store/late_commits.hpp"
#include "node/store/postgres_writer.hpp"

#include <algorithm>
#include <utility>

namespace plenary {

namespace {

using std::chrono::steady_clock;
using kind = postgres_failure::kind;

/// Writes that one transaction brings from the spool to the database.
constexpr std::int64_t max_chunk = 512;
/// Between two signs of life.
constexpr std::chrono::seconds forwarding_round{1};
constexpr std::chrono::milliseconds disk_pause{200};
constexpr std::chrono::seconds prune_interval{60};
constexpr std::int64_t prune_limit = 500;

} // namespace

/// Brings one chunk from the spool to the database; smaller ones when they take too long.
void postgres_writer::forward() {
  if (!session_ || spool_->depth().writes == 0 || steady_clock::now() < disk_again_at_)
    return;
  try {
    forward_front();
  } catch (const sqlite_failure& failure) {
    disk_refused(failure); // what is then sent again is known by its number
  }
}

void postgres_writer::forward_front() {
  auto chunk = spool_->front(chunk_);
  try {
    forward_chunk(chunk);
  } catch (const postgres_failure& failure) {
    figures_.count(counter::commit_failures);
    return forward_failed(failure, chunk.front().position);
  }
  spool_->remove_through(chunk.back().position);
  tell_stored();
  chunk_ = std::min(max_chunk, chunk_ * 2);
}

void postgres_writer::forward_chunk(const std::vector<spooled_write>& chunk) {
  const auto& writer = chunk.front().writer;
  session_->begin(deadline());
  auto stored = session_->last_write(writer);
  std::vector<const store_write*> writes;
  for (const auto& write : chunk) {
    if (write.number <= stored)
      continue;
    if (!write.content)
      throw postgres_failure{kind::refused, write.content.error().message};
    writes.push_back(&*write.content);
  }
  session_->note_write(writer, std::max(stored, chunk.back().number));
  auto late = session_->tables().apply(merged(writes));
  session_->commit();
  tell_late_commits(late, figures_, log_);
}

/// A write that would be refused for ever is put aside once it is alone in its transaction.
void postgres_writer::forward_failed(const postgres_failure& failure, std::int64_t position) {
  bool alone =
      std::exchange(chunk_, failure.what == kind::refused ? 1 : std::max<std::int64_t>(1, chunk_ / 2)) == 1;
  if (!recover(failure) || failure.what != kind::refused || !alone)
    return;
  log_.error("spooled_write_refused",
             {{"position", position}, {"reason", std::string_view{failure.message}}});
  spool_->refuse(position);
}

void postgres_writer::disk_refused(const sqlite_failure& failure) {
  figures_.count(counter::commit_failures);
  log_.error("spool_write_failed", {{"reason", std::string_view{failure.message}},
                                    {"waiting", static_cast<std::int64_t>(batch_.size())}});
  if (settings_.health)
    settings_.health->failed(failure.message);
  disk_again_at_ = steady_clock::now() + disk_pause;
}

void postgres_writer::keep_house() {
  auto now = steady_clock::now();
  if (!session_ || now < next_round_)
    return;
  next_round_ = now + forwarding_round;
  try {
    session_->begin(deadline());
    session_->beat();
    if (is_old_enough())
      session_->free_silent_leases();
    session_->commit();
    end_lost_calls();
    prune_when_due(now);
  } catch (const postgres_failure& failure) {
    recover(failure);
  }
}

/// After an outage of the database every process seems silent until it has connected again.
bool postgres_writer::is_old_enough() const {
  return steady_clock::now() >= session_->since() + settings_.silence;
}

/// Earlier writes may still stand in the spool: they go first.
void postgres_writer::end_lost_calls() {
  if (spool_->depth().writes > 0)
    return;
  while (!endings_.empty() && end_when_lost(endings_.front()))
    endings_.pop_front();
  for (std::size_t i = 1; i < endings_.size();)
    if (end_when_lost(endings_[i]))
      endings_.erase(endings_.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
}

/// True when the job is done with.
bool postgres_writer::end_when_lost(ending_job& job) {
  bool own = job.which.node == settings_.node || job.which.node.value.empty();
  if (!own && !is_old_enough())
    return false;
  session_->begin(deadline());
  auto fate = own ? writer_fate::silent : session_->fate_of(job.which);
  result<std::vector<call_id>> ended = std::vector<call_id>{};
  if (fate == writer_fate::silent)
    ended = session_->tables().end_calls(job.which, job.end);
  session_->commit();
  if (fate == writer_fate::writing && steady_clock::now() < job.give_up_at)
    return false;
  if (fate == writer_fate::writing)
    log_.warning("lost_node_writes_on", {{"node", std::string_view{job.which.node.value}}});
  job.done(std::move(ended));
  return true;
}

void postgres_writer::prune_when_due(mono_time now) {
  if (now < next_prune_)
    return;
  session_->begin(deadline());
  auto removed = session_->tables().prune(settings_.now() - settings_.keep_finished, prune_limit);
  session_->forget_writers(settings_.keep_finished);
  session_->commit();
  next_prune_ = removed == prune_limit ? now : now + prune_interval;
}

} // namespace plenary
