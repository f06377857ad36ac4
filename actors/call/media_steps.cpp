#include "actors/call/media_steps.hpp"

#include <algorithm>
#include <array>

namespace plenary::media_path {

namespace {

using std::chrono::milliseconds;

/// Waits before a refused re-INVITE is sent again. We do not own the Call-ID: 0 to 2 s (RFC 3261 14.1).
constexpr std::array offer_pauses{milliseconds{100}, milliseconds{300}, milliseconds{1000}};

} // namespace

bool may_pass(errc code) {
  switch (code) {
  case errc::moved:
  case errc::moving:
  case errc::stale:
  case errc::unavailable:
  case errc::timeout:
  case errc::not_found:
  case errc::network:
    return true;
  default:
    return false;
  }
}

void media_steps::start_clock() {
  state_.attempt = 0;
  state_.refusals = 0;
  state_.deadline = ++state_.clocks;
  emit(start_patience{state_.deadline});
}

void media_steps::begin() {
  state_.place.reset();
  start_clock();
  seek();
}

void media_steps::seek() {
  ++state_.turn;
  bool is_in = state_.current && state_.inside == state_.current->number && !state_.displaced;
  if (state_.wanted && !is_in) {
    state_.now = phase::locating;
    emit(locate{state_.turn, state_.wanted->room});
  } else if (state_.current) {
    finish();
  } else {
    make();
  }
}

void media_steps::move_to(const peer::room_place& to) {
  state_.displaced = true;
  start_clock();
  state_.place = to;
  make();
}

void media_steps::make() {
  if (state_.accepted && state_.theirs != caller_offer::none) {
    ++state_.turn;
    state_.now = phase::waiting;
    return;
  }
  state_.now = phase::making;
  if (state_.by_call != awaited::leg && !std::exchange(state_.counted, true))
    emit(move_started{});
  state_.next = leg{++state_.last_number, {}, {}, !state_.accepted};
  auto room = state_.by_call == awaited::leg ? state_.near : std::nullopt;
  if (state_.wanted)
    room = state_.wanted->room;
  emit(make_leg{state_.last_number, std::move(room),
                state_.accepted ? std::optional{state_.session} : std::nullopt});
}

void media_steps::offer() {
  state_.now = phase::offering;
  if (state_.offered) // one for a leg that is given up; its answer comes first
    return;
  state_.offered = {state_.next->number, state_.next->session};
  emit(send_offer{state_.next->session.local});
}

void media_steps::offer_refused(std::uint32_t number, const error& why) {
  if (state_.now != phase::offering)
    return;
  if (!state_.next)
    return retry();
  if (!is_next(number))
    return offer();
  if (why.code == errc::not_acceptable)
    return give_up({errc::conference_unavailable, "the caller refuses to move its media"});
  ++state_.turn;
  state_.now = phase::waiting;
  emit(wait{state_.turn, offer_pauses[std::min(state_.refusals++, offer_pauses.size() - 1)]});
}

void media_steps::take_over() {
  close_old();
  if (state_.current && state_.inside == state_.current->number)
    state_.old = std::exchange(state_.current, std::nullopt)->number;
  drop(state_.current);
  state_.current = std::exchange(state_.next, std::nullopt);
  state_.displaced = false;
  state_.session = state_.current->session;
  if (state_.by_call == awaited::leg) {
    finish();
    return tell_awaited(
        call_machine::leg_opened{call_machine::opened_leg{state_.session.local, !state_.invite_has_offer}});
  }
  if (!state_.accepted)
    tell_call(call_machine::leg_replaced{state_.session.local});
  else if (state_.by_call == awaited::completion)
    tell_awaited(call_machine::leg_completed{});
  if (state_.wanted && state_.place && is_at(state_.place->owner))
    enter_room();
  else
    seek();
}

void media_steps::enter_room() {
  state_.now = phase::entering;
  state_.moving.reset();
  emit(enter{state_.current->number, *state_.wanted, state_.place->epoch});
}

void media_steps::stop_entering() {
  if (state_.now == phase::entering && state_.current)
    emit(exit_leg{state_.current->number});
}

void media_steps::settle() {
  state_.now = phase::idle;
  state_.deadline = 0;
  ++state_.turn;
}

void media_steps::finish() {
  settle();
  close_old();
  if (std::exchange(state_.counted, false))
    emit(move_ended{true});
}

void media_steps::no_place(const error& why) {
  const bool was_in = state_.accepted && state_.wanted && state_.by_call == awaited::nothing;
  if (!was_in || why.code != errc::conference_unavailable)
    return try_again(why);
  start_clock(); // patience counts from the end of the hold
  pause(held_pause);
}

void media_steps::try_again(const error& why) {
  if (may_pass(why.code))
    retry();
  else
    give_up(why);
}

void media_steps::retry() {
  pause(state_.attempt++ == 0 ? milliseconds{0} : retry_pause);
}

void media_steps::pause(milliseconds length) {
  ++state_.turn;
  state_.now = phase::waiting;
  emit(wait{state_.turn, length});
}

void media_steps::give_up(error why) {
  stop_entering();
  settle();
  drop(state_.next);
  if (std::exchange(state_.counted, false))
    emit(move_ended{false});
  state_.displaced = false;
  if (state_.by_call == awaited::leg)
    return tell_awaited(call_machine::leg_opened{tl::unexpected(std::move(why))});
  if (state_.by_call == awaited::completion)
    return tell_awaited(call_machine::leg_completed{tl::unexpected(std::move(why))});
  if (!state_.wanted)
    return;
  if (state_.by_call == awaited::room) {
    state_.wanted.reset();
    return tell_awaited(call_machine::join_failed{std::move(why)});
  }
  if (!state_.current || state_.inside != state_.current->number)
    return out(std::move(why));
  state_.leaving = std::move(why);
  emit(exit_leg{state_.current->number});
}

void media_steps::out(std::optional<error> why) {
  state_.wanted.reset();
  state_.inside.reset();
  state_.displaced = false;
  close_old();
  tell_call(call_machine::left_room{std::move(why)});
}

void media_steps::abandon() {
  state_.place.reset();
  if (state_.now == phase::completing || (state_.now == phase::offering && state_.offered))
    return;
  stop_entering();
  drop(state_.next);
  state_.counted = false;
  settle();
}

void media_steps::mislead() {
  if (state_.over)
    return;
  drop(state_.next);
  drop(state_.current);
  state_.displaced = false;
  if (state_.leaving)
    out(std::exchange(state_.leaving, std::nullopt));
  if (state_.now == phase::idle)
    begin();
  else
    retry();
}

void media_steps::hang_up() {
  settle();
  drop(state_.next);
  tell_call(call_machine::hangup_requested{"not_acceptable"});
}

void media_steps::lose_next() {
  state_.next.reset();
  if (state_.now == phase::completing)
    mislead();
  else if (state_.now != phase::offering)
    retry();
}

void media_steps::lose_current() {
  state_.current.reset();
  state_.displaced = false;
  if (state_.over)
    return;
  if (state_.leaving)
    out(std::exchange(state_.leaving, std::nullopt));
  if (state_.now == phase::idle)
    begin();
  else if (state_.now == phase::entering)
    retry();
}

void media_steps::finish_theirs(const result<std::string>& answer) {
  state_.theirs = caller_offer::none;
  if (answer && state_.current)
    emit(complete_leg{state_.current->number, *answer});
  offer_settled();
}

void media_steps::offer_settled() {
  if (state_.theirs == caller_offer::none && state_.now == phase::waiting && !state_.next)
    seek();
}

void media_steps::end() {
  state_.over = true;
  settle();
  drop(state_.next);
  if (state_.by_call == awaited::leg)
    tell_awaited(call_machine::leg_opened{fail(errc::unavailable, "the call ends")});
}

void media_steps::close_old() {
  if (!state_.old)
    return;
  if (state_.inside == state_.old)
    state_.inside.reset();
  emit(close_leg{*std::exchange(state_.old, std::nullopt)});
}

void media_steps::drop(std::optional<leg>& which) {
  if (!which)
    return;
  if (state_.inside == which->number)
    state_.inside.reset();
  emit(close_leg{which->number});
  which.reset();
}

} // namespace plenary::media_path
