#pragma once

#include "actors/edge/event_store.hpp"
#include "node/store/sqlite.hpp"

#include <string>
#include <vector>

namespace plenary {

/// The tables of pending events and of dead letters. Methods throw `sqlite_failure` and run inside the
/// writer's transaction.
class outbox_table {
public:
  explicit outbox_table(sqlite_connection& connection);

  /// Adds an event; one whose id is already pending is left as it is.
  void add(const outbox_event& event);

  /// Leases at most `share.limit` due events of one application and appends them to `leased`.
  void claim(const claim_share& share, wall_time now, std::chrono::seconds lease,
             std::vector<due_event>& leased);

  /// Stores how one attempt ended; ids that are no longer pending are ignored.
  void settle(const delivery_outcome& outcome);

  /// Ends every lease: to be called once at start, when the process that held them is gone.
  void end_leases();

  outbox_depth depth();
  std::vector<dead_letter> dead_letters(const application_id& application, std::size_t limit);

  /// Puts a dead letter back; false when there is none of that id.
  bool replay(const std::string& event_id);

  /// Removes dead letters whose event is older than `limit_time`, at most `limit`; returns how many.
  int prune(wall_time limit_time, std::int64_t limit);

private:
  /// Makes the oldest pending event of the stream due when none of it is.
  void promote(const std::string& stream);
  void remove(const delivery_outcome& outcome, bool keep_as_dead_letter);
  void reschedule(const delivery_outcome& outcome, int attempts_more);

  sqlite_connection& connection_;
  sqlite_statement add_;
  sqlite_statement due_;
  sqlite_statement lease_;
  sqlite_statement bury_;
  sqlite_statement remove_;
  sqlite_statement promote_;
  sqlite_statement reschedule_;
  sqlite_statement depth_;
  sqlite_statement dead_letters_;
  sqlite_statement restore_;
  sqlite_statement forget_;
  sqlite_statement prune_;
};

} // namespace plenary
