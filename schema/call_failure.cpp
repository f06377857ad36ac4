#include "schema/call_failure.hpp"

#include <algorithm>
#include <array>

namespace plenary {

namespace {

constexpr std::array failure_table{
    failure_row{
        failure_code::answer_url_failed, "answer_url_failed",
        "the answer_url gave no instructions that can be run",
        "The `answer_url`, or the `fallback_url` after it, was not reached, answered too late or without "
        "2xx, or its document is wrong."},
    failure_row{
        failure_code::redirect_failed, "redirect_failed", "the redirect gave no instructions that can be run",
        "The same of the URL of a `redirect` action; also more redirects in a row than `max_redirects`."},
    failure_row{failure_code::unsupported_action, "unsupported_action",
                "the instructions hold an action that is not supported",
                "A document holds an action that Plenary does not run; `detail` names its JSON path."},
    failure_row{
        failure_code::conference_unavailable, "conference_unavailable", "conference room could not be joined",
        "The room of a `conference` action could not be joined, or was lost while the caller was in it."},
    failure_row{
        failure_code::not_acceptable, "not_acceptable", "the caller's media cannot be used",
        "Codecs, encryption or addresses of the caller's media description do not fit; the caller hears "
        "488."},
    failure_row{failure_code::media_unavailable, "media_unavailable", "no media could be set up for the call",
                "The node had no media port left, or the node that was to mix the call did not answer."},
};

} // namespace

std::span<const failure_row> failure_rows() {
  return failure_table;
}

std::string_view to_string(failure_code code) {
  return failure_table[static_cast<std::size_t>(code)].name;
}

std::optional<failure_code> parse_failure_code(std::string_view name) {
  const auto* found = std::find_if(failure_table.begin(), failure_table.end(),
                                   [name](const failure_row& row) { return row.name == name; });
  return found == failure_table.end() ? std::nullopt : std::optional{found->code};
}

std::string_view message_of(failure_code code) {
  return failure_table[static_cast<std::size_t>(code)].message;
}

failure_code likely_code(std::string_view cause, errc reason) {
  if (const auto same = parse_failure_code(to_string(reason)))
    return *same;
  return parse_failure_code(cause).value_or(failure_code::answer_url_failed);
}

} // namespace plenary
