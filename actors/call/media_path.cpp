#include "actors/call/media_path.hpp"

#include "actors/call/media_steps.hpp"

#include <utility>

namespace plenary::media_path {

namespace {

error too_late() {
  return {errc::conference_unavailable,
          fmt::format("the caller's media could not be moved within {} s", patience.count() / 1000)};
}

/// One step's work on the state, collecting effects.
class mover : private media_steps {
public:
  explicit mover(state before)
      : media_steps(std::move(before)) {}

  outcome finish_step() { return {std::move(state_), std::move(effects_)}; }

  // -- the call machine's wishes

  void operator()(const place& what) {
    if (state_.over || state_.current || state_.now != phase::idle)
      return;
    state_.by_call = awaited::leg;
    state_.near = what.room;
    begin();
  }

  void operator()(const complete& what) {
    if (state_.over)
      return;
    state_.by_call = awaited::completion;
    if (state_.current)
      emit(complete_leg{state_.current->number, what.answer});
    else if (state_.now == phase::idle) // the leg was lost and no other could be had
      begin();
  }

  void operator()(const join& what) {
    if (state_.over || state_.inside)
      return;
    state_.by_call = awaited::room;
    state_.wanted = what.what;
    state_.place.reset();
    if (state_.now == phase::idle)
      begin();
    else // the caller's answer to our re-INVITE is still to come
      start_clock();
  }

  void operator()(const leave&) {
    stop_entering();
    if (state_.inside)
      emit(exit_leg{*state_.inside});
    end();
  }

  void operator()(const close&) {
    end();
    drop(state_.current);
    close_old();
  }

  void operator()(const accepted&) { state_.accepted = true; }

  // -- a change of the media, step by step

  void operator()(const located& what) {
    if (state_.now != phase::locating || what.turn != state_.turn)
      return;
    if (!what.where)
      return no_place(what.where.error());
    state_.place = *what.where;
    if (is_at(what.where->owner) && !state_.displaced)
      enter_room();
    else
      make();
  }

  void operator()(const leg_made& what) {
    if (!is_next(what.number) || state_.now != phase::making)
      return;
    if (!what.leg) {
      drop(state_.next);
      return no_place(what.leg.error());
    }
    state_.next->node = what.leg->node;
    state_.next->session = what.leg->session;
    if (!state_.accepted)
      return take_over();
    if (!state_.next->fresh)
      return offer();
    drop(state_.next); // the 200 went out with another leg's description meanwhile
    make();
  }

  void operator()(const offer_answered& what) {
    if (state_.theirs == caller_offer::confirming)
      return finish_theirs(what.answer);
    if (!state_.offered)
      return;
    auto offered = *std::exchange(state_.offered, std::nullopt);
    if (!what.answer)
      return offer_refused(offered.number, what.answer.error());
    state_.session = std::move(offered.session);
    if (!is_next(offered.number))
      return mislead();
    state_.now = phase::completing;
    emit(complete_leg{offered.number, *what.answer});
  }

  void operator()(const completed& what) {
    if (is_next(what.number) && state_.now == phase::completing) {
      if (what.done)
        return take_over();
      return may_pass(what.done.error().code) ? mislead() : hang_up();
    }
    if (!is_current(what.number))
      return;
    if (!what.done && may_pass(what.done.error().code))
      return mislead();
    if (state_.by_call == awaited::completion)
      tell_awaited(call_machine::leg_completed{what.done});
    else if (!what.done)
      hang_up();
  }

  void operator()(const entered& what) {
    if (state_.now != phase::entering || !is_current(what.number))
      return;
    if (!what.done) {
      auto code = what.done.error().code;
      if (code == errc::timeout || code == errc::unavailable)
        stop_entering(); // an answer that is only late must not leave a caller in a room
      state_.now = phase::waiting;
      return try_again(what.done.error());
    }
    state_.inside = what.number;
    finish();
    if (state_.by_call == awaited::room)
      tell_awaited(call_machine::room_joined{state_.wanted->room});
    if (auto to = std::exchange(state_.moving, std::nullopt))
      move_to(*to);
  }

  void operator()(const waited& what) {
    if (state_.now != phase::waiting || what.turn != state_.turn)
      return;
    if (state_.next)
      offer();
    else
      seek();
  }

  void operator()(const patience_over& what) {
    if (state_.deadline != 0 && what.clock == state_.deadline)
      give_up(too_late());
  }

  // -- what legs tell

  void operator()(const left_room& what) {
    if (state_.over || state_.inside != what.number)
      return;
    state_.inside.reset();
    if (state_.leaving)
      return out(std::exchange(state_.leaving, std::nullopt));
    if (what.reason != leave_reason::room_lost) {
      abandon();
      return out(std::nullopt);
    }
    state_.displaced = false;
    if (state_.now == phase::idle)
      begin();
  }

  void operator()(const room_moves& what) {
    if (state_.over || !is_current(what.number))
      return;
    if (state_.now == phase::entering)
      state_.moving = what.to;
    else if (state_.now == phase::idle && state_.inside && !state_.leaving)
      move_to(what.to);
  }

  void operator()(const participant_changed& what) {
    if (state_.wanted && state_.inside == what.number)
      apply(what.change, state_.wanted->how);
  }

  void operator()(const media_timed_out& what) {
    if (!state_.over && is_current(what.number))
      tell_call(call_machine::media_timeout{});
  }

  void operator()(const leg_lost& what) {
    if (state_.inside == what.number)
      state_.inside.reset();
    if (state_.old == what.number)
      close_old();
    else if (is_next(what.number))
      lose_next();
    else if (is_current(what.number))
      lose_current();
  }

  // -- the caller's own offers

  void operator()(const offer_received& what) {
    bool moves = state_.next || state_.offered;
    if (state_.over || !state_.current || moves || state_.theirs != caller_offer::none)
      return emit(refuse_offer{{errc::unavailable, "the call's media is being moved"}});
    state_.theirs = caller_offer::asked;
    state_.offer_comes_in_200 = !what.offer;
    emit(renegotiate_leg{state_.current->number, what.offer});
  }

  void operator()(const offer_taken& what) {
    if (state_.theirs != caller_offer::asked)
      return;
    bool taken = what.session && is_current(what.number);
    state_.theirs = taken && state_.offer_comes_in_200 ? caller_offer::confirming : caller_offer::none;
    if (taken) {
      state_.session = *what.session;
      emit(answer_offer{what.session->local});
    } else {
      emit(refuse_offer{what.session ? error{errc::unavailable, "the leg is lost"} : what.session.error()});
    }
    offer_settled();
  }
};

} // namespace

outcome step(state before, const event& what) {
  mover running{std::move(before)};
  std::visit(running, what);
  return running.finish_step();
}

} // namespace plenary::media_path
