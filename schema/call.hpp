#pragma once

#include "schema/call_failure.hpp"
#include "schema/ids.hpp"
#include "schema/participation.hpp"
#include "schema/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

/// Where a call stands; the last five are terminal.
enum class call_status {
  queued,
  dialing,
  ringing,
  in_progress,
  completed,
  busy,
  no_answer,
  failed,
  canceled
};

/// A row of the table of statuses.
struct status_row {
  call_status status;
  std::string_view name;
  bool told;                 ///< false: a status of calls that Plenary does not make yet
  std::string_view sentence; ///< for the documents
};

/// Every status, in the order of the enumeration.
std::span<const status_row> status_rows();

/// The name that stands in API answers and events, for example `in_progress`.
std::string_view to_string(call_status status);

/// The status of that name, or nothing.
std::optional<call_status> parse_call_status(std::string_view name);

/// True for `completed`, `busy`, `no_answer`, `failed` and `canceled`.
bool is_terminal(call_status status);

/// Who started the call, seen from Plenary.
enum class call_direction { inbound, outbound };

/// `inbound` or `outbound`.
std::string_view to_string(call_direction direction);

/// Why a call ended.
struct hangup_cause {
  int q850 = 0;     ///< ITU-T Q.850 cause value, 1 to 127
  std::string name; ///< snake_case, for example `normal_clearing`, `media_timeout`, `node_restart`

  friend bool operator==(const hangup_cause&, const hangup_cause&) = default;
};

/// Who or what ended a call.
enum class call_ending {
  caller, ///< BYE or CANCEL
  api,    ///< the hang-up route
  flow,   ///< the end of its actions, or a failure to get them
  room,   ///< it was out of its room, or not let in, and no action was left
  node    ///< the rest: no media, a dead dialog, a drain, a restart, a lost node
};

/// A row of the table of endings.
struct ending_row {
  call_ending who;
  std::string_view name;
  std::string_view sentence; ///< for the documents
};

/// Every ending, in the order of the enumeration.
std::span<const ending_row> ending_rows();

/// `caller`, `api`, `flow`, `room` or `node`.
std::string_view to_string(call_ending who);

/// The ending of that name, or nothing.
std::optional<call_ending> parse_call_ending(std::string_view name);

/// What an INVITE says of its caller beside the two numbers; empty where it says nothing.
struct caller_details {
  std::string asserted_identity; ///< of a trusted trunk (RFC 3325): E.164 where it is a number, URI otherwise
  std::string privacy;           ///< what the caller wants hidden (RFC 3323): tokens divided by `;`
  std::string diverted_from;     ///< who passed the call on last (RFC 5806): E.164 or URI
  std::string diversion_reason;  ///< for example `user-busy`
  std::map<std::string, std::string> headers; ///< those that the application asks for, by its spelling

  friend bool operator==(const caller_details&, const caller_details&) = default;
};

/// Everything that is known and stored of one call; the store's row and the API's answer.
struct call_record {
  call_id id;
  plenary::customer_id customer;
  application_id application;
  std::string provider_call_id; ///< UUID, made by Plenary
  call_status status = call_status::queued;
  call_direction direction = call_direction::inbound;
  std::string from; ///< E.164 where it is a number, SIP URI otherwise
  std::string to;
  node_name node;               ///< the node that holds the call's signalling
  std::optional<room_key> room; ///< the room that the caller is in now
  wall_time created_at{};
  std::optional<wall_time> answered_at;
  std::optional<wall_time> ended_at;
  std::optional<hangup_cause> cause;            ///< set exactly when the status is terminal
  std::map<std::string, std::string> variables; ///< at most 128 characters a name, 4096 a value
  std::uint64_t last_sequence = 0;              ///< sequence of the call's latest event
  std::string sip_call_id{};                    ///< Call-ID of the caller's INVITE
  caller_details caller{};
  std::optional<call_ending> ended_by{}; ///< set when the status is terminal
  std::optional<call_failure> error{};   ///< what went wrong, as the terminal event says it

  friend bool operator==(const call_record&, const call_record&) = default;
};

/// One entry of the outbox: an event as it will be posted to the application's `webhook_url`.
struct outbox_event {
  std::string id; ///< `evt_...`: equal on every retry and after a restart
  application_id application;
  call_id call;
  std::string name;           ///< for example `call.answered`
  std::uint64_t sequence = 0; ///< 1, 2, ... within the call or the stream
  wall_time created_at{};
  std::string body;   ///< the envelope as JSON text; sent byte for byte
  std::string stream; ///< what it is in order within when that is no call; then `call` is empty

  friend bool operator==(const outbox_event&, const outbox_event&) = default;
};

/// Events of equal keys leave one after the other.
inline const std::string& ordering_key(const outbox_event& event) {
  return event.stream.empty() ? event.call.value : event.stream;
}

/// One participant as the API shows it.
struct participant_snapshot {
  call_id call;
  participation how{};
  bool speaking = false; ///< was in the mix at the latest tick
  wall_time joined_at{};
  std::optional<float> level_db{}; ///< how loud it speaks, dBov; nothing before it has spoken
  float gain_db = 0;               ///< that it is heard with
};

/// One room as the API shows it.
struct room_snapshot {
  room_key key;
  node_name node;
  std::uint64_t epoch = 0;
  wall_time created_at{};
  std::vector<participant_snapshot> participants;
  std::optional<bool> noise_suppression{}; ///< nothing: the room's node is older and does not say
};

} // namespace plenary
