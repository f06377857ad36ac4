#include "actors/call/call_machine.hpp"

#include "actors/call/call_story.hpp"
#include "schema/hangup_causes.hpp"

#include <utility>

namespace plenary::call_machine {

namespace {

constexpr std::chrono::seconds retry_after{10};

/// One step's work on the state, collecting effects.
class machine {
public:
  machine(state before, wall_time now)
      : state_(std::move(before))
      , now_(now) {}

  outcome finish_step() { return {std::move(state_), std::move(effects_)}; }

  void operator()(const incoming&) {
    if (state_.now != phase::fresh)
      return;
    state_.now = phase::creating;
    state_.record.status = call_status::ringing;
    state_.record.created_at = now_;
    tell("call.created");
  }

  void operator()(const restarted&) {
    if (state_.now != phase::fresh || is_terminal(state_.record.status))
      return;
    state_.caller_gone = true;
    state_.accepted = state_.record.answered_at.has_value();
    end(cause_named("node_restart"), call_ending::node);
  }

  void operator()(const committed& what) {
    if (!std::exchange(state_.committing, false))
      return;
    if (state_.now == phase::ending)
      return release();
    if (!what.stored)
      return untell();
    if (state_.ending_cause)
      return tell_end();
    if (state_.now == phase::creating)
      begin();
    else if (state_.now == phase::answering)
      answer();
  }

  void operator()(const document_fetched& what) {
    if (state_.now == phase::preparing || state_.now == phase::talking)
      run_flow(what.what);
  }

  void operator()(const leg_opened& what) {
    if (!std::exchange(state_.placing, false))
      return;
    state_.leg_open = what.leg.has_value();
    if (state_.now == phase::ending)
      return release();
    if (!what.leg)
      return refuse_for_leg(what.leg.error());
    state_.local_sdp = what.leg->sdp;
    state_.late_offer = what.leg->is_offer;
    if (state_.late_offer) // nobody knows yet how this caller can hear: the answer comes with the ACK
      return tell_answered();
    state_.now = phase::joining;
    enter();
  }

  void operator()(const leg_replaced& what) {
    if (state_.leg_open && !state_.accepted)
      state_.local_sdp = what.sdp;
  }

  void operator()(const room_joined& what) {
    if (!awaits_room() || state_.joined)
      return;
    state_.joined = true;
    state_.record.room = what.room;
    if (state_.now == phase::joining)
      tell_answered();
  }

  void operator()(const join_failed& what) {
    if (!awaits_room() || state_.joined)
      return;
    // Customers branch on one code, whatever kept the caller out; the message says what it was.
    const auto told = told_failure(failure_code::conference_unavailable, what.why);
    if (state_.now == phase::joining) {
      state_.conference.reset();
      state_.flow.last_error = told;
      return end(cause_named("conference_unavailable"), call_ending::room);
    }
    out_of_room(told);
  }

  void operator()(const left_room& what) {
    if (!state_.joined)
      return;
    if (state_.now != phase::talking) { // the room ended before the caller was answered: told when it talks
      state_.joined = false;
      state_.record.room.reset();
      if (what.failure)
        state_.flow.last_error = lost_room(*what.failure);
      return;
    }
    out_of_room(what.failure ? std::optional{lost_room(*what.failure)} : std::nullopt);
  }

  void operator()(const confirmed& what) {
    if (state_.now != phase::confirming)
      return;
    if (!state_.late_offer)
      return talk();
    if (!what.answer)
      return end(cause_named("not_acceptable"), call_ending::node);
    effects_.push_back(complete_leg{*what.answer});
    state_.late_offer = false;
    state_.now = phase::completing;
  }

  void operator()(const leg_completed& what) {
    if (state_.now != phase::completing)
      return;
    if (!what.done)
      return refuse_for_leg(what.done.error());
    state_.now = phase::talking;
    enter();
  }

  void operator()(const cancelled&) { caller_left(cause_named("originator_cancel"), call_ending::caller); }
  void operator()(const remote_hangup& what) {
    caller_left(what.cause, what.by_caller ? call_ending::caller : call_ending::node);
  }

  void operator()(const media_timeout&) {
    if (state_.leg_open)
      end(cause_named("media_timeout"), call_ending::node);
  }

  void operator()(const answer_unusable&) { end(cause_named("not_acceptable"), call_ending::node); }
  void operator()(const node_draining&) { end(cause_named("node_draining"), call_ending::node); }
  void operator()(const hangup_requested& what) {
    const bool asked = what.cause == "normal_clearing"; // the other causes are the node's own
    end(cause_named(what.cause), asked ? call_ending::api : call_ending::node);
  }

private:
  static call_failure lost_room(const error& why) {
    return told_failure(failure_code::conference_unavailable, why);
  }

  bool awaits_room() const {
    return state_.conference && (state_.now == phase::joining || state_.now == phase::talking);
  }

  room_key room() const { return {state_.record.customer, state_.conference->room}; }

  /// Commits the record as it is now, with one event.
  void tell(const std::string& name) {
    const auto sequence = ++state_.record.last_sequence;
    state_.committing = true;
    effects_.push_back(
        commit{state_.record, {{name, sequence, event_data(state_.record, name, state_.flow.last_error)}}});
  }

  /// The latest event was not stored, so it did not happen: a call without `call.created` has no story at
  /// all.
  void untell() {
    --state_.record.last_sequence;
    state_.record.answered_at.reset();
    if (state_.now == phase::creating) {
      state_.ending_cause = state_.ending_cause.value_or(cause_named("storage_failed"));
      state_.now = phase::ending;
      return release();
    }
    if (state_.ending_cause)
      return tell_end();
    end(cause_named("storage_failed"), call_ending::node);
  }

  void begin() {
    state_.now = phase::preparing;
    effects_.push_back(ring{});
    run_flow(flow::started{});
  }

  void tell_answered() {
    state_.now = phase::answering;
    state_.record.status = call_status::in_progress;
    state_.record.answered_at = now_;
    tell("call.answered");
  }

  void answer() {
    state_.now = phase::confirming;
    state_.accepted = true;
    effects_.push_back(accept{std::exchange(state_.local_sdp, {})});
  }

  /// The ACK of a caller that was answered in its room. The room may have ended in between.
  void talk() {
    state_.now = phase::talking;
    if (!state_.joined)
      out_of_room(std::nullopt);
  }

  void enter() {
    auto how = state_.conference->how;
    how.number = state_.record.from;
    effects_.push_back(join{room(), std::move(how)});
  }

  void out_of_room(std::optional<call_failure> why) {
    state_.joined = false;
    state_.conference.reset();
    state_.record.room.reset();
    out_of_room_ = true;
    run_flow(flow::action_finished{std::move(why)});
    out_of_room_ = false;
  }

  void run_flow(const flow::event& what) {
    auto [next, effects] = flow::step(std::move(state_.flow), what);
    state_.flow = std::move(next);
    for (auto& each : effects)
      std::visit([this](auto& effect) { perform(effect); }, each);
  }

  void perform(flow::fetch& what) { effects_.push_back(fetch{std::move(what)}); }
  void perform(flow::warn_ignored& what) { effects_.push_back(warn_ignored{std::move(what.members)}); }
  void perform(flow::source_failed& what) { effects_.push_back(source_failed{std::move(what)}); }

  void perform(flow::enter_conference& what) {
    state_.conference = std::move(what.what);
    if (state_.leg_open)
      return enter();
    state_.now = phase::opening;
    state_.placing = true;
    effects_.push_back(place_leg{room()});
  }

  void perform(flow::ended& what) {
    const bool declined = !state_.record.answered_at && what.cause == "normal_clearing";
    end(cause_named(declined ? "call_rejected" : what.cause),
        out_of_room_ ? call_ending::room : call_ending::flow);
  }

  void refuse_for_leg(const error& why) {
    const bool theirs = why.code == errc::not_acceptable || why.code == errc::malformed;
    const auto code = theirs ? failure_code::not_acceptable : failure_code::media_unavailable;
    state_.flow.last_error = told_failure(code, why);
    state_.conference.reset();
    end(cause_named(to_string(code)), call_ending::node);
  }

  void caller_left(const hangup_cause& cause, call_ending by) {
    if (state_.now == phase::fresh || state_.now == phase::finished)
      return;
    state_.caller_gone = true;
    end(state_.record.answered_at ? cause : cause_named("originator_cancel"), by);
  }

  /// The first cause counts. What must be told is told as soon as no other commit is under way.
  void end(hangup_cause cause, call_ending by) {
    if (state_.ending_cause || (state_.now == phase::fresh && !state_.caller_gone))
      return;
    state_.ending_cause = std::move(cause);
    state_.ended_by = by;
    if (state_.conference && (state_.joined || state_.now == phase::joining || state_.now == phase::talking))
      effects_.push_back(leave{room()});
    state_.joined = false;
    state_.conference.reset();
    state_.record.room.reset();
    if (!state_.committing)
      tell_end();
  }

  void tell_end() {
    state_.now = phase::ending;
    auto& record = state_.record;
    record.status = final_status(record, *state_.ending_cause);
    record.ended_at = now_;
    record.cause = state_.ending_cause;
    record.ended_by = state_.ended_by;
    record.error = state_.flow.last_error;
    tell(terminal_event(record.status));
  }

  /// The end is told: lets go of the caller and the leg, once each; waits for a leg that is still being made.
  void release() {
    if (state_.committing)
      return;
    if (!std::exchange(state_.caller_gone, true))
      dismiss();
    if (std::exchange(state_.leg_open, false))
      effects_.push_back(close_leg{});
    if (state_.placing)
      return;
    state_.now = phase::finished;
    effects_.push_back(finish{});
  }

  /// Of 488 the caller hears what did not fit; the operator is told the rest alone.
  std::string detail_of_refusal(int status) const {
    const auto& failure = state_.flow.last_error;
    if (status == 488 && failure)
      return failure->detail;
    const auto& cause = state_.ending_cause->name;
    return failure ? fmt::format("{}: {}", cause, failure->detail) : cause;
  }

  void dismiss() {
    if (state_.accepted) {
      effects_.push_back(hang_up{*state_.ending_cause});
      return;
    }
    const auto answer = refusal_of(*state_.ending_cause);
    const bool busy = answer.status == 503;
    effects_.push_back(reject{answer.status, std::string{answer.reason},
                              busy ? std::optional{retry_after} : std::nullopt,
                              detail_of_refusal(answer.status)});
  }

  state state_;
  wall_time now_;
  std::vector<effect> effects_;
  bool out_of_room_ = false; ///< the flow goes on because the caller is out of its room
};

} // namespace

outcome step(state before, const event& what, wall_time now) {
  machine running{std::move(before), now};
  std::visit(running, what);
  return running.finish_step();
}

} // namespace plenary::call_machine
