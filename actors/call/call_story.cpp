#include "actors/call/call_story.hpp"

#include "actors/call/hangup_causes.hpp"
#include "schema/foreign_text.hpp"

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

std::string told_message(const error& why) {
  if (why.code == errc::internal || why.code == errc::storage)
    return "the node failed; its log says more";
  return cut_foreign_text(why.message);
}

nlohmann::json event_data(const call_record& record, std::string_view event,
                          const std::optional<error>& what_failed) {
  nlohmann::json data{{"event_key", fmt::format("{}:{}", record.id.value, event)}};
  if (record.cause)
    data["hangup_cause"] = {{"q850", record.cause->q850}, {"name", record.cause->name}};
  if (record.cause && record.answered_at && record.ended_at)
    data["duration_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(*record.ended_at - *record.answered_at).count();
  if (what_failed)
    data["error"] = {{"code", to_string(what_failed->code)}, {"message", told_message(*what_failed)}};
  return data;
}

} // namespace plenary
