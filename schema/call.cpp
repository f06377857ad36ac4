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

constexpr std::array<std::string_view, 5> ending_names{"caller", "api", "flow", "room", "node"};

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

std::string_view to_string(call_ending who) {
  return ending_names[static_cast<std::size_t>(who)];
}

std::optional<call_ending> parse_call_ending(std::string_view name) {
  const auto* found = std::find(ending_names.begin(), ending_names.end(), name);
  if (found == ending_names.end())
    return std::nullopt;
  return static_cast<call_ending>(found - ending_names.begin());
}

} // namespace plenary
