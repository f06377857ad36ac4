#include "actors/leg/lending.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenary::lending {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::shared_ptr<audio::stream_change> some_change() {
  auto what = std::make_shared<audio::stream_change>();
  what->can_hear = false;
  return what;
}

/// An effect as one word, with what belongs to it.
std::string word_of(const effect& what) {
  struct words {
    std::string operator()(const ask& each) const { return fmt::format("ask {}", each.turn); }
    std::string operator()(const lend& each) const { return fmt::format("lend {}", each.turn); }
    std::string operator()(const watch&) const { return "watch"; }
    std::string operator()(const unwatch&) const { return "unwatch"; }
    std::string operator()(const take_leave&) const { return "take_leave"; }
    std::string operator()(const take_back&) const { return "take_back"; }
    std::string operator()(const apply_here&) const { return "apply_here"; }
    std::string operator()(const send_on& each) const { return fmt::format("send_on {}", each.what.number); }
    std::string operator()(const answer& each) const {
      return each.what ? "answer in" : fmt::format("answer {}", to_string(each.what.error().code));
    }
    std::string operator()(const tell_left& each) const {
      return fmt::format("tell_left {}", static_cast<int>(each.reason));
    }
  };
  return std::visit(words{}, what);
}

/// A machine and what it wanted with the latest event.
class lent_stream {
public:
  std::vector<std::string> hear(const event& what) {
    auto [next, effects] = step(std::move(state_), what);
    state_ = std::move(next);
    std::vector<std::string> words;
    for (const auto& each : effects)
      words.push_back(word_of(each));
    return words;
  }

  const state& now() const { return state_; }

private:
  state state_;
};

const wish daily{{customer_id{"c"}, "daily"}, {}, 7};
const place here{node_name{"node-a"}, 7};
const error full{errc::limit_reached, "the room is full"};

/// A machine in that phase, in turn 1 where there is one.
lent_stream in_phase(phase wanted) {
  lent_stream made;
  if (wanted != phase::free)
    made.hear(enter{daily});
  if (wanted != phase::free && wanted != phase::asking)
    made.hear(found{1});
  if (wanted == phase::withdrawn)
    made.hear(overdue{1});
  if (wanted == phase::in || wanted == phase::leaving)
    made.hear(admitted{1, here});
  if (wanted == phase::leaving)
    made.hear(leave{});
  EXPECT_EQ(made.now().now, wanted);
  return made;
}

using words = std::vector<std::string>;

struct row {
  phase before;
  event what;
  phase after;
  words wanted;
};

TEST(Lending, DoesInEachPhaseWhatEachEventAsksFor) {
  using enum phase;
  const std::vector<row> rows{
      {free, enter{daily}, asking, {"ask 1"}},
      {free, change{some_change()}, free, {"apply_here"}},
      {asking, found{1}, lent, {"lend 1"}},
      {asking, not_found{1, full}, free, {"answer limit_reached"}},
      {asking, leave{}, asking, {}},
      {asking, change{some_change()}, asking, {"apply_here"}},
      {asking, close{}, free, {"answer conference_unavailable"}},
      {lent, admitted{1, here}, in, {"watch", "answer in"}},
      {lent, refused{1, full}, free, {"take_back", "answer limit_reached"}},
      {lent, bounced{1}, asking, {"take_back", "ask 2"}},
      {lent, overdue{1}, withdrawn, {"take_leave", "answer conference_unavailable"}},
      {lent, leave{}, lent, {}},
      {lent, change{some_change()}, lent, {}},
      {lent, close{}, withdrawn, {"take_leave", "answer conference_unavailable"}},
      {in, leave{}, leaving, {"take_leave"}},
      {in, removed{leave_reason::kicked}, free, {"unwatch", "take_back", "tell_left 1"}},
      {in, lost{}, free, {"take_back", "tell_left 3"}},
      {in, change{some_change()}, in, {"send_on 1"}},
      {in, carried_out{1, 1}, in, {}},
      {in, close{}, leaving, {"take_leave"}},
      {leaving, removed{leave_reason::requested}, free, {"unwatch", "take_back", "tell_left 0"}},
      {leaving, lost{}, free, {"take_back", "tell_left 3"}},
      {leaving, change{some_change()}, leaving, {"send_on 1"}},
      {leaving, carried_out{1, 1}, leaving, {}},
      {withdrawn, admitted{1, here}, withdrawn, {"watch"}},
      {withdrawn, refused{1, full}, free, {"take_back"}},
      {withdrawn, bounced{1}, free, {"take_back"}},
      {withdrawn, removed{leave_reason::requested}, free, {"unwatch", "take_back"}},
      {withdrawn, lost{}, free, {"take_back"}},
      {withdrawn, change{some_change()}, withdrawn, {}},
  };
  const std::vector<event> all{enter{daily},
                               found{1},
                               not_found{1, full},
                               admitted{1, here},
                               refused{1, full},
                               bounced{1},
                               overdue{1},
                               leave{},
                               removed{},
                               lost{},
                               change{some_change()},
                               carried_out{1, 1},
                               close{}};

  for (const auto before : {free, asking, lent, in, leaving, withdrawn})
    for (const auto& what : all) {
      SCOPED_TRACE(testing::Message() << "phase " << static_cast<int>(before) << ", event " << what.index());
      const auto known = std::find_if(rows.begin(), rows.end(), [&](const row& each) {
        return each.before == before && each.what.index() == what.index();
      });
      auto machine = in_phase(before);

      const auto wanted = machine.hear(known == rows.end() ? what : known->what);

      EXPECT_EQ(wanted, known == rows.end() ? words{} : known->wanted);
      EXPECT_EQ(machine.now().now, known == rows.end() ? before : known->after);
    }
}

TEST(Lending, TakesNoNoticeOfWhatBelongsToAnOlderTurn) {
  for (const event& late : {event{found{1}}, event{not_found{1, full}}, event{admitted{1, here}},
                            event{refused{1, full}}, event{bounced{1}}, event{overdue{1}}}) {
    auto asking = in_phase(phase::lent);
    asking.hear(bounced{1});
    auto lent = asking;
    lent.hear(found{2});

    EXPECT_THAT(asking.hear(late), IsEmpty()) << late.index();
    EXPECT_EQ(asking.now().now, phase::asking);
    EXPECT_THAT(lent.hear(late), IsEmpty()) << late.index();
    EXPECT_EQ(lent.now().now, phase::lent);
  }
}

TEST(Lending, GivesUpWhenTheRoomHasEndedAgainAndAgain) {
  auto stream = in_phase(phase::lent);

  stream.hear(bounced{1});
  stream.hear(found{2});
  stream.hear(bounced{2});
  stream.hear(found{3});

  EXPECT_THAT(stream.hear(bounced{3}), ElementsAre("take_back", "answer conference_unavailable"));
  EXPECT_EQ(stream.now().now, phase::free);
}

TEST(Lending, LeavesAtOnceWhenTheCallWantedOutBeforeTheRoomLetItIn) {
  auto stream = in_phase(phase::asking);

  stream.hear(leave{});
  stream.hear(found{1});

  EXPECT_THAT(stream.hear(admitted{1, here}), ElementsAre("watch", "answer in", "take_leave"));
  EXPECT_EQ(stream.now().now, phase::leaving);
}

TEST(Lending, ForgetsAWishToLeaveWithTheNextRoom) {
  auto stream = in_phase(phase::asking);
  stream.hear(leave{});
  stream.hear(not_found{1, full});

  stream.hear(enter{daily});
  stream.hear(found{2});

  EXPECT_THAT(stream.hear(admitted{2, here}), ElementsAre("watch", "answer in"));
}

TEST(Lending, CarriesOutItselfWhatTheRoomDidNotInTheOrderInWhichItCame) {
  auto stream = in_phase(phase::lent);
  stream.hear(change{some_change()});
  EXPECT_THAT(stream.hear(admitted{1, here}), ElementsAre("watch", "send_on 1", "answer in"));
  stream.hear(change{some_change()});
  stream.hear(change{some_change()});

  stream.hear(carried_out{1, 1});

  EXPECT_THAT(stream.hear(removed{}),
              ElementsAre("unwatch", "take_back", "apply_here", "apply_here", "tell_left 0"));
  EXPECT_THAT(stream.now().changes, IsEmpty());
}

} // namespace
} // namespace plenary::lending
