#include "node/store/outbox_table.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

constexpr std::string_view event_columns = "id, application, call, name, sequence, created_at, body, stream";

/// Reads the `event_columns` of the current row.
outbox_event read_event(const sqlite_statement& row) {
  outbox_event event{row.text(0),
                     application_id{row.text(1)},
                     call_id{row.text(2)},
                     row.text(3),
                     static_cast<std::uint64_t>(row.number(4)),
                     row.time(5),
                     row.text(6),
                     row.text(7)};
  if (event.stream == event.call.value)
    event.stream.clear();
  return event;
}

std::int64_t to_signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

std::string columns(std::string_view format) {
  return fmt::format(fmt::runtime(format), fmt::arg("event", event_columns));
}

} // namespace

outbox_table::outbox_table(sqlite_connection& connection)
    : connection_(connection)
    , add_(connection, columns("INSERT OR IGNORE INTO outbox ({event}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                               "RETURNING stream"))
    , due_(connection, columns("SELECT {event}, attempts, position FROM outbox "
                               "WHERE application = ? AND due <= ? ORDER BY due LIMIT ?"))
    , lease_(connection, "UPDATE outbox SET due = ?, leased = 1 WHERE position = ?")
    , bury_(connection, columns("INSERT OR REPLACE INTO dead_letters ({event}, attempts, reason) "
                                "SELECT {event}, attempts + 1, ? FROM outbox WHERE id = ?"))
    , remove_(connection, "DELETE FROM outbox WHERE id = ? RETURNING stream")
    , promote_(connection, "UPDATE outbox SET due = created_at WHERE position = "
                           "(SELECT position FROM outbox WHERE stream = ?1 ORDER BY sequence LIMIT 1) "
                           "AND NOT EXISTS (SELECT 1 FROM outbox WHERE stream = ?1 AND due IS NOT NULL)")
    , reschedule_(connection, "UPDATE outbox SET due = ?, leased = 0, attempts = attempts + ?, reason = ? "
                              "WHERE id = ? AND due IS NOT NULL")
    , depth_(connection, "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM dead_letters), "
                         "(SELECT created_at FROM outbox ORDER BY position LIMIT 1)")
    , dead_letters_(connection, columns("SELECT {event}, attempts, reason FROM dead_letters "
                                        "WHERE application = ? ORDER BY position DESC LIMIT ?"))
    , restore_(connection, columns("INSERT OR IGNORE INTO outbox ({event}) "
                                   "SELECT {event} FROM dead_letters WHERE id = ? RETURNING stream"))
    , forget_(connection, "DELETE FROM dead_letters WHERE id = ?")
    , prune_(connection, "DELETE FROM dead_letters WHERE position IN (SELECT position FROM dead_letters "
                         "WHERE created_at < ? ORDER BY created_at LIMIT ?)") {}

void outbox_table::add(const outbox_event& event) {
  add_.fresh() << event.id << event.application.value << event.call.value << event.name
               << to_signed(event.sequence) << event.created_at << event.body << ordering_key(event);
  bool added = add_.row();
  add_.fresh();
  if (added)
    promote(ordering_key(event));
}

void outbox_table::claim(const claim_share& share, wall_time now, std::chrono::seconds lease,
                         std::vector<due_event>& leased) {
  std::vector<std::int64_t> positions;
  due_.fresh() << share.application.value << now << to_signed(share.limit);
  while (due_.row()) {
    leased.push_back({read_event(due_), static_cast<int>(due_.number(8))});
    positions.push_back(due_.number(9));
  }
  for (auto position : positions)
    (lease_.fresh() << now + lease << position).run();
}

void outbox_table::settle(const delivery_outcome& outcome) {
  using kind = delivery_outcome::kind;
  switch (outcome.what) {
  case kind::acknowledged:
    return remove(outcome, false);
  case kind::dead_letter:
    return remove(outcome, true);
  case kind::retry:
    return reschedule(outcome, 1);
  case kind::postponed:
    return reschedule(outcome, 0);
  }
}

void outbox_table::remove(const delivery_outcome& outcome, bool keep_as_dead_letter) {
  if (keep_as_dead_letter)
    (bury_.fresh() << outcome.reason << outcome.event_id).run();
  remove_.fresh() << outcome.event_id;
  if (!remove_.row())
    return;
  auto stream = remove_.text(0);
  remove_.fresh();
  promote(stream);
}

void outbox_table::reschedule(const delivery_outcome& outcome, int attempts_more) {
  reschedule_.fresh() << outcome.next_attempt << std::int64_t{attempts_more} << outcome.reason
                      << outcome.event_id;
  reschedule_.run();
}

void outbox_table::promote(const std::string& stream) {
  (promote_.fresh() << stream).run();
}

void outbox_table::end_leases() {
  connection_.execute("UPDATE outbox SET due = created_at, leased = 0 WHERE leased = 1");
}

outbox_depth outbox_table::depth() {
  outbox_depth depth;
  if (!depth_.fresh().row())
    return depth;
  depth.pending = static_cast<std::uint64_t>(depth_.number(0));
  depth.dead_letters = static_cast<std::uint64_t>(depth_.number(1));
  if (depth.pending > 0)
    depth.oldest = depth_.time(2);
  depth_.fresh();
  return depth;
}

std::vector<dead_letter> outbox_table::dead_letters(const application_id& application, std::size_t limit) {
  std::vector<dead_letter> letters;
  dead_letters_.fresh() << application.value << to_signed(limit);
  while (dead_letters_.row())
    letters.push_back(
        {read_event(dead_letters_), static_cast<int>(dead_letters_.number(8)), dead_letters_.text(9)});
  return letters;
}

bool outbox_table::replay(const std::string& event_id) {
  restore_.fresh() << event_id;
  if (!restore_.row())
    return false;
  auto stream = restore_.text(0);
  restore_.fresh();
  (forget_.fresh() << event_id).run();
  promote(stream);
  return true;
}

int outbox_table::prune(wall_time limit_time, std::int64_t limit) {
  (prune_.fresh() << limit_time << limit).run();
  return connection_.changes();
}

} // namespace plenary
