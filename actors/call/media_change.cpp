#include "actors/call/media_change.hpp"

namespace plenary::media_path {

void media_change::begin() {
  pursuit.place.reset();
  emit(pursuit.start());
  seek();
}

void media_change::seek() {
  if (pursuit.wanted && (!legs.is_inside() || legs.displaced))
    emit(pursuit.ask());
  else if (legs.current)
    finish();
  else
    make();
}

void media_change::move_to(const peer::room_place& to) {
  legs.displaced = true;
  emit(pursuit.start());
  pursuit.place = to;
  make();
}

void media_change::make() {
  if (now.accepted && offers.theirs != caller_offer::none)
    return pursuit.stall(); // our re-INVITE waits for the end of the caller's
  pursuit.now = phase::making;
  emit(pursuit.count());
  auto room = pursuit.by_call == awaited::leg ? pursuit.near : std::nullopt;
  if (pursuit.wanted)
    room = pursuit.wanted->room;
  emit(make_leg{legs.make(!now.accepted).number, std::move(room),
                now.accepted ? std::optional{offers.session} : std::nullopt});
}

void media_change::offer() {
  pursuit.now = phase::offering;
  emit(offers.offer(*legs.next));
}

void media_change::take_over() {
  emit(legs.close_old());
  emit(legs.take_over());
  const auto& session = offers.session = legs.current->session;
  if (pursuit.answers(awaited::leg)) {
    finish();
    return emit(tell{opened{opened_leg{session.local, !now.invite_has_offer}}});
  }
  if (!now.accepted)
    emit(tell{replaced{session.local}});
  else if (pursuit.answers(awaited::completion))
    emit(tell{answer_taken{}});
  if (pursuit.wanted && pursuit.place && legs.is_at(pursuit.place->owner))
    enter_room();
  else
    seek();
}

void media_change::enter_room() {
  pursuit.now = phase::entering;
  pursuit.moving.reset();
  emit(enter{legs.current->number, *pursuit.wanted, pursuit.place->epoch});
}

void media_change::finish() {
  emit(legs.close_old());
  emit(pursuit.end(true));
}

void media_change::no_place(const error& why) {
  if (!now.accepted || !pursuit.had_room() || why.code != errc::conference_unavailable)
    return try_again(why);
  emit(pursuit.start()); // patience counts from the end of the hold
  emit(pursuit.pause(held_pause));
}

void media_change::try_again(const error& why) {
  if (may_pass(why.code))
    retry();
  else
    give_up(why);
}

void media_change::give_up(const error& why) {
  stop_entering();
  emit(legs.drop_next());
  emit(pursuit.end(false));
  legs.displaced = false;
  if (auto answer = pursuit.failed_with(why))
    return emit(tell{std::move(*answer)});
  if (!pursuit.wanted)
    return;
  if (!legs.is_inside())
    return out(why);
  pursuit.leaving = why;
  emit(exit_leg{legs.current->number});
}

void media_change::stop_entering() {
  if (pursuit.now == phase::entering && legs.current)
    emit(exit_leg{legs.current->number});
}

void media_change::out(std::optional<error> why) {
  pursuit.wanted.reset();
  legs.inside.reset();
  legs.displaced = false;
  emit(legs.close_old());
  emit(tell{left{std::move(why)}});
}

void media_change::abandon() {
  pursuit.place.reset();
  if (pursuit.now == phase::completing || (pursuit.now == phase::offering && offers.offered))
    return;
  stop_entering();
  emit(legs.drop_next());
  pursuit.forget();
}

void media_change::mislead() {
  if (now.over)
    return;
  emit(legs.drop_next());
  emit(legs.drop_current());
  if (lose_way())
    retry();
}

bool media_change::lose_way() {
  legs.displaced = false;
  if (now.over)
    return false;
  if (pursuit.leaving)
    out(std::exchange(pursuit.leaving, std::nullopt));
  if (pursuit.now != phase::idle)
    return true;
  begin();
  return false;
}

void media_change::end() {
  now.over = true;
  pursuit.forget();
  emit(legs.drop_next());
  if (pursuit.answers(awaited::leg))
    emit(tell{opened{fail(errc::unavailable, "the call ends")}});
}

} // namespace plenary::media_path
