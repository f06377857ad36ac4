#include "node/metrics/catalogue.hpp"

namespace plenary {

namespace {

constexpr std::string_view ended_help = "Calls that ended, by the status they ended with.";
constexpr std::string_view refused_help = "INVITEs that were refused, by reason.";
constexpr std::string_view dropped_help = "Received media packets that were not played, by reason.";
constexpr std::string_view delivery_help = "Webhook delivery attempts, by outcome.";
constexpr std::string_view request_help =
    "Requests answered by the HTTP server, by class of the status code.";

constexpr std::string_view ended = "plenary_calls_ended_total";
constexpr std::string_view refused = "plenary_sip_invites_refused_total";
constexpr std::string_view strangers = "plenary_sip_strangers_total";
constexpr std::string_view strangers_help =
    "SIP messages over UDP from addresses of no trunk, by what was done.";
constexpr std::string_view no_connection = "plenary_sip_connections_refused_total";
constexpr std::string_view no_connection_help = "TCP and TLS connections of SIP closed at once, by reason.";
constexpr std::string_view cut_connection = "plenary_sip_connections_closed_total";
constexpr std::string_view cut_connection_help =
    "Accepted TCP and TLS connections of SIP that the node closed, by reason.";
constexpr std::string_view dropped = "plenary_media_packets_dropped_total";
constexpr std::string_view deliveries = "plenary_webhook_deliveries_total";
constexpr std::string_view requests = "plenary_http_requests_total";
constexpr std::string_view client_failures = "plenary_http_client_failures_total";
constexpr std::string_view client_failures_help =
    "Requests to customers' servers that brought no answer, by reason; address: refused as an inside one.";

constexpr std::string_view limited = "plenary_http_requests_limited_total";
constexpr std::string_view limited_help = "Requests and connections answered with 429, by the limit.";
constexpr std::string_view ports_refused = "plenary_media_ports_refused_total";
constexpr std::string_view ports_refused_help =
    "Calls that got no media port: none was left, or the system gave no socket.";

constexpr std::string_view moves = "plenary_cluster_room_moves_total";
constexpr std::string_view moves_help = "Rooms that were opened here under a new epoch, by reason.";
constexpr std::string_view link_bytes = "plenary_cluster_link_bytes_total";
constexpr std::string_view link_bytes_help = "Bytes on the links between nodes, encryption not counted.";
constexpr std::string_view links_ended = "plenary_cluster_links_ended_total";
constexpr std::string_view links_ended_help = "Links to other nodes that ended, by reason.";
constexpr std::string_view members = "plenary_cluster_members";
constexpr std::string_view members_help = "Members of the cluster, this node included, by state.";

constexpr std::array<counter_entry, counter_count> counters{{
    {counter::calls_started, "plenary_calls_started_total", "", "", "Calls that were admitted."},
    {counter::calls_answered, "plenary_calls_answered_total", "", "", "Calls that were answered."},
    {counter::calls_completed, ended, "outcome", "completed", ended_help},
    {counter::calls_failed, ended, "outcome", "failed", ended_help},
    {counter::calls_canceled, ended, "outcome", "canceled", ended_help},
    {counter::invites_refused_unknown_did, refused, "reason", "unknown_did", refused_help},
    {counter::invites_refused_source, refused, "reason", "source", refused_help},
    {counter::invites_refused_full, refused, "reason", "full", refused_help},
    {counter::invites_refused_store, refused, "reason", "store", refused_help},
    {counter::invites_refused_trunk_calls, refused, "reason", "trunk_calls", refused_help},
    {counter::invites_refused_trunk_rate, refused, "reason", "trunk_setups", refused_help},
    {counter::invites_refused_application_calls, refused, "reason", "application_calls", refused_help},
    {counter::invites_refused_application_rate, refused, "reason", "application_setups", refused_help},
    {counter::invites_refused_address_calls, refused, "reason", "address_calls", refused_help},
    {counter::invites_refused_address_rate, refused, "reason", "address_setups", refused_help},
    {counter::invites_refused_draining, refused, "reason", "draining", refused_help},
    {counter::invites_refused_not_ready, refused, "reason", "not_ready", refused_help},
    {counter::invites_refused_not_acceptable, refused, "reason", "not_acceptable", refused_help},
    {counter::invites_refused_malformed, refused, "reason", "malformed", refused_help},
    {counter::invites_refused_unsupported, refused, "reason", "unsupported", refused_help},
    {counter::invites_refused_session_interval, refused, "reason", "session_interval", refused_help},
    {counter::invites_refused_merged, refused, "reason", "merged", refused_help},
    {counter::invites_refused_by_call, refused, "reason", "by_call", refused_help},
    {counter::sip_strangers_ignored, strangers, "outcome", "ignored", strangers_help},
    {counter::sip_strangers_answered, strangers, "outcome", "answered", strangers_help},
    {counter::sip_connections_refused_source, no_connection, "reason", "source", no_connection_help},
    {counter::sip_connections_refused_address, no_connection, "reason", "address", no_connection_help},
    {counter::sip_connections_refused_full, no_connection, "reason", "full", no_connection_help},
    {counter::sip_connections_closed_slow, cut_connection, "reason", "slow", cut_connection_help},
    {counter::sip_connections_closed_idle, cut_connection, "reason", "idle", cut_connection_help},
    {counter::sip_connections_closed_malformed, cut_connection, "reason", "malformed", cut_connection_help},
    {counter::sip_messages_received, "plenary_sip_messages_received_total", "", "", "SIP messages received."},
    {counter::sip_messages_malformed, "plenary_sip_messages_malformed_total", "", "",
     "SIP messages dropped because they do not follow RFC 3261."},
    {counter::sip_retransmissions, "plenary_sip_retransmissions_total", "", "",
     "SIP messages sent or received once more."},
    {counter::dialog_requests_refused_source, "plenary_sip_dialog_requests_refused_total", "", "",
     "Requests inside a call's dialog that came from outside of its trunk's networks and changed nothing."},
    {counter::digest_challenges_refused, "plenary_sip_challenges_refused_total", "", "",
     "Challenges to our requests that were not answered: of a foreign source or realm, or once too often."},
    {counter::answer_url_requests, "plenary_answer_url_requests_total", "", "",
     "Requests to answer URLs, retries included."},
    {counter::answer_url_failures, "plenary_answer_url_failures_total", "", "",
     "Flows that could not be fetched or did not validate."},
    {counter::answer_url_fallbacks, "plenary_answer_url_fallbacks_total", "", "",
     "Calls that went on with the application's fallback."},
    {counter::redirects_followed, "plenary_flow_redirects_followed_total", "", "",
     "redirect actions that were run."},
    {counter::unknown_action_members, "plenary_flow_unknown_members_total", "", "",
     "Members of actions that were ignored because no such member exists."},
    {counter::rooms_created, "plenary_rooms_created_total", "", "",
     "Rooms opened by their first participant."},
    {counter::rooms_closed, "plenary_rooms_closed_total", "", "",
     "Rooms closed after their last participant."},
    {counter::room_joins, "plenary_room_joins_total", "", "", "Participants that entered a room."},
    {counter::room_joins_refused, "plenary_room_joins_refused_total", "", "",
     "Joins that a room or the directory refused."},
    {counter::mix_ticks, "plenary_mix_ticks_total", "", "", "Ticks mixed, summed over the rooms."},
    {counter::mix_ticks_missed, "plenary_mix_ticks_missed_total", "", "",
     "Ticks skipped because a room was more than one tick late."},
    {counter::frames_decoded, "plenary_media_frames_decoded_total", "", "", "Audio frames decoded."},
    {counter::frames_encoded, "plenary_media_frames_encoded_total", "", "", "Audio frames encoded."},
    {counter::frames_concealed, "plenary_media_frames_concealed_total", "", "",
     "Lost audio frames that were replaced by concealment."},
    {counter::frames_recovered_by_fec, "plenary_media_frames_recovered_total", "", "",
     "Lost audio frames that Opus in-band FEC restored."},
    {counter::packets_received, "plenary_media_packets_received_total", "", "", "Media packets received."},
    {counter::packets_sent, "plenary_media_packets_sent_total", "", "",
     "Media packets handed to the kernel."},
    {counter::packets_dropped_foreign_source, dropped, "reason", "foreign_source", dropped_help},
    {counter::packets_dropped_malformed, dropped, "reason", "malformed", dropped_help},
    {counter::packets_dropped_unplayable, dropped, "reason", "unplayable", dropped_help},
    {counter::packets_dropped_late, dropped, "reason", "late", dropped_help},
    {counter::packets_dropped_overflow, dropped, "reason", "overflow", dropped_help},
    {counter::packets_dropped_srtp, dropped, "reason", "srtp", dropped_help},
    {counter::packets_send_failed, "plenary_media_packets_unsent_total", "", "",
     "Media packets that the kernel did not take."},
    {counter::dtmf_digits, "plenary_media_dtmf_digits_total", "", "",
     "Keys pressed by callers, as telephone events or tones; one sent in both ways counts once."},
    {counter::tones_clamped, "plenary_media_tones_clamped_total", "", "",
     "Tones of keys that were kept out of the sound of G.711 and G.722 callers."},
    {counter::media_timeouts, "plenary_media_timeouts_total", "", "",
     "Calls ended because their media stopped."},
    {counter::work_refused, "plenary_work_refused_total", "", "",
     "Offers and documents that were not read because too many waited."},
    {counter::events_committed, "plenary_outbox_events_committed_total", "", "",
     "Events stored in the outbox."},
    {counter::commit_failures, "plenary_store_commit_failures_total", "", "",
     "Transactions that the store refused or lost."},
    {counter::webhook_deliveries_acknowledged, deliveries, "outcome", "acknowledged", delivery_help},
    {counter::webhook_deliveries_failed, deliveries, "outcome", "failed", delivery_help},
    {counter::webhook_dead_letters, "plenary_webhook_dead_letters_total", "", "",
     "Events given up after their last attempt."},
    {counter::http_client_failed_look_up, client_failures, "reason", "look_up", client_failures_help},
    {counter::http_client_failed_address, client_failures, "reason", "address", client_failures_help},
    {counter::http_client_failed_connect, client_failures, "reason", "connect", client_failures_help},
    {counter::http_client_failed_timeout, client_failures, "reason", "timeout", client_failures_help},
    {counter::http_client_failed_answer, client_failures, "reason", "answer", client_failures_help},
    {counter::http_client_failed_queue, client_failures, "reason", "queue", client_failures_help},
    {counter::http_requests_ok, requests, "class", "ok", request_help},
    {counter::http_requests_client_error, requests, "class", "client_error", request_help},
    {counter::http_requests_server_error, requests, "class", "server_error", request_help},
    {counter::http_limited_address, limited, "limit", "address", limited_help},
    {counter::http_limited_application, limited, "limit", "application", limited_help},
    {counter::http_limited_wrong_keys, limited, "limit", "wrong_keys", limited_help},
    {counter::http_limited_connections, limited, "limit", "connections", limited_help},
    {counter::http_connections_too_slow, "plenary_http_connections_too_slow_total", "", "",
     "HTTP connections that were cut off because the client sent or read too slowly."},
    {counter::http_accept_failures, "plenary_http_accept_failures_total", "", "",
     "HTTP connections that could not be accepted, for example because no descriptor was left."},
    {counter::members_joined, "plenary_cluster_members_joined_total", "", "",
     "Other nodes that became members, as this node saw it."},
    {counter::members_lost, "plenary_cluster_members_lost_total", "", "",
     "Other nodes that were given up, as this node saw it."},
    {counter::rooms_placed, "plenary_cluster_placements_total", "", "",
     "Rooms that this node, as the home of their names, had opened somewhere."},
    {counter::room_moves_owner_lost, moves, "reason", "owner_lost", moves_help},
    {counter::room_moves_owner_drained, moves, "reason", "owner_drained", moves_help},
    {counter::room_moves_merged, moves, "reason", "merged", moves_help},
    {counter::leg_moves, "plenary_cluster_leg_moves_total", "", "",
     "Calls whose media was moved to another node."},
    {counter::leg_moves_failed, "plenary_cluster_leg_moves_failed_total", "", "",
     "Moves of a call's media that did not succeed and were tried again or given up."},
    {counter::stale_epochs_refused, "plenary_cluster_stale_epochs_refused_total", "", "",
     "Messages refused because they spoke of an older epoch of a room."},
    {counter::link_bytes_sent, link_bytes, "direction", "sent", link_bytes_help},
    {counter::link_bytes_received, link_bytes, "direction", "received", link_bytes_help},
    {counter::link_handshakes_refused, "plenary_cluster_link_handshakes_refused_total", "", "",
     "Connections to the cluster port that were cut off before they proved to be a member."},
    {counter::links_ended_closed, links_ended, "reason", "closed", links_ended_help},
    {counter::links_ended_silent, links_ended, "reason", "silent", links_ended_help},
    {counter::links_ended_refused, links_ended, "reason", "refused", links_ended_help},
    {counter::links_ended_overload, links_ended, "reason", "overload", links_ended_help},
    {counter::peer_requests_served, "plenary_cluster_peer_requests_total", "", "",
     "Requests of other nodes that were carried out here."},
    {counter::mixing_pauses, "plenary_cluster_mixing_pauses_total", "", "",
     "Times that mixing stopped because this node could not be sure of its rooms."},
    {counter::events_spooled, "plenary_store_events_spooled_total", "", "",
     "Events that waited on this node's disk because the database did not answer."},
    {counter::late_commits_dropped, "plenary_store_late_commits_dropped_total", "", "",
     "Records of calls that had been ended before, by another node."},
    {counter::media_ports_refused_range, ports_refused, "reason", "range", ports_refused_help},
    {counter::media_ports_refused_system, ports_refused, "reason", "system", ports_refused_help},
    {counter::media_addresses_refused, "plenary_media_addresses_refused_total", "", "",
     "Offers and answers that named an address where this node's media may not go."},
    {counter::media_held_back, "plenary_media_held_back_total", "", "",
     "Legs that fell back to 5 packets a second because nothing came from their media address."},
}};

constexpr std::array<gauge_entry, gauge_count> gauges{{
    {gauge::calls_active, "plenary_calls_active", "", "", "Calls that have not ended."},
    {gauge::rooms_active, "plenary_rooms_active", "", "", "Rooms with at least one participant."},
    {gauge::participants, "plenary_room_participants", "", "", "Participants in all rooms together."},
    {gauge::legs_active, "plenary_legs_active", "", "", "Media ends of calls that are open."},
    {gauge::sip_connections, "plenary_sip_connections", "", "",
     "TCP and TLS connections of SIP, those that the node made included."},
    {gauge::outbox_pending, "plenary_outbox_pending_events", "", "",
     "Events not yet acknowledged by their customer."},
    {gauge::outbox_oldest_age_seconds, "plenary_outbox_oldest_age_seconds", "", "",
     "Age of the oldest pending event."},
    {gauge::real_time_scheduling, "plenary_node_real_time_scheduling", "", "",
     "1 when the mixing threads run under SCHED_FIFO, else 0."},
    {gauge::draining, "plenary_node_draining", "", "", "1 while the node takes no new calls, else 0."},
    {gauge::members_joining, members, "state", "joining", members_help},
    {gauge::members_live, members, "state", "live", members_help},
    {gauge::members_draining, members, "state", "draining", members_help},
    {gauge::members_held, members, "state", "held", members_help},
    {gauge::rooms_known, "plenary_cluster_rooms_known", "", "",
     "Rooms of all members, as this node knows them."},
    {gauge::drain_rooms_left, "plenary_drain_rooms_left", "", "",
     "Rooms that a draining node still has to move."},
    {gauge::drain_calls_left, "plenary_drain_calls_left", "", "",
     "Calls whose signalling a draining node still holds."},
    {gauge::store_connected, "plenary_store_connected", "", "",
     "1 while the store's database answers, else 0."},
    {gauge::events_in_spool, "plenary_store_spooled_events", "", "",
     "Events on this node's disk that wait for the database."},
    {gauge::store_writable, "plenary_store_writable", "", "",
     "1 while what is committed becomes durable, 0 while nothing can be stored and new calls are refused."},
    {gauge::store_waiting, "plenary_store_waiting_writes", "", "",
     "Writes that wait for the disk or the database."},
    {gauge::http_connections, "plenary_http_connections", "", "", "HTTP connections that are open."},
    {gauge::media_ports_open, "plenary_media_ports_open", "", "", "Pairs of media ports that are open."},
}};

// A tick is 20 ms; the design aims at a p99 lateness of 0.25 ms.
constexpr std::array lateness_bounds{50e-6, 100e-6, 200e-6, 300e-6, 500e-6, 1e-3,  2e-3,
                                     3e-3,  5e-3,   10e-3,  20e-3,  50e-3,  100e-3};
constexpr std::array mix_bounds{10e-6, 25e-6,  50e-6, 100e-6, 250e-6, 500e-6,
                                1e-3,  2.5e-3, 5e-3,  10e-3,  20e-3};
constexpr std::array request_bounds{5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1.0, 2.5, 5.0, 10.0};
constexpr std::array commit_bounds{500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 1.0};
constexpr std::array setup_bounds{10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1.0, 2.5, 5.0, 10.0, 30.0};
constexpr std::array delay_bounds{20e-3, 30e-3, 40e-3, 50e-3, 60e-3, 80e-3, 100e-3, 120e-3, 160e-3, 200e-3};

constexpr std::array gap_bounds{50e-3, 100e-3, 250e-3, 500e-3, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0};
constexpr std::array round_trip_bounds{100e-6, 250e-6, 500e-6, 1e-3,   2.5e-3, 5e-3,
                                       10e-3,  50e-3,  100e-3, 250e-3, 1.0};

constexpr std::array<histogram_entry, histogram_count> histograms{{
    {histogram::tick_lateness, "plenary_mix_tick_lateness_seconds",
     "How much later than its due time a room's tick started.", lateness_bounds},
    {histogram::mix_duration, "plenary_mix_duration_seconds", "Time one room took for one tick.", mix_bounds},
    {histogram::answer_url_duration, "plenary_answer_url_duration_seconds",
     "Time of one request to an answer URL.", request_bounds},
    {histogram::webhook_duration, "plenary_webhook_duration_seconds", "Time of one webhook delivery attempt.",
     request_bounds},
    {histogram::commit_duration, "plenary_store_commit_duration_seconds",
     "Time from handing over a transaction to its being durable.", commit_bounds},
    {histogram::call_setup_duration, "plenary_call_setup_duration_seconds", "Time from INVITE to 200.",
     setup_bounds},
    {histogram::playout_delay, "plenary_media_playout_delay_seconds",
     "Time that audio waits in the jitter buffer.", delay_bounds},
    {histogram::recovery_gap, "plenary_cluster_recovery_gap_seconds",
     "Time from the loss of a room's owner to its opening on another node.", gap_bounds},
    {histogram::link_round_trip, "plenary_cluster_link_round_trip_seconds",
     "Time from a heartbeat to its answer.", round_trip_bounds},
    {histogram::locate_duration, "plenary_cluster_locate_duration_seconds",
     "Time to find or open a room by its name.", request_bounds},
    {histogram::leg_move_duration, "plenary_cluster_leg_move_duration_seconds",
     "Time from the decision to move a call's media to the caller being in its room there.", gap_bounds},
}};

/// True when each entry stands at the index of its enumerator and says its name and help.
template <class Table>
constexpr bool complete(const Table& table) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].which) != i || table[i].name.empty() || table[i].help.empty())
      return false;
  return true;
}

static_assert(complete(counters), "every counter stands in the catalogue, in the order of the enumeration");
static_assert(complete(gauges), "every gauge stands in the catalogue, in the order of the enumeration");
static_assert(complete(histograms),
              "every histogram stands in the catalogue, in the order of the enumeration");

} // namespace

const std::array<counter_entry, counter_count>& counter_catalogue() {
  return counters;
}

const std::array<gauge_entry, gauge_count>& gauge_catalogue() {
  return gauges;
}

const std::array<histogram_entry, histogram_count>& histogram_catalogue() {
  return histograms;
}

} // namespace plenary
