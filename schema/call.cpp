#include "schema/call.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace plenary {

namespace {

constexpr std::array<std::pair<call_status, std::string_view>, 9> status_names{{
    {call_status::queued, "queued"},
    {call_status::dialing, "dialing"},
    {call_status::ringing, "ringing"},
    {call_status::in_progress, "in_progress"},
    {call_status::completed, "completed"},
    {call_status::busy, "busy"},
    {call_status::no_answer, "no_answer"},
    {call_status::failed, "failed"},
    {call_status::canceled, "canceled"},
}};

} // namespace

std::string_view to_string(call_status status) {
  return status_names[static_cast<std::size_t>(status)].second;
}

std::optional<call_status> parse_call_status(std::string_view name) {
  const auto* found = std::find_if(status_names.begin(), status_names.end(),
                                   [name](const auto& entry) { return entry.second == name; });
  if (found == status_names.end())
    return std::nullopt;
  return found->first;
}

bool is_terminal(call_status status) {
  return status >= call_status::completed;
}

std::string_view to_string(call_direction direction) {
  return direction == call_direction::inbound ? "inbound" : "outbound";
}

} // namespace plenary
