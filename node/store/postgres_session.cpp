#include "node/store/postgres_session.hpp"

#include "node/store/postgres_migrations.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

/// Whatever a node leaves behind when it freezes or loses its way here ends by itself: open transactions
/// after 5 s, dead connections after about 6 s.
constexpr const char* session_options =
    "SET idle_in_transaction_session_timeout = '5s'; SET client_connection_check_interval = '1s'; "
    "SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 2; "
    "SET tcp_user_timeout = '6s'; SET client_min_messages = warning; "
    "SET default_transaction_isolation = 'read committed'";

constexpr const char* new_writer =
    "INSERT INTO writers (writer, node, incarnation, last_write, seen_at) VALUES "
    "($1, split_part($1, '/', 1), split_part($1, '/', 2)::bigint, ";

std::string milliseconds(std::chrono::milliseconds time) {
  return fmt::format("interval '{} milliseconds'", time.count());
}

constexpr const char* free_lease = "UPDATE outbox SET due = created_at, lessee = NULL WHERE lessee ";

/// The other processes that have been this writer's node.
constexpr const char* replaced = "node = split_part($1, '/', 1) AND writer <> $1";

} // namespace

result<std::unique_ptr<postgres_session>> postgres_session::open(const postgres_target& target,
                                                                 mono_time deadline,
                                                                 const std::function<bool()>& stopped) {
  try {
    postgres_connection connection{target.url, deadline, stopped};
    connection.execute(session_options);
    if (auto migrated = migrate(connection); !migrated)
      return tl::unexpected(migrated.error());
    return std::make_unique<postgres_session>(std::move(connection), target);
  } catch (const postgres_failure& failure) {
    return fail(errc::unavailable, failure.message);
  }
}

postgres_session::postgres_session(postgres_connection connection, const postgres_target& target)
    : connection_(std::make_unique<postgres_connection>(std::move(connection)))
    , target_(target)
    , tables_(*connection_, target.writer)
    , last_write_(*connection_, "last_write", "SELECT last_write FROM writers WHERE writer = $1 FOR UPDATE")
    , note_write_(*connection_, "note_write",
                  fmt::format("{}$2::bigint, clock_timestamp() - {}) "
                              "ON CONFLICT (writer) DO UPDATE SET last_write = excluded.last_write",
                              new_writer, milliseconds(target.silence)))
    , arrive_(*connection_, "arrive",
              fmt::format("{}0, clock_timestamp()) "
                          "ON CONFLICT (writer) DO UPDATE SET seen_at = excluded.seen_at",
                          new_writer))
    , replace_(*connection_, "replace",
               fmt::format("UPDATE writers SET seen_at = least(seen_at, clock_timestamp() - {}) WHERE {}",
                           milliseconds(target.silence), replaced))
    , free_replaced_(*connection_, "free_replaced",
                     fmt::format("{}IN (SELECT writer FROM writers WHERE {})", free_lease, replaced))
    , beat_(*connection_, "beat", "UPDATE writers SET seen_at = clock_timestamp() WHERE writer = $1")
    , free_silent_(*connection_, "free_silent",
                   fmt::format("{}IS NOT NULL AND lessee <> $1 AND lessee NOT IN (SELECT writer FROM writers "
                               "WHERE seen_at > clock_timestamp() - {})",
                               free_lease, milliseconds(target.silence)))
    , free_own_(*connection_, "free_own", fmt::format("{}= $1", free_lease))
    , leave_(*connection_, "leave",
             fmt::format("UPDATE writers SET seen_at = clock_timestamp() - {} WHERE writer = $1",
                         milliseconds(target.silence)))
    , fate_(
          *connection_, "fate",
          fmt::format("SELECT coalesce(max(incarnation), 0), "
                      "count(*) FILTER (WHERE seen_at > clock_timestamp() - {}) FROM writers WHERE node = $1",
                      milliseconds(target.silence)))
    , forget_(*connection_, "forget",
              "DELETE FROM writers WHERE seen_at < clock_timestamp() - make_interval(hours => $1::integer)") {
  arrive();
}

/// What an earlier process of this node had leased will never be settled by it.
void postgres_session::arrive() {
  connection_->execute("BEGIN");
  arrive_({target_.writer});
  free_replaced_({target_.writer});
  replace_({target_.writer});
  connection_->execute("COMMIT");
}

void postgres_session::begin(mono_time deadline) {
  connection_->set_deadline(deadline);
  connection_->execute("BEGIN");
}

void postgres_session::roll_back() {
  if (connection_->in_transaction())
    connection_->execute("ROLLBACK");
}

std::int64_t postgres_session::last_write(const std::string& writer) {
  auto rows = last_write_({writer});
  return rows.size() == 0 ? 0 : rows.number(0, 0);
}

void postgres_session::note_write(const std::string& writer, std::int64_t number) {
  note_write_({writer, number});
}

void postgres_session::beat() {
  beat_({target_.writer});
}

void postgres_session::free_silent_leases() {
  free_silent_({target_.writer});
}

void postgres_session::forget_writers(std::chrono::hours age) {
  forget_({std::int64_t{age.count()}});
}

void postgres_session::leave() {
  free_own_({target_.writer});
  leave_({target_.writer});
}

writer_fate postgres_session::fate_of(const lost_calls& which) {
  auto rows = fate_({which.node.value});
  if (which.incarnation != 0 && rows.number(0, 0) > static_cast<std::int64_t>(which.incarnation))
    return writer_fate::restarted;
  return rows.number(0, 1) > 0 ? writer_fate::writing : writer_fate::silent;
}

} // namespace plenary
