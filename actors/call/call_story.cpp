#include "actors/call/call_story.hpp"

#include "schema/caller_json.hpp"
#include "schema/foreign_text.hpp"
#include "schema/hangup_causes.hpp"

namespace plenary {

call_status final_status(const call_record& record, const hangup_cause& cause) {
  if (record.answered_at)
    return status_of(cause);
  return is_refusal(cause) ? call_status::failed : call_status::canceled;
}

std::string terminal_event(call_status status) {
  PLENARY_ASSERT(is_terminal(status));
  return "call." + std::string{to_string(status)};
}

call_failure told_failure(failure_code code, const error& why) {
  const bool inner = why.code == errc::internal || why.code == errc::storage;
  return {code, why.code, inner ? "the node failed; its log says more" : cut_foreign_text(why.message)};
}

nlohmann::json event_data(const call_record& record, std::string_view event,
                          const std::optional<call_failure>& what_failed) {
  nlohmann::json data{{"event_key", fmt::format("{}:{}", record.id.value, event)}};
  if (record.cause)
    data["hangup_cause"] = {{"q850", record.cause->q850}, {"name", record.cause->name}};
  if (record.cause && record.answered_at && record.ended_at)
    data["duration_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(*record.ended_at - *record.answered_at).count();
  if (what_failed)
    data["error"] = failure_json<nlohmann::json>(*what_failed);
  return data;
}

} // namespace plenary
