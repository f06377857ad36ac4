#pragma once

#include "actors/call/effect_list.hpp"
#include "actors/call/media_path.hpp"

#include <optional>
#include <utility>

namespace plenary::media_path {

/// One step's work: the state, the effects so far, and the ways from one phase of a change to the next.
class media_change {
public:
  explicit media_change(state before)
      : now(std::move(before)) {}

  template <class What>
  void emit(What what) {
    effects_.add(std::move(what));
  }
  outcome finish_step() { return {std::move(now), effects_.take()}; }

  // -- forward

  void begin();
  /// The next thing to do for the caller to be where the call wants it.
  void seek();
  void move_to(const peer::room_place& to);
  void make();
  void offer();
  /// The new leg is the caller's; the one before stays until the new one is in the room.
  void take_over();
  void enter_room();
  void finish();

  // -- back

  /// Neither a place nor a leg is to be had: who is in the conference already waits as long as his node is
  /// held.
  void no_place(const error& why);
  void try_again(const error& why);
  void retry() { emit(pursuit.pause_before_retry()); }
  void give_up(const error& why);
  void stop_entering();
  /// The caller is in no room any more, nor on the way to one.
  void out(std::optional<error> why);
  /// No room is wanted any more; only a re-INVITE that the caller may have taken is brought to its end.
  void abandon();
  /// The caller's media goes to a leg that is lost: nothing that is there is any use.
  void mislead();
  /// No leg carries the caller: a change begins. True when one was under way already.
  bool lose_way();
  void end();

  state now;
  media_path::legs& legs = now.legs;
  media_path::offers& offers = now.offers;
  media_path::pursuit& pursuit = now.pursuit;

private:
  effect_list<effect> effects_;
};

} // namespace plenary::media_path
