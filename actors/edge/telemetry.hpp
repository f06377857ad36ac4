#pragma once

#include <cstdint>

namespace plenary {

/// Every counter of a node. Names, helps and labels stand in `node/metrics/catalogue.cpp`.
enum class counter {
  calls_started,
  calls_answered,
  calls_completed,
  calls_failed,
  calls_canceled,
  invites_refused_unknown_did,
  invites_refused_source,
  invites_refused_full,
  invites_refused_store,
  invites_refused_trunk_calls,
  invites_refused_trunk_rate,
  invites_refused_application_calls,
  invites_refused_application_rate,
  invites_refused_address_calls,
  invites_refused_address_rate,
  invites_refused_draining,
  invites_refused_not_ready,
  invites_refused_not_acceptable,
  invites_refused_malformed,
  invites_refused_unsupported,
  invites_refused_session_interval,
  invites_refused_merged,
  invites_refused_by_call,
  sip_strangers_ignored,
  sip_strangers_answered,
  sip_connections_refused_source,
  sip_connections_refused_address,
  sip_connections_refused_full,
  sip_connections_closed_slow,
  sip_connections_closed_idle,
  sip_connections_closed_malformed,
  sip_messages_received,
  sip_messages_malformed,
  sip_retransmissions,
  dialog_requests_refused_source,
  digest_challenges_refused,
  answer_url_requests,
  answer_url_failures,
  answer_url_fallbacks,
  redirects_followed,
  unknown_action_members,
  rooms_created,
  rooms_closed,
  room_joins,
  room_joins_refused,
  mix_ticks,
  mix_ticks_missed,
  frames_decoded,
  frames_encoded,
  frames_concealed,
  frames_recovered_by_fec,
  packets_received,
  packets_sent,
  packets_dropped_foreign_source,
  packets_dropped_malformed,
  packets_dropped_unplayable,
  packets_dropped_late,
  packets_dropped_overflow,
  packets_dropped_srtp,
  packets_send_failed,
  dtmf_digits,
  tones_clamped,
  media_timeouts,
  work_refused,
  events_committed,
  commit_failures,
  webhook_deliveries_acknowledged,
  webhook_deliveries_failed,
  webhook_dead_letters,
  http_client_failed_look_up,
  http_client_failed_address,
  http_client_failed_connect,
  http_client_failed_timeout,
  http_client_failed_answer,
  http_client_failed_queue,
  http_requests_ok,
  http_requests_client_error,
  http_requests_server_error,
  http_limited_address,
  http_limited_application,
  http_limited_wrong_keys,
  http_limited_connections,
  http_connections_too_slow,
  http_accept_failures,
  members_joined,
  members_lost,
  rooms_placed,
  room_moves_owner_lost,
  room_moves_owner_drained,
  room_moves_merged,
  leg_moves,
  leg_moves_failed,
  stale_epochs_refused,
  link_bytes_sent,
  link_bytes_received,
  link_handshakes_refused,
  links_ended_closed,
  links_ended_silent,
  links_ended_refused,
  links_ended_overload,
  peer_requests_served,
  mixing_pauses,
  events_spooled,
  late_commits_dropped,
  media_ports_refused_range,
  media_ports_refused_system,
  media_addresses_refused,
  media_held_back,
  count_ ///< number of counters; not a counter
};

/// Every gauge of a node.
enum class gauge {
  calls_active,
  rooms_active,
  participants,
  legs_active,
  sip_connections,
  outbox_pending,
  outbox_oldest_age_seconds,
  real_time_scheduling, ///< 1 when the mixing threads run under SCHED_FIFO
  draining,
  members_joining,
  members_live,
  members_draining,
  members_held,
  rooms_known,
  drain_rooms_left,
  drain_calls_left,
  store_connected, ///< 1 while the database answers; always 1 with the embedded store
  events_in_spool,
  store_writable, ///< 1 while what is committed becomes durable
  store_waiting,  ///< writes that wait for the disk or the database
  http_connections,
  media_ports_open, ///< pairs of sockets
  count_            ///< number of gauges; not a gauge
};

/// Every histogram of a node; all in seconds.
enum class histogram {
  tick_lateness,
  mix_duration,
  answer_url_duration,
  webhook_duration,
  commit_duration,
  call_setup_duration,
  playout_delay,
  recovery_gap,
  link_round_trip,
  locate_duration,
  leg_move_duration,
  count_ ///< number of histograms; not a histogram
};

/// Where measurements go; every method is safe from every thread, does not lock and does not allocate.
class telemetry {
public:
  virtual ~telemetry() = default;
  virtual void count(counter which, std::uint64_t amount = 1) noexcept = 0;
  virtual void set(gauge which, double value) noexcept = 0;
  virtual void add(gauge which, double difference) noexcept = 0;
  virtual void observe(histogram which, double seconds) noexcept = 0;
};

} // namespace plenary
