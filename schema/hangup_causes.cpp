#include "schema/hangup_causes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace plenary {

namespace {

using from = cause_origin;

constexpr std::array cause_table{
    // Plenary's own.
    cause_row{"normal_clearing", 16, from::orderly, 603, true,
              "The caller or the API hung up, or the call was answered and its action list ended."},
    cause_row{"originator_cancel", 16, from::caller, 0, false, "The caller gave up before it was answered."},
    cause_row{"call_rejected", 21, from::orderly, 603, true,
              "The action list was empty: the caller was declined."},
    cause_row{"node_draining", 16, from::orderly, 503, false,
              "The node leaves and its `node.drain_deadline_s` is over."},
    cause_row{"media_timeout", 102, from::orderly, 503, false,
              "No media came from the caller for `media.timeout_s`."},
    cause_row{"answer_url_failed", 41, from::failure, 503, false,
              "There were no instructions, nor a fallback: see `error`."},
    cause_row{"redirect_failed", 41, from::failure, 503, false,
              "A `redirect` brought no instructions, nor did a fallback: see `error`."},
    cause_row{"conference_unavailable", 41, from::failure, 503, false,
              "The first room could not be joined: see `error`."},
    cause_row{"storage_failed", 41, from::failure, 503, false, "The node could not store what happened."},
    cause_row{"node_restart", 41, from::failure, 503, false,
              "The node's process, or what ran the call in it, failed while the call was on."},
    cause_row{"node_lost", 41, from::failure, 503, false, "The node was lost; another one tells it."},
    cause_row{"media_unavailable", 47, from::failure, 503, false, "No media could be set up: see `error`."},
    cause_row{"not_acceptable", 88, from::failure, 488, false,
              "The caller's media cannot be used: see `error`."},
    cause_row{"no_ack", 102, from::signalling, 503, false, "The caller never confirmed our answer."},
    cause_row{"session_expired", 102, from::signalling, 503, false,
              "The caller did not refresh the session in time (RFC 4028)."},
    // What a BYE's Reason or a dead dialog says.
    cause_row{"unallocated_number", 1, from::signalling, 503, true, ""},
    cause_row{"no_route_to_destination", 3, from::signalling, 503, true, ""},
    cause_row{"user_busy", 17, from::signalling, 503, true, ""},
    cause_row{"no_user_responding", 18, from::signalling, 503, true, ""},
    cause_row{"no_answer", 19, from::signalling, 503, true, ""},
    cause_row{"subscriber_absent", 20, from::signalling, 503, true, ""},
    cause_row{"number_changed", 22, from::signalling, 503, true, ""},
    cause_row{"destination_out_of_order", 27, from::signalling, 503, true, ""},
    cause_row{"invalid_number_format", 28, from::signalling, 503, true, ""},
    cause_row{"facility_rejected", 29, from::signalling, 503, true, ""},
    cause_row{"normal_unspecified", 31, from::signalling, 503, true, ""},
    cause_row{"no_circuit_available", 34, from::signalling, 503, true, ""},
    cause_row{"network_out_of_order", 38, from::signalling, 503, true,
              "Our answer could not be sent, or said by the other side."},
    cause_row{"temporary_failure", 41, from::signalling, 503, true,
              "The other side does not know the call any more, or said by it."},
    cause_row{"switch_congestion", 42, from::signalling, 503, true, ""},
    cause_row{"channel_unavailable", 44, from::signalling, 503, true, ""},
    cause_row{"resource_unavailable", 47, from::signalling, 503, true, ""},
    cause_row{"incoming_calls_barred", 55, from::signalling, 503, true, ""},
    cause_row{"bearer_capability_not_authorized", 57, from::signalling, 503, true, ""},
    cause_row{"bearer_capability_not_available", 58, from::signalling, 503, true, ""},
    cause_row{"bearer_capability_not_implemented", 65, from::signalling, 503, true, ""},
    cause_row{"service_not_implemented", 79, from::signalling, 503, true, ""},
    cause_row{"incompatible_destination", 88, from::signalling, 503, true, ""},
    cause_row{"recovery_on_timer_expiry", 102, from::signalling, 503, true,
              "A request of ours was not answered, or said by the other side."},
    cause_row{"protocol_error", 111, from::signalling, 503, true, ""},
    cause_row{"interworking", 127, from::failure, 503, true,
              "Said by the other side, or a cause without a name."},
};

/// The row, or null for a cause without a name of its own.
const cause_row* find_cause(std::string_view name) {
  const auto* found = std::find_if(cause_table.begin(), cause_table.end(),
                                   [name](const cause_row& each) { return each.name == name; });
  return found == cause_table.end() ? nullptr : found;
}

} // namespace

std::span<const cause_row> cause_rows() {
  return cause_table;
}

hangup_cause cause_named(std::string_view name) {
  const cause_row* found = find_cause(name);
  const cause_row& used = found ? *found : cause_table.back();
  return {used.q850, std::string{used.name}};
}

std::string q850_name(int value) {
  const auto* found = std::find_if(cause_table.begin(), cause_table.end(), [value](const cause_row& each) {
    return each.of_q850 && each.q850 == value;
  });
  return found == cause_table.end() ? fmt::format("q850_{}", value) : std::string{found->name};
}

call_status status_of(const hangup_cause& cause) {
  const cause_row* found = find_cause(cause.name);
  return found && found->from == cause_origin::failure ? call_status::failed : call_status::completed;
}

refusal refusal_of(const hangup_cause& cause) {
  const cause_row* found = find_cause(cause.name);
  switch (found ? found->sip : 503) {
  case 488:
    return {488, "Not Acceptable Here"};
  case 603:
    return {603, "Decline"};
  default:
    return {503, "Service Unavailable"};
  }
}

bool is_refusal(const hangup_cause& cause) {
  const cause_row* found = find_cause(cause.name);
  return found && (found->from == cause_origin::orderly || found->from == cause_origin::failure);
}

} // namespace plenary
