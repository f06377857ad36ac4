#include "actors/call/story.hpp"

#include "schema/caller_json.hpp"
#include "schema/hangup_causes.hpp"

#include <fmt/format.h>

#include <utility>

namespace plenary::call_machine {

namespace {

/// `canceled` when the caller gave up unanswered, `failed` when it was refused, else by the cause.
call_status final_status(const call_record& record, const hangup_cause& cause) {
  if (record.answered_at)
    return status_of(cause);
  return is_refusal(cause) ? call_status::failed : call_status::canceled;
}

/// `event_key` (`<call id>:<event>`), `hangup_cause` {`q850`, `name`} when the call is over,
/// `duration_seconds` when it was answered too, and `error` (see failure_json) when something went wrong.
nlohmann::json event_data(const call_record& record, const std::string& event,
                          const std::optional<call_failure>& failure) {
  nlohmann::json data{{"event_key", fmt::format("{}:{}", record.id.value, event)}};
  if (record.cause)
    data["hangup_cause"] = {{"q850", record.cause->q850}, {"name", record.cause->name}};
  if (record.cause && record.answered_at && record.ended_at)
    data["duration_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(*record.ended_at - *record.answered_at).count();
  if (failure)
    data["error"] = failure_json<nlohmann::json>(*failure);
  return data;
}

} // namespace

commit story::create(wall_time at) {
  now = phase::running;
  record.status = call_status::ringing;
  record.created_at = at;
  return tell("call.created", telling::created, std::nullopt);
}

commit story::answer(wall_time at, const std::optional<call_failure>& failure) {
  record.status = call_status::in_progress;
  record.answered_at = at;
  return tell("call.answered", telling::answered, failure);
}

bool story::resume() {
  if (now != phase::untold || is_terminal(record.status))
    return false;
  now = phase::running;
  return true;
}

bool story::end(hangup_cause why, call_ending by) {
  if (now != phase::running)
    return false;
  now = phase::closing;
  cause = std::move(why);
  ended_by = by;
  record.room.reset();
  return true;
}

std::optional<commit> story::tell_end(wall_time at, const std::optional<call_failure>& failure) {
  if (now != phase::closing || committing != telling::nothing)
    return std::nullopt;
  now = phase::ending;
  record.status = final_status(record, *cause);
  record.ended_at = at;
  record.cause = cause;
  record.ended_by = ended_by;
  record.error = failure;
  return tell("call." + std::string{to_string(record.status)}, telling::end, failure);
}

story::upshot story::committed(bool stored) {
  const auto what = std::exchange(committing, telling::nothing);
  if (what == telling::nothing)
    return upshot::nothing;
  if (what == telling::end) {
    now = phase::over;
    return upshot::over;
  }
  if (!stored) {
    --record.last_sequence;
    record.answered_at.reset();
    if (what == telling::created) {
      cause = cause.value_or(cause_named("storage_failed"));
      now = phase::over;
      return upshot::over;
    }
  }
  if (now == phase::closing)
    return upshot::end_is_due;
  if (!stored)
    return upshot::taken_back;
  return what == telling::created ? upshot::created : upshot::answered;
}

commit story::tell(const std::string& name, telling what, const std::optional<call_failure>& failure) {
  committing = what;
  const auto sequence = ++record.last_sequence;
  return {record, {{name, sequence, event_data(record, name, failure)}}};
}

} // namespace plenary::call_machine
