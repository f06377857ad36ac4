#include "actors/call/flow.hpp"

#include <fmt/format.h>

namespace plenary::flow {

namespace {

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
    if (worth_another(what.answer) && state_.attempt < max_attempts)
      return send();
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
    return parse_document(answer->body);
  }

  void ask(fetch_kind kind, const std::string& url, const std::string& method) {
    state_.now = phase::asking;
    state_.asking_for = kind;
    state_.url = url;
    state_.method = method;
    state_.attempt = 0;
    send();
  }

  void send() {
    ++state_.attempt;
    ++state_.fetch_number;
    effects_.push_back(
        fetch{state_.fetch_number, state_.asking_for, state_.url, state_.method, state_.attempt});
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

  void run(const conference& action) {
    state_.now = phase::in_action;
    effects_.push_back(enter_conference{action});
  }

  void run(redirect action) { // a copy: the list is about to be replaced
    if (++state_.redirects <= action.max_redirects)
      return ask(fetch_kind::redirect, action.url, action.method);
    state_.asking_for = fetch_kind::redirect;
    give_up({errc::limit_reached,
             fmt::format("{} redirects in a row, the limit is {}", state_.redirects, action.max_redirects)});
  }

  /// The source failed for good: the next one, if any is left.
  void give_up(error why) {
    effects_.push_back(source_failed{state_.asking_for, why});
    state_.last_error = std::move(why);
    state_.redirect_failed |= state_.asking_for == fetch_kind::redirect;
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
      effects_.push_back(source_failed{fetch_kind::fallback, read.error()});
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

outcome step(state before, const event& what) {
  interpreter running{std::move(before)};
  std::visit(running, what);
  return running.finish();
}

} // namespace plenary::flow
