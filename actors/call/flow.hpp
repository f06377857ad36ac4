#pragma once

#include "actors/call/action.hpp"
#include "schema/application.hpp"
#include "schema/call_failure.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

/// What a call does, as a pure interpreter: it asks for documents and runs their actions one after the other.
///
///            started                     good document
///   [fresh] ---------> [asking] ---------------------------> run the next action ---- end of list --->
///   [ended]
///                       |  ^  ^                               |            ^       normal_clearing
///          network, 5xx |  |  |            redirect           |            |
///          (after a wait) +--+ +------------------------------+            | action_finished
///                       |                                     | conference |
///                       | failed for good                     +------> [in_action]
///                       v
///          fallback_actions, then fallback_url, each once a call; then [ended] answer_url_failed or
///          redirect_failed
///
/// A later action adds a struct to `action` and `call_action` and a row to its reader: nothing here changes,
/// since every action that takes time ends with `action_finished`.
namespace plenary::flow {

/// Time to connect to a customer's server, and for all attempts for one document together. Time in the queue
/// of the HTTP client is not counted.
inline constexpr std::chrono::milliseconds connect_timeout{3000};
inline constexpr std::chrono::milliseconds total_timeout{5000};

/// When the attempts for one document begin at the earliest, from the first on: the second and the third
/// after a network error or a 5xx, so that a server that starts anew is met again. A timeout is not tried
/// again: the caller is waiting.
inline constexpr std::array<std::chrono::milliseconds, 3> attempt_times{
    std::chrono::milliseconds{0}, std::chrono::milliseconds{500}, std::chrono::milliseconds{2000}};
inline constexpr int max_attempts = static_cast<int>(attempt_times.size());

/// An attempt that would have less time than this is not made.
inline constexpr std::chrono::milliseconds shortest_attempt{250};

enum class phase { fresh, asking, in_action, ended };

/// Which of the customer's URLs is asked.
enum class fetch_kind { answer, fallback, redirect };

/// `answer_url`, `fallback_url` or `redirect`.
std::string_view to_string(fetch_kind kind);

/// Everything the interpreter remembers; a value.
struct state {
  explicit state(application from = {})
      : settings(std::move(from)) {}

  application settings;
  phase now = phase::fresh;
  std::vector<action> actions;
  std::size_t cursor = 0;         ///< of the action that runs next
  int redirects = 0;              ///< in a row, without an action between them
  std::uint32_t fetch_number = 0; ///< of the latest request; answers to older ones are ignored
  fetch_kind asking_for = fetch_kind::answer;
  std::string url;
  std::string method;
  int attempt = 0;
  std::chrono::milliseconds began{0}; ///< of the latest attempt, from the first one on
  bool moved = false;                 ///< a 307 or 308 of this source was followed
  bool was_patient = false;           ///< a 429 of this source was obeyed
  bool fallback_actions_used = false;
  bool fallback_url_used = false;
  bool redirect_failed = false;           ///< why there is a fallback: decides the cause at the end
  std::optional<call_failure> last_error; ///< stands in later events' `data.error`
};

/// The call may begin.
struct started {};

/// An HTTP answer, whatever its status.
struct http_answer {
  int status = 0;
  std::string body;
  std::string location = {};                                 ///< empty: none
  std::optional<std::chrono::milliseconds> retry_after = {}; ///< from now
  std::optional<result<document>> read = {}; ///< what the body says, when somebody has read it already
};

/// The request of that number ended.
struct fetched {
  std::uint32_t number = 0;
  result<http_answer> answer;
  std::chrono::milliseconds took{0}; ///< from its start to its end
};

/// The action that took time is over; `failure` when it could not be done. The flow goes on in both cases.
struct action_finished {
  std::optional<call_failure> failure;
};

using event = std::variant<started, fetched, action_finished>;

/// Send this request after `wait`, within `connect_timeout` and `timeout`, redirects not followed, then tell
/// `fetched`.
struct fetch {
  std::uint32_t number = 0;
  fetch_kind kind = fetch_kind::answer;
  std::string url;
  std::string method;
  int attempt = 1;
  std::chrono::milliseconds wait{0};
  std::chrono::milliseconds timeout{total_timeout};
};

/// Carry out this action, then tell `action_finished`.
struct begin {
  call_action what;
  std::string room_ahead; ///< the first room that it or a later action of the list names; empty: none
};

/// Tell the operator and the counters of members that were ignored.
struct warn_ignored {
  std::vector<std::string> members; ///< JSON paths
};

/// Tell the operator and the counters that a source of actions failed for good.
struct source_failed {
  fetch_kind kind = fetch_kind::answer;
  std::string url; ///< empty: the application's `fallback_actions`
  call_failure why;
};

/// The flow is over: hang up with this cause.
struct ended {
  std::string cause;
};

using effect = std::variant<fetch, begin, warn_ignored, source_failed, ended>;

struct outcome {
  state next;
  std::vector<effect> effects; ///< to be done in this order
};

/// One step. An event that has no meaning in the state changes nothing.
outcome step(state before, const event& what);

} // namespace plenary::flow
