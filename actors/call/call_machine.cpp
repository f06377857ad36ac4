#include "actors/call/call_machine.hpp"

#include "actors/call/effect_list.hpp"
#include "actors/call/told_failure.hpp"
#include "schema/hangup_causes.hpp"

#include <fmt/format.h>

#include <utility>

namespace plenary::call_machine {

namespace {

/// One step's work on the state, collecting effects.
class machine {
public:
  machine(state before, wall_time now)
      : state_(std::move(before))
      , now_(now) {}

  outcome finish_step() { return {std::move(state_), effects_.take()}; }

  void operator()(const incoming&) {
    if (story_.now == story::phase::untold)
      effects_.add(story_.create(now_));
  }

  void operator()(const restarted& what) {
    if (!story_.resume())
      return;
    dialog_.gone();
    end(cause_named(what.cause), call_ending::node);
  }

  void operator()(const committed& what) {
    switch (story_.committed(what.stored.has_value())) {
    case story::upshot::nothing:
      return;
    case story::upshot::created:
      effects_.add(dialog_.alert());
      return run_flow(flow::started{});
    case story::upshot::answered:
      return effects_.add(dialog_.answer());
    case story::upshot::taken_back:
      return end(cause_named("storage_failed"), call_ending::node);
    case story::upshot::end_is_due:
      return tell_end();
    case story::upshot::over:
      return release();
    }
  }

  void operator()(const document_fetched& what) {
    if (story_.now == story::phase::running)
      run_flow(what.what);
  }

  /// What only the action that runs understands.
  template <class What>
  void operator()(const What& what) {
    act(what);
  }

  // -- what brings the caller's side on

  void operator()(const leg_opened& what) {
    if (!dialog_.opened(what.leg))
      return;
    if (story_.now != story::phase::running)
      return release();
    if (!what.leg)
      return end_for_leg(what.leg.error());
    advance();
  }

  void operator()(const leg_replaced& what) { dialog_.replaced(what.sdp); }

  void operator()(const confirmed& what) {
    if (!is_in(dialog::phase::accepted))
      return;
    if (!dialog_.late_offer)
      return go_up();
    if (!what.answer)
      return end(cause_named("not_acceptable"), call_ending::node);
    effects_.add(dialog_.complete(*what.answer));
  }

  void operator()(const leg_completed& what) {
    if (!is_in(dialog::phase::completing))
      return;
    if (!what.done)
      return end_for_leg(what.done.error());
    go_up();
  }

  // -- what ends the call

  void operator()(const cancelled&) { lose_caller(cause_named("originator_cancel"), call_ending::caller); }
  void operator()(const remote_hangup& what) {
    lose_caller(what.cause, what.by_caller ? call_ending::caller : call_ending::node);
  }
  void operator()(const media_timeout&) {
    if (dialog_.leg == dialog::leg_phase::open)
      end(cause_named("media_timeout"), call_ending::node);
  }
  void operator()(const answer_unusable&) { end(cause_named("not_acceptable"), call_ending::node); }
  void operator()(const node_draining&) { end(cause_named("node_draining"), call_ending::node); }
  void operator()(const hangup_requested& what) {
    const bool asked = what.cause == "normal_clearing"; // the other causes are the node's own
    end(cause_named(what.cause), asked ? call_ending::api : call_ending::node);
  }

private:
  // -- the flow

  void run_flow(const flow::event& what, call_ending by = call_ending::flow) {
    auto [next, effects] = flow::step(std::move(state_.flow), what);
    state_.flow = std::move(next);
    for (auto& each : effects)
      std::visit([this, by](auto& effect) { take(effect, by); }, each);
  }

  /// What flow and activity want of the world.
  template <class What>
  void take(What& what, call_ending) {
    effects_.add(std::move(what));
  }
  void take(flow::begin& what, call_ending) {
    state_.next = std::move(what);
    advance();
  }
  void take(flow::ended& what, call_ending by) {
    const bool declined = !story_.record.answered_at && what.cause == "normal_clearing";
    end(cause_named(declined ? "call_rejected" : what.cause), by);
  }

  // -- the action

  /// Brings the caller's side to where the next action can begin, and begins it there.
  void advance() {
    if (!state_.next)
      return;
    const auto& ahead = state_.next->room_ahead;
    switch (dialog_.toward(activity::needs_of(state_.next->what))) {
    case dialog::step::place:
      return effects_.add(dialog_.place(
          ahead.empty() ? std::nullopt : std::optional{room_key{story_.record.customer, ahead}}));
    case dialog::step::answer:
      return tell_answer();
    case dialog::step::wait:
      return;
    case dialog::step::begin:
      return follow(activity::begin(std::exchange(state_.next, std::nullopt)->what, story_.record));
    }
  }

  void act(const activity::event& what) { follow(activity::step(std::move(state_.activity), what)); }

  void follow(activity::outcome what) {
    state_.activity = std::move(what.next);
    for (auto& each : what.wants)
      std::visit([this](auto& want) { take(want, call_ending::flow); }, each);
  }

  void take(activity::standing& what, call_ending) {
    story_.record.room = what.room;
    if (dialog_.now == dialog::phase::alerting)
      tell_answer();
  }
  void take(activity::finished& what, call_ending) {
    story_.record.room.reset();
    if (what.refuses && dialog_.now == dialog::phase::alerting) {
      state_.flow.last_error = what.failure;
      return end(cause_named(to_string(what.failure->code)), what.by);
    }
    if (!dialog_.is_on_its_way())
      return run_flow(flow::action_finished{std::move(what.failure)}, what.by);
    if (what.failure)
      state_.flow.last_error = std::exchange(what.failure, std::nullopt);
    state_.held_back = std::move(what);
  }

  // -- the caller

  /// Nothing brings on the caller's side of a call that ends.
  bool is_in(dialog::phase what) const { return story_.now == story::phase::running && dialog_.now == what; }

  void tell_answer() {
    dialog_.now = dialog::phase::answering;
    effects_.add(story_.answer(now_, state_.flow.last_error));
  }

  void go_up() {
    dialog_.now = dialog::phase::up;
    if (auto over = std::exchange(state_.held_back, std::nullopt))
      return take(*over, over->by);
    advance();
  }

  void lose_caller(const hangup_cause& cause, call_ending by) {
    if (story_.now == story::phase::untold)
      return;
    dialog_.gone();
    end(story_.record.answered_at ? cause : cause_named("originator_cancel"), by);
  }

  // -- the end

  void end_for_leg(const error& why) {
    const bool theirs = why.code == errc::not_acceptable || why.code == errc::malformed;
    const auto code = theirs ? failure_code::not_acceptable : failure_code::media_unavailable;
    state_.flow.last_error = told_failure(code, why);
    end(cause_named(to_string(code)), call_ending::node);
  }

  /// The first cause counts. What must be told is told as soon as no other commit is under way.
  void end(const hangup_cause& cause, call_ending by) {
    if (!story_.end(cause, by))
      return;
    state_.next.reset();
    state_.held_back.reset();
    act(activity::stopped{});
    tell_end();
  }

  void tell_end() { effects_.add(story_.tell_end(now_, state_.flow.last_error)); }

  /// The end is told: lets go of the caller and the leg, once each; waits for a leg that is still being made.
  void release() {
    if (story_.now != story::phase::over || state_.finished)
      return;
    effects_.add(dialog_.dismiss(*story_.cause, state_.flow.last_error));
    effects_.add(dialog_.close());
    if (dialog_.leg == dialog::leg_phase::placing)
      return;
    state_.finished = true;
    effects_.add(finish{});
  }

  state state_;
  wall_time now_;
  dialog& dialog_ = state_.dialog;
  story& story_ = state_.story;
  effect_list<effect> effects_;
};

} // namespace

outcome step(state before, const event& what, wall_time now) {
  machine running{std::move(before), now};
  std::visit(running, what);
  return running.finish_step();
}

} // namespace plenary::call_machine
