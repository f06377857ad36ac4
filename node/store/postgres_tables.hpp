#pragma once

#include "actors/edge/event_store.hpp"
#include "node/store/postgres.hpp"
#include "node/store/store_write.hpp"

#include <optional>
#include <string>
#include <vector>

namespace plenary {

/// Name of one process as the database knows it: `NODE/INCARNATION/RANDOM`.
std::string writer_name(const node_name& node, std::uint64_t incarnation);

/// The tables of records, outbox and dead letters as one process uses them. Methods run inside a transaction
/// of the caller and throw `postgres_failure`; a row that does not read back is a failure with `storage`.
class postgres_tables {
public:
  /// Prepares every statement; `writer` is this process.
  postgres_tables(postgres_connection& connection, std::string writer);

  /// Stores a write; returns the calls whose record and events were dropped, because they had been ended.
  std::vector<call_id> apply(const store_write& write);

  /// Leases at most `share.limit` due events to this process and appends them to `leased`.
  void claim(const claim_share& share, wall_time now, std::chrono::seconds lease,
             std::vector<due_event>& leased);

  result<std::optional<call_record>> find(const call_id& id);

  /// Ends the unfinished calls of the lost process with what `end` makes of them.
  result<std::vector<call_id>> end_calls(const lost_calls& which, const call_ender& end);

  outbox_depth depth();
  std::vector<dead_letter> dead_letters(const application_id& application, std::size_t limit);

  /// Puts a dead letter back; false when there is none of that id.
  bool replay(const std::string& event_id);

  /// Removes calls that ended and dead letters whose event is older than `limit_time`, at most `limit` of
  /// each; returns the larger number.
  std::int64_t prune(wall_time limit_time, std::int64_t limit);

private:
  postgres_rows lock(const std::vector<std::string>& streams, const std::vector<std::string>& event_ids);
  std::vector<call_id> put(const commit_batch& batch);
  void settle(const std::vector<delivery_outcome>& outcomes);
  void promote(const postgres_rows& locked);

  std::string writer_;
  postgres_statement lock_;
  postgres_statement put_;
  postgres_statement remove_;
  postgres_statement bury_;
  postgres_statement reschedule_;
  postgres_statement promote_;
  postgres_statement claim_;
  postgres_statement find_;
  postgres_statement unfinished_;
  postgres_statement depth_;
  postgres_statement dead_letters_;
  postgres_statement restore_;
  postgres_statement prune_calls_;
  postgres_statement prune_letters_;
};

} // namespace plenary
