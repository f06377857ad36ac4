#pragma once

#include "schema/ids.hpp"

#include <cstdint>
#include <map>
#include <optional>
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
  bool muted = false;
  bool end_on_exit = false;
  bool speaking = false; ///< was in the mix at the latest tick
  wall_time joined_at{};
};

/// One room as the API shows it.
struct room_snapshot {
  room_key key;
  node_name node;
  std::uint64_t epoch = 0;
  wall_time created_at{};
  std::vector<participant_snapshot> participants;
};

} // namespace plenary
