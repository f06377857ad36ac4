#include "schema/call.hpp"

#include <algorithm>
#include <array>

namespace plenary {

namespace {

constexpr std::array status_table{
    status_row{call_status::queued, "queued", false, "The call waits to be made."},
    status_row{call_status::dialing, "dialing", false, "The call is being made."},
    status_row{call_status::ringing, "ringing", true, "The call has come in and is not answered yet."},
    status_row{call_status::in_progress, "in_progress", true, "The call is answered."},
    status_row{call_status::completed, "completed", true,
               "The call was answered and the caller, the flow or an operator ended it."},
    status_row{call_status::busy, "busy", false, "The called party was busy."},
    status_row{call_status::no_answer, "no_answer", false, "The called party did not answer."},
    status_row{call_status::failed, "failed", true, "The call was refused, or Plenary could not go on."},
    status_row{call_status::canceled, "canceled", true, "The caller gave up before it was answered."},
};

constexpr std::array ending_table{
    ending_row{call_ending::caller, "caller", "The caller hung up."},
    ending_row{call_ending::api, "api", "Somebody asked the API or `plenaryctl` to hang up."},
    ending_row{call_ending::flow, "flow", "No action was left, or there were no instructions."},
    ending_row{call_ending::room, "room", "It was out of its room, or not let in, and no action was left."},
    ending_row{call_ending::node, "node",
               "Anything else: no media, a dead dialog, a drain, a restart, a lost node."},
};

} // namespace

std::span<const status_row> status_rows() {
  return status_table;
}

std::span<const ending_row> ending_rows() {
  return ending_table;
}

std::string_view to_string(call_status status) {
  return status_table[static_cast<std::size_t>(status)].name;
}

std::optional<call_status> parse_call_status(std::string_view name) {
  const auto* found = std::find_if(status_table.begin(), status_table.end(),
                                   [name](const status_row& row) { return row.name == name; });
  return found == status_table.end() ? std::nullopt : std::optional{found->status};
}

bool is_terminal(call_status status) {
  return status >= call_status::completed;
}

std::string_view to_string(call_direction direction) {
  return direction == call_direction::inbound ? "inbound" : "outbound";
}

std::string_view to_string(call_ending who) {
  return ending_table[static_cast<std::size_t>(who)].name;
}

std::optional<call_ending> parse_call_ending(std::string_view name) {
  const auto* found = std::find_if(ending_table.begin(), ending_table.end(),
                                   [name](const ending_row& row) { return row.name == name; });
  return found == ending_table.end() ? std::nullopt : std::optional{found->who};
}

} // namespace plenary
