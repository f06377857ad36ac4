#pragma once

#include "actors/call/media_path.hpp"

#include <utility>

namespace plenary::media_path {

/// What the steps of the media path are made of: each changes the state and adds effects.
class media_steps {
protected:
  explicit media_steps(state before)
      : state_(std::move(before)) {}

  void emit(effect what) { effects_.push_back(std::move(what)); }
  void tell_call(call_machine::event what) { emit(tell{std::move(what)}); }
  bool is_current(std::uint32_t number) const { return state_.current && state_.current->number == number; }
  bool is_next(std::uint32_t number) const { return state_.next && state_.next->number == number; }
  bool is_at(const node_name& node) const { return state_.current && state_.current->node == node; }

  void tell_awaited(call_machine::event what) {
    state_.by_call = awaited::nothing;
    tell_call(std::move(what));
  }
  void start_clock();
  void begin();
  /// The next thing to do for the caller to be where the call wants it.
  void seek();
  void move_to(const peer::room_place& to);
  /// Our re-INVITE cannot be made while one of the caller's is being answered.
  void make();
  void offer();
  void offer_refused(std::uint32_t number, const error& why);
  /// The new leg is the caller's; the one before stays until the new one is in the room.
  void take_over();
  void enter_room();
  void stop_entering();
  void settle();
  void finish();
  /// Neither a place nor a leg is to be had: who is in the conference already waits as long as his node is
  /// held.
  void no_place(const error& why);
  void try_again(const error& why);
  void retry();
  void pause(std::chrono::milliseconds length);
  void give_up(error why);
  /// The caller is in no room any more, nor on the way to one.
  void out(std::optional<error> why);
  /// No room is wanted any more; only a re-INVITE that the caller may have taken is brought to its end.
  void abandon();
  /// The caller's media goes to a leg that is lost: nothing that is there is any use.
  void mislead();
  void hang_up();
  void lose_next();
  void lose_current();
  void finish_theirs(const result<std::string>& answer);
  /// The caller's offer is dealt with: a move that waited for it goes on.
  void offer_settled();
  void end();
  void close_old();
  void drop(std::optional<leg>& which);

  state state_;
  std::vector<effect> effects_;
};

/// True for what another attempt, after asking the directory again, may mend.
bool may_pass(errc code);

} // namespace plenary::media_path
