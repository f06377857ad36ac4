#include "actors/room/root.hpp"

#include <fmt/format.h>

#include <utility>

namespace plenary::room_root {

namespace {

/// One step's work on the state, collecting effects.
class root_step {
public:
  explicit root_step(state before)
      : state_(std::move(before)) {}

  outcome finish() { return {std::move(state_), std::move(effects_)}; }

  void operator()(const opened& what) { start_clock(what.now); }

  void operator()(const asks& what) {
    if (state_.moved_to)
      return no(errc::moved, fmt::format("the room lives on {} now", state_.moved_to->owner.value));
    if (what.again)
      return no(errc::conference_unavailable, "the call is in this room already");
    // A newer leg of a call takes the place of an older one that has not
    // noticed its end yet.
    if (state_.members.remove(what.call).left)
      emit(release{what.call, leave_reason::requested, true});
    if (state_.members.size() >= state_.with.max_participants)
      return no(errc::limit_reached,
                fmt::format("the room holds room.max_participants = {} callers", state_.members.size()));
    emit(take_in{++state_.last_number});
  }

  void operator()(const entered& what) {
    if (!state_.members.add(what.call, what.who))
      return;
    emit(tell_joined{what.call, what.who.how});
    const bool first = state_.now == phase::waiting;
    if (first)
      state_.now = phase::open;
    if (first && state_.with.recovers)
      emit(tell_recovered{});
    count_callers();
    settle_noise_suppression(what.call);
  }

  void operator()(const left& what) {
    const auto known = state_.members.remove(what.call);
    if (!known.left)
      return;
    let_go(what.call, what.reason);
    if (known.ends_room && !state_.moved_to)
      release_all(leave_reason::room_ended);
    if (state_.members.size() == 0)
      return end();
    count_callers();
  }

  void operator()(const changed& what) {
    if (!state_.members.change(what.call, what.what))
      return;
    auto told = what.what;
    told.muted = state_.members.find(what.call)->how.muted;
    emit(tell_changed{what.call, std::move(told)});
  }

  void operator()(const ended&) {
    release_all(leave_reason::room_ended);
    end();
  }

  void operator()(const vacate& what) {
    const bool first = !state_.moved_to;
    state_.moved_to = what.to;
    if (state_.members.size() == 0)
      return end();
    state_.now = phase::vacated;
    emit(relocate_all{what.to});
    if (first)
      start_clock(what.now);
  }

  void operator()(const timeout& what) {
    if (what.now < state_.deadline || state_.now == phase::open)
      return;
    release_all(leave_reason::room_lost);
    end();
  }

private:
  template <class Effect>
  void emit(Effect what) {
    effects_.emplace_back(std::move(what));
  }

  void no(errc code, std::string why) { emit(refuse{{code, std::move(why)}}); }

  void start_clock(mono_time now) {
    state_.deadline = now + state_.with.patience;
    emit(start_timer{state_.with.patience});
  }

  void count_callers() { emit(count{state_.members.size()}); }

  /// Each call says what holds wherever it joins next: so the room keeps it when it moves or its node is
  /// lost.
  void settle_noise_suppression(const call_id& joined) {
    const bool before = state_.members.suppresses_noise();
    const auto untold = state_.members.settle_noise_suppression(joined);
    const bool now = state_.members.suppresses_noise();
    if (now != before)
      emit(suppress_noise{now});
    for (const auto& each : untold)
      (*this)(changed{each, {.noise_suppression = now}});
  }

  void let_go(const call_id& call, leave_reason reason) { emit(release{call, reason, !state_.moved_to}); }

  void release_all(leave_reason reason) {
    for (const auto& each : state_.members.calls()) {
      state_.members.remove(each);
      let_go(each, reason);
    }
  }

  void end() {
    state_.now = phase::closed;
    emit(close{!state_.moved_to});
  }

  state state_;
  std::vector<effect> effects_;
};

} // namespace

outcome step(state before, const event& what) {
  if (before.now == phase::closed)
    return {std::move(before), {}};
  root_step work{std::move(before)};
  std::visit(work, what);
  return work.finish();
}

} // namespace plenary::room_root
