#include "actors/call/legs.hpp"
#include "actors/call/offers.hpp"
#include "actors/call/pursuit.hpp"

#include <gtest/gtest.h>

namespace plenary::media_path {
namespace {

using std::chrono::milliseconds;

std::uint32_t closed(const std::optional<close_leg>& what) {
  return what ? what->number : 0;
}

/// Leg 1 carries the caller.
legs one_leg(bool inside) {
  legs all;
  all.make(true);
  all.take_over();
  if (inside)
    all.inside = 1;
  return all;
}

TEST(Legs, GivesEachNumberOnce) {
  auto all = one_leg(false);
  EXPECT_EQ(all.make(false).number, 2U);
  EXPECT_EQ(closed(all.drop_next()), 2U);
  EXPECT_EQ(all.make(false).number, 3U);
}

TEST(Legs, ClosesTheLegBeforeAtOnceUnlessItSpeaksInARoom) {
  struct row {
    bool inside;
    std::uint32_t closed_at_once, closed_later;
  };
  for (const auto& each : {row{false, 1, 0}, row{true, 0, 1}}) {
    auto all = one_leg(each.inside);
    all.displaced = true;
    all.make(false);

    EXPECT_EQ(closed(all.take_over()), each.closed_at_once);
    EXPECT_TRUE(all.is_current(2));
    EXPECT_FALSE(all.displaced);
    EXPECT_FALSE(all.is_inside());
    EXPECT_EQ(closed(all.close_old()), each.closed_later);
    EXPECT_EQ(all.inside, std::nullopt);
    EXPECT_EQ(closed(all.close_old()), 0U);
  }
}

TEST(Legs, IsInNoRoomWithoutALeg) {
  auto all = one_leg(true);
  EXPECT_TRUE(all.is_inside());

  EXPECT_EQ(closed(all.drop_current()), 1U);

  EXPECT_FALSE(all.is_inside());
  EXPECT_EQ(all.inside, std::nullopt);
  EXPECT_EQ(closed(all.drop_current()), 0U);
  EXPECT_EQ(closed(all.drop_next()), 0U);
}

leg leg_of(std::uint32_t number) {
  return {number, {"node-a"}, {7, number, "sdp" + std::to_string(number)}, false};
}

TEST(Offers, MakesOneOfOursAtATime) {
  offers all;
  EXPECT_EQ(all.settle(true), std::nullopt);

  EXPECT_EQ(all.offer(leg_of(2))->sdp, "sdp2");
  EXPECT_FALSE(all.offer(leg_of(3)));
  EXPECT_EQ(all.settle(false), 2U);
  EXPECT_EQ(all.session.local, "") << "a refused offer changes nothing";

  EXPECT_EQ(all.offer(leg_of(3))->sdp, "sdp3");
  EXPECT_EQ(all.settle(true), 3U);
  EXPECT_EQ(all.session.local, "sdp3");
}

/// Where the caller's own offer stands, and what is on its way of ours.
offers standing(caller_offer theirs, bool ours) {
  offers all;
  all.theirs = theirs;
  if (ours)
    all.offer(leg_of(2));
  return all;
}

TEST(Offers, TakesTheCallersOnlyWhenNoneIsUnanswered) {
  for (const auto theirs : {caller_offer::none, caller_offer::asked, caller_offer::confirming})
    for (const bool ours : {false, true})
      for (const bool leg : {false, true}) {
        auto all = standing(theirs, ours);
        const bool fits = leg && !ours && theirs == caller_offer::none;

        auto said = all.receive(leg ? std::optional{1U} : std::nullopt, "theirs");

        EXPECT_EQ(std::holds_alternative<renegotiate_leg>(said), fits);
        EXPECT_EQ(all.theirs, fits ? caller_offer::asked : theirs);
      }
}

TEST(Offers, AnswersTheCallersThroughItsLeg) {
  struct row {
    std::optional<std::string> offer;
    bool taken, is_there;
    caller_offer after;
  };
  const row rows[] = {{"theirs", true, true, caller_offer::none},
                      {std::nullopt, true, true, caller_offer::confirming},
                      {"theirs", false, true, caller_offer::none},
                      {std::nullopt, false, true, caller_offer::none},
                      {std::nullopt, true, false, caller_offer::none}};
  for (const auto& each : rows) {
    offers all;
    all.receive(1U, each.offer);
    const bool good = each.taken && each.is_there;

    auto said = all.take(each.taken ? result<sdp_session>{sdp_session{7, 2, "ours"}}
                                    : fail(errc::not_acceptable, "no codec"),
                         each.is_there);

    ASSERT_TRUE(said);
    EXPECT_EQ(std::holds_alternative<answer_offer>(*said), good);
    EXPECT_EQ(all.session.local, good ? "ours" : "");
    EXPECT_EQ(all.theirs, each.after);
    EXPECT_EQ(all.confirm(), each.after == caller_offer::confirming);
    EXPECT_EQ(all.theirs, caller_offer::none);
  }
}

TEST(Offers, IgnoresWhatALegSaysUnasked) {
  for (const auto theirs : {caller_offer::none, caller_offer::confirming}) {
    auto all = standing(theirs, false);
    EXPECT_FALSE(all.take(sdp_session{7, 2, "ours"}, true));
    EXPECT_EQ(all.theirs, theirs);
    EXPECT_EQ(all.session.local, "");
  }
}

TEST(Pursuit, KnowsItsOwnAnswersAndTimers) {
  pursuit change;
  change.wanted = wish{{{"cust"}, "a"}};
  const auto clock = change.start().clock;
  const auto first = change.ask().turn;
  EXPECT_TRUE(change.awaits(phase::locating, first));

  const auto pause = change.pause_before_retry();
  EXPECT_FALSE(change.awaits(phase::locating, first));
  EXPECT_TRUE(change.awaits(phase::waiting, pause.turn));
  EXPECT_TRUE(change.is_overdue(clock));

  const auto later = change.start().clock;
  EXPECT_FALSE(change.is_overdue(clock));
  EXPECT_TRUE(change.is_overdue(later));

  change.end(true);
  EXPECT_EQ(change.now, phase::idle);
  EXPECT_FALSE(change.awaits(phase::idle, pause.turn));
  EXPECT_FALSE(change.is_overdue(later));
  EXPECT_FALSE(change.is_overdue(0));
}

TEST(Pursuit, WaitsLongerWithEachRefusalAndAnewInEachChange) {
  pursuit change;
  for (int round = 0; round < 2; ++round) {
    change.start();
    EXPECT_EQ(change.pause_before_retry().delay, milliseconds{0});
    EXPECT_EQ(change.pause_before_retry().delay, retry_pause);
    EXPECT_EQ(change.pause_before_retry().delay, retry_pause);
    EXPECT_EQ(change.pause_before_offer().delay, milliseconds{100});
    EXPECT_EQ(change.pause_before_offer().delay, milliseconds{300});
    EXPECT_EQ(change.pause_before_offer().delay, milliseconds{1000});
    EXPECT_EQ(change.pause_before_offer().delay, milliseconds{1000});
  }
}

TEST(Pursuit, CountsAMoveOnceAndNeverTheFirstLeg) {
  pursuit change;
  change.by_call = awaited::leg;
  EXPECT_FALSE(change.count());
  EXPECT_FALSE(change.end(true));

  change.by_call = awaited::nothing;
  EXPECT_TRUE(change.count());
  EXPECT_FALSE(change.count()) << "another leg for the same move";
  EXPECT_FALSE(change.end(false)->done);
  EXPECT_FALSE(change.end(true));

  change.count();
  change.forget();
  EXPECT_FALSE(change.end(true));
}

TEST(Pursuit, TellsItsFailureToWhoWaitsForIt) {
  struct row {
    awaited by_call;
    std::size_t told; ///< index in `news`
    bool keeps_wish;
  };
  const error why{errc::moving, "not now"};
  const row rows[] = {{awaited::leg, news{opened{fail(errc::moving, "")}}.index(), true},
                      {awaited::completion, news{answer_taken{}}.index(), true},
                      {awaited::room, news{failed{why}}.index(), false}};
  for (const auto& each : rows) {
    pursuit change;
    change.by_call = each.by_call;
    change.wanted = wish{{{"cust"}, "a"}};

    const auto told = change.failed_with(why);

    ASSERT_TRUE(told);
    EXPECT_EQ(told->index(), each.told);
    EXPECT_EQ(change.wanted.has_value(), each.keeps_wish);
    EXPECT_FALSE(change.failed_with(why)) << "told twice";
  }
}

TEST(Pursuit, TriesAgainOnlyWhatMayPass) {
  for (const auto code : {errc::moved, errc::moving, errc::stale, errc::unavailable, errc::timeout,
                          errc::not_found, errc::network})
    EXPECT_TRUE(may_pass(code)) << to_string(code);
  for (const auto code :
       {errc::conference_unavailable, errc::limit_reached, errc::not_acceptable, errc::malformed})
    EXPECT_FALSE(may_pass(code)) << to_string(code);
}

} // namespace
} // namespace plenary::media_path
