#include "actors/call/media_path.hpp"

#include "actors/call/media_change.hpp"

#include <fmt/format.h>

#include <utility>

namespace plenary::media_path {

namespace {

error too_late() {
  return {errc::conference_unavailable,
          fmt::format("the caller's media could not be moved within {} s", patience.count() / 1000)};
}

/// What each event means for the change under way.
class listener {
public:
  explicit listener(media_change& change)
      : go_(change) {}

  // -- the call's wishes

  void operator()(const place& what) {
    if (state_.over || legs_.current || pursuit_.now != phase::idle)
      return;
    pursuit_.by_call = awaited::leg;
    pursuit_.near = what.room;
    go_.begin();
  }

  void operator()(const complete& what) {
    if (state_.over)
      return;
    pursuit_.by_call = awaited::completion;
    if (legs_.current)
      go_.emit(complete_leg{legs_.current->number, what.answer});
    else if (pursuit_.now == phase::idle) // the leg was lost and no other could be had
      go_.begin();
  }

  void operator()(const join& what) {
    if (state_.over || legs_.inside)
      return;
    pursuit_.by_call = awaited::room;
    pursuit_.wanted = what.what;
    pursuit_.place.reset();
    if (pursuit_.now == phase::idle)
      go_.begin();
    else // the caller's answer to our re-INVITE is still to come
      go_.emit(pursuit_.start());
  }

  void operator()(const leave&) {
    go_.stop_entering();
    if (legs_.inside)
      go_.emit(exit_leg{*legs_.inside});
    go_.end();
  }

  void operator()(const close&) {
    go_.end();
    go_.emit(legs_.drop_current());
    go_.emit(legs_.close_old());
  }

  void operator()(const accepted&) { state_.accepted = true; }

  // -- a change of the media, step by step

  void operator()(const located& what) {
    if (!pursuit_.awaits(phase::locating, what.turn))
      return;
    if (!what.where)
      return go_.no_place(what.where.error());
    pursuit_.place = *what.where;
    if (legs_.is_at(what.where->owner) && !legs_.displaced)
      go_.enter_room();
    else
      go_.make();
  }

  void operator()(const leg_made& what) {
    if (!legs_.is_next(what.number) || pursuit_.now != phase::making)
      return;
    if (!what.leg) {
      go_.emit(legs_.drop_next());
      return go_.no_place(what.leg.error());
    }
    legs_.next->node = what.leg->node;
    legs_.next->session = what.leg->session;
    if (!state_.accepted)
      return go_.take_over();
    if (!legs_.next->fresh)
      return go_.offer();
    go_.emit(legs_.drop_next()); // the 200 went out with another leg's description meanwhile
    go_.make();
  }

  void operator()(const offer_answered& what) {
    if (offers_.confirm())
      return confirmed(what.answer);
    const auto number = offers_.settle(what.answer.has_value());
    if (!number)
      return;
    if (!what.answer)
      return offer_refused(*number, what.answer.error());
    if (!legs_.is_next(*number))
      return go_.mislead();
    pursuit_.now = phase::completing;
    go_.emit(complete_leg{*number, *what.answer});
  }

  void operator()(const completed& what) {
    const bool is_next = legs_.is_next(what.number) && pursuit_.now == phase::completing;
    if (!is_next && !legs_.is_current(what.number))
      return;
    if (!what.done && may_pass(what.done.error().code))
      return go_.mislead();
    if (is_next && what.done)
      return go_.take_over();
    if (!is_next && pursuit_.answers(awaited::completion))
      return go_.emit(tell{answer_taken{what.done}});
    if (what.done)
      return;
    pursuit_.forget();
    go_.emit(legs_.drop_next());
    go_.emit(tell{answer_unusable{}});
  }

  void operator()(const entered& what) {
    if (pursuit_.now != phase::entering || !legs_.is_current(what.number))
      return;
    if (!what.done) {
      auto code = what.done.error().code;
      if (code == errc::timeout || code == errc::unavailable)
        go_.stop_entering(); // an answer that is only late must not leave a caller in a room
      pursuit_.now = phase::waiting;
      return go_.try_again(what.done.error());
    }
    legs_.inside = what.number;
    go_.finish();
    if (pursuit_.answers(awaited::room))
      go_.emit(tell{joined{pursuit_.wanted->room}});
    if (auto to = std::exchange(pursuit_.moving, std::nullopt))
      go_.move_to(*to);
  }

  void operator()(const waited& what) {
    if (!pursuit_.awaits(phase::waiting, what.turn))
      return;
    if (legs_.next)
      go_.offer();
    else
      go_.seek();
  }

  void operator()(const patience_over& what) {
    if (pursuit_.is_overdue(what.clock))
      go_.give_up(too_late());
  }

  // -- what legs tell

  void operator()(const left_room& what) {
    if (state_.over || legs_.inside != what.number)
      return;
    legs_.inside.reset();
    if (pursuit_.leaving)
      return go_.out(std::exchange(pursuit_.leaving, std::nullopt));
    if (what.reason != leave_reason::room_lost) {
      go_.abandon();
      return go_.out(std::nullopt);
    }
    legs_.displaced = false;
    if (pursuit_.now == phase::idle)
      go_.begin();
  }

  void operator()(const room_moves& what) {
    if (state_.over || !legs_.is_current(what.number))
      return;
    if (pursuit_.now == phase::entering)
      pursuit_.moving = what.to;
    else if (pursuit_.now == phase::idle && legs_.inside && !pursuit_.leaving)
      go_.move_to(what.to);
  }

  void operator()(const participant_changed& what) {
    // While the leg enters, the room's answer comes later than what it tells.
    const bool enters = pursuit_.now == phase::entering && legs_.is_current(what.number);
    if (pursuit_.wanted && (enters || legs_.inside == what.number))
      apply(what.change, pursuit_.wanted->how);
  }

  void operator()(const media_timed_out& what) {
    if (!state_.over && legs_.is_current(what.number))
      go_.emit(tell{fell_silent{}});
  }

  void operator()(const leg_lost& what) {
    if (legs_.inside == what.number)
      legs_.inside.reset();
    if (legs_.old == what.number)
      go_.emit(legs_.close_old());
    else if (legs_.is_next(what.number))
      lose_next();
    else if (legs_.is_current(what.number))
      lose_current();
  }

  // -- the caller's own offers

  void operator()(const offer_received& what) {
    const bool can = !state_.over && legs_.current && !legs_.next;
    go_.emit(offers_.receive(can ? std::optional{legs_.current->number} : std::nullopt, what.offer));
  }

  void operator()(const offer_taken& what) {
    auto answer = offers_.take(what.session, legs_.is_current(what.number));
    if (!answer)
      return;
    go_.emit(std::move(*answer));
    offer_settled();
  }

private:
  /// The caller's offer is dealt with: a move that waited for it goes on.
  void offer_settled() {
    if (offers_.theirs == caller_offer::none && pursuit_.now == phase::waiting && !legs_.next)
      go_.seek();
  }

  /// The ACK came, with the answer to the offer that the caller had asked for.
  void confirmed(const result<std::string>& answer) {
    if (answer && legs_.current)
      go_.emit(complete_leg{legs_.current->number, *answer});
    offer_settled();
  }

  void offer_refused(std::uint32_t number, const error& why) {
    if (pursuit_.now != phase::offering)
      return;
    if (!legs_.next)
      return go_.retry();
    if (!legs_.is_next(number))
      return go_.offer();
    if (why.code == errc::not_acceptable)
      return go_.give_up({errc::conference_unavailable, "the caller refuses to move its media"});
    go_.emit(pursuit_.pause_before_offer());
  }

  void lose_next() {
    legs_.next.reset();
    if (pursuit_.now == phase::completing)
      go_.mislead();
    else if (pursuit_.now != phase::offering)
      go_.retry();
  }

  void lose_current() {
    legs_.current.reset();
    if (go_.lose_way() && pursuit_.now == phase::entering)
      go_.retry();
  }

  media_change& go_;
  state& state_ = go_.now;
  legs& legs_ = go_.legs;
  offers& offers_ = go_.offers;
  pursuit& pursuit_ = go_.pursuit;
};

} // namespace

outcome step(state before, const event& what) {
  media_change change{std::move(before)};
  std::visit(listener{change}, what);
  return change.finish_step();
}

} // namespace plenary::media_path
