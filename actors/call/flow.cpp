#include "actors/call/flow.hpp"

#include "actors/call/told_failure.hpp"
#include "actors/call/web_url.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary::flow {

namespace {

constexpr int temporary_redirect = 307;
constexpr int permanent_redirect = 308;
constexpr int too_many_requests = 429;

/// One step's work on the state, collecting effects.
class interpreter {
public:
  explicit interpreter(state before)
      : state_(std::move(before)) {}

  outcome finish() { return {std::move(state_), std::move(effects_)}; }

  void operator()(const started&) {
    if (state_.now == phase::fresh)
      ask(fetch_kind::answer, state_.settings.answer_url, state_.settings.answer_method);
  }

  void operator()(const fetched& what) {
    if (state_.now != phase::asking || what.number != state_.fetch_number)
      return;
    auto read = read_answer(what.answer);
    if (read)
      return take(std::move(*read));
    if (!try_again(what))
      give_up(read.error());
  }

  void operator()(const action_finished& what) {
    if (state_.now != phase::in_action)
      return;
    if (what.failure)
      state_.last_error = what.failure;
    else
      state_.redirects = 0;
    run_next();
  }

private:
  static bool worth_another(const result<http_answer>& answer) {
    return answer ? answer->status >= 500 : answer.error().code == errc::network;
  }

  static result<document> read_answer(const result<http_answer>& answer) {
    if (!answer)
      return tl::unexpected(answer.error());
    if (answer->status < 200 || answer->status > 299)
      return fail(errc::http_status, fmt::format("HTTP {}", answer->status));
    return answer->read ? *answer->read : parse_document(answer->body);
  }

  /// Whether another request for the same document is on its way now.
  bool try_again(const fetched& what) {
    const auto now = state_.began + what.took;
    if (what.answer && follows_move(*what.answer))
      return send(now, now);
    if (what.answer && what.answer->status == too_many_requests) {
      if (!what.answer->retry_after || std::exchange(state_.was_patient, true))
        return false;
      return send(now, now + *what.answer->retry_after);
    }
    if (!worth_another(what.answer) || state_.attempt >= max_attempts)
      return false;
    return send(now, std::max(now, attempt_times[static_cast<std::size_t>(state_.attempt)]));
  }

  /// 307 and 308 keep method and body (RFC 9110 section 15.4.8); only within the origin, and only once.
  bool follows_move(const http_answer& answer) {
    if ((answer.status != temporary_redirect && answer.status != permanent_redirect) || state_.moved)
      return false;
    auto target = same_origin_target(state_.url, answer.location);
    if (!target)
      return false;
    state_.url = std::move(*target);
    --state_.attempt; // the same attempt, at another place
    return state_.moved = true;
  }

  void ask(fetch_kind kind, const std::string& url, const std::string& method) {
    state_.now = phase::asking;
    state_.asking_for = kind;
    state_.url = url;
    state_.method = method;
    state_.attempt = 0;
    state_.moved = false;
    state_.was_patient = false;
    send(std::chrono::milliseconds{0}, std::chrono::milliseconds{0});
  }

  /// Both times count from the start of the first attempt; false when too little is left of the whole.
  bool send(std::chrono::milliseconds now, std::chrono::milliseconds at) {
    if (at > total_timeout - shortest_attempt)
      return false;
    ++state_.attempt;
    ++state_.fetch_number;
    state_.began = at;
    effects_.push_back(fetch{state_.fetch_number, state_.asking_for, state_.url, state_.method,
                             state_.attempt, at - now, total_timeout - at});
    return true;
  }

  void take(document read) {
    if (!read.ignored_members.empty())
      effects_.push_back(warn_ignored{std::move(read.ignored_members)});
    state_.actions = std::move(read.actions);
    state_.cursor = 0;
    run_next();
  }

  void run_next() {
    if (state_.cursor == state_.actions.size())
      return end("normal_clearing");
    std::visit([this](const auto& action) { run(action); }, state_.actions[state_.cursor++]);
  }

  void run(const call_action& action) {
    state_.now = phase::in_action;
    effects_.push_back(begin{action, room_ahead()});
  }

  /// The first room that the action which runs, or a later one, names.
  std::string room_ahead() const {
    for (auto at = state_.cursor - 1; at < state_.actions.size(); ++at)
      if (const auto* room = std::get_if<conference>(&state_.actions[at]))
        return room->room;
    return {};
  }

  void run(redirect action) { // a copy: the list is about to be replaced
    if (++state_.redirects <= action.max_redirects)
      return ask(fetch_kind::redirect, action.url, action.method);
    state_.asking_for = fetch_kind::redirect;
    state_.url = action.url;
    give_up({errc::limit_reached,
             fmt::format("{} redirects in a row, the limit is {}", state_.redirects, action.max_redirects)});
  }

  /// What customers branch on is which of the URLs it was; the reason says what it was.
  call_failure failure_of(const error& why) const {
    if (why.code == errc::unsupported_action)
      return told_failure(failure_code::unsupported_action, why);
    const auto code =
        state_.redirect_failed ? failure_code::redirect_failed : failure_code::answer_url_failed;
    if (state_.asking_for != fetch_kind::fallback)
      return told_failure(code, why);
    return told_failure(code, {why.code, "fallback_url: " + why.message});
  }

  /// The source failed for good: the next one, if any is left.
  void give_up(const error& why) {
    state_.redirect_failed |= state_.asking_for == fetch_kind::redirect;
    state_.last_error = failure_of(why);
    effects_.push_back(source_failed{state_.asking_for, state_.url, *state_.last_error});
    if (take_fallback_actions())
      return;
    if (!state_.fallback_url_used && !state_.settings.fallback_url.empty()) {
      state_.fallback_url_used = true;
      return ask(fetch_kind::fallback, state_.settings.fallback_url, state_.settings.answer_method);
    }
    end(state_.redirect_failed ? "redirect_failed" : "answer_url_failed");
  }

  bool take_fallback_actions() {
    if (state_.fallback_actions_used || state_.settings.fallback_actions.empty())
      return false;
    state_.fallback_actions_used = true;
    auto read = parse_inline_actions(state_.settings.fallback_actions);
    if (!read) // the configuration refuses such text; a call still must not end in silence
      effects_.push_back(source_failed{
          fetch_kind::fallback, {}, told_failure(failure_code::answer_url_failed, read.error())});
    if (!read || read->actions.empty())
      return false;
    take(std::move(*read));
    return true;
  }

  void end(std::string cause) {
    state_.now = phase::ended;
    effects_.push_back(ended{std::move(cause)});
  }

  state state_;
  std::vector<effect> effects_;
};

} // namespace

std::string_view to_string(fetch_kind kind) {
  switch (kind) {
  case fetch_kind::fallback:
    return "fallback_url";
  case fetch_kind::redirect:
    return "redirect";
  default:
    return "answer_url";
  }
}

outcome step(state before, const event& what) {
  interpreter running{std::move(before)};
  std::visit(running, what);
  return running.finish();
}

} // namespace plenary::flow
