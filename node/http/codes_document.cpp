#include "node/http/api_codes.hpp"
#include "schema/call_failure.hpp"
#include "schema/error_codes.hpp"
#include "schema/hangup_causes.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

std::string api_rows() {
  std::string text = "| `code` | status | when |\n| --- | --- | --- |\n";
  for (const auto& row : api_code_rows())
    text += fmt::format("| `{}` | {}{} | {} |\n", row.name, row.statuses[0],
                        row.statuses[1] == 0 ? "" : fmt::format(", {}", row.statuses[1]), row.sentence);
  return text;
}

std::string failure_table() {
  std::string text = "| `code` | `message` | when |\n| --- | --- | --- |\n";
  for (const auto& row : failure_rows())
    text += fmt::format("| `{}` | {} | {} |\n", row.name, row.message, row.sentence);
  return text;
}

std::string reason_table() {
  std::string text = "| `reason` | what it was |\n| --- | --- |\n";
  for (const auto& row : error_rows())
    text += fmt::format("| `{}` | {} |\n", row.name, row.sentence);
  return text;
}

/// Status of an answered and of an unanswered call that ended with the cause.
std::string statuses_after(const cause_row& row) {
  const hangup_cause cause{row.q850, std::string{row.name}};
  return fmt::format("`{}` | `{}`", to_string(status_of(cause)),
                     is_refusal(cause) ? to_string(call_status::failed) : to_string(call_status::canceled));
}

std::string cause_table() {
  std::string text = "| `name` | `q850` | answered | not answered | caller hears | when |\n"
                     "| --- | --- | --- | --- | --- | --- |\n";
  for (const auto& row : cause_rows()) {
    const bool ours = row.from == cause_origin::orderly || row.from == cause_origin::failure;
    if (row.sentence.empty())
      continue;
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, row.q850, statuses_after(row),
                        ours ? fmt::format("{}", row.sip) : "", row.sentence);
  }
  return text;
}

std::string q850_table() {
  std::string text = "| `q850` | `name` |\n| --- | --- |\n";
  for (int value = 1; value <= 127; ++value)
    if (const auto name = q850_name(value); name != fmt::format("q850_{}", value))
      text += fmt::format("| {} | `{}` |\n", value, name);
  return text;
}

std::string status_table_text() {
  std::string text = "| `status` | told | what it is |\n| --- | --- | --- |\n";
  for (const auto& row : status_rows())
    text += fmt::format("| `{}` | {} | {} |\n", row.name, row.told ? "yes" : "not yet", row.sentence);
  return text;
}

std::string ending_table_text() {
  std::string text = "| `ended_by` | what it is |\n| --- | --- |\n";
  for (const auto& row : ending_rows())
    text += fmt::format("| `{}` | {} |\n", row.name, row.sentence);
  return text;
}

} // namespace

std::string codes_document() {
  std::string text =
      "# Codes\n\n"
      "Every code, cause and status that Plenary tells. This file is what `plenaryd --print-codes` prints; a "
      "test\nfails when the two differ.\n";
  text +=
      "\n## Errors of the API\n\n`error.code` of an answer of the HTTP API, and the HTTP statuses that it "
      "comes with.\n\n" +
      api_rows();
  text += "\n## Errors of a call\n\n`data.error.code` of an event, and `error.code` of `GET /v1/calls/{id}`; "
          "`message` is always the same for a\ncode, `reason` says what it was underneath and `detail` names "
          "the very thing in a sentence.\n\n" +
          failure_table();
  text += "\n`reason` is one of these:\n\n" + reason_table();
  text +=
      "\n## Causes of an end\n\n`hangup_cause.name` with its number by ITU-T Q.850, the status that a call "
      "ends with which was\nanswered and one which was not, and the SIP status that a caller who was not "
      "answered hears.\n\n" +
      cause_table();
  text += "\nWhen the other side's BYE or a dead dialog names a Q.850 value, `name` is the value's; "
          "`q850_<value>` for values\nthat do not stand here. An answered call is `completed` then, except "
          "after 127.\n\n" +
          q850_table();
  text +=
      "\n## Statuses of a call\n\n`call.status`. Those that are not told yet belong to calls that Plenary "
      "would make itself.\n\n" +
      status_table_text();
  text += "\n## Who ended a call\n\n`ended_by` of `GET /v1/calls/{id}`.\n\n" + ending_table_text();
  return text;
}

} // namespace plenary
