#include "tests/directory/membership_player.hpp"

namespace plenary::membership {
namespace {

using namespace std::chrono_literals;

TEST(MembershipUnderHold, HoldsWithoutAMajority) {
  auto a = of_three(true);
  EXPECT_EQ(a.phase(), member_phase::live);

  a.feed(link_down{{"node-b"}});
  EXPECT_EQ(a.phase(), member_phase::live);
  a.feed(link_down{{"node-c"}});

  EXPECT_EQ(a.phase(), member_phase::held);
  EXPECT_LE(a.permit(), a.time);
}

TEST(MembershipUnderHold, MixesNoLongerThanItsPermitWithoutAnswers) {
  auto a = of_three(true);
  const auto last_answer = a.time;

  a.pass(900ms, false);

  EXPECT_EQ(a.permit(), last_answer + permit_time(a.now().fixed));
  a.pass(200ms, false);
  EXPECT_EQ(a.phase(), member_phase::held);
}

TEST(MembershipUnderHold, OpensALostMembersRoomsOnlyOnceAMajorityIsWithoutIt) {
  auto a = of_three(true);
  EXPECT_TRUE(may_open(a.now(), a.time));

  a.feed(link_down{{"node-c"}});
  EXPECT_FALSE(may_open(a.now(), a.time));
  a.hear("node-b", {"node-a", "node-c"});
  a.pass(3s);
  EXPECT_FALSE(may_open(a.now(), a.time)) << "node-b still counts it";
  a.hear("node-b", {"node-a"});
  a.pass(1400ms);
  EXPECT_FALSE(may_open(a.now(), a.time));
  a.pass(200ms);

  EXPECT_TRUE(may_open(a.now(), a.time));
}

TEST(MembershipUnderHold, CountsNoVoteBeforeAnEarlierWordHasRunOut) {
  auto a = of_three(true);
  a.feed(link_down{{"node-b"}});
  a.feed(link_down{{"node-c"}});
  ASSERT_EQ(a.phase(), member_phase::held);

  a.link("node-b", {"node-a"});
  a.pass(900ms);
  EXPECT_EQ(a.phase(), member_phase::held);
  a.pass(200ms);

  EXPECT_EQ(a.phase(), member_phase::live);
}

TEST(MembershipUnderHold, WaitsWhileJoiningForVotesThatAreStillYoung) {
  node a{2, true};
  a.pass(1300ms);
  a.link("node-b", {"node-a"});

  a.pass(900ms);
  EXPECT_EQ(a.phase(), member_phase::joining) << "2.2 s after its start";
  EXPECT_EQ(a.count<permitted>(), 0U);
  a.pass(100ms);

  EXPECT_EQ(a.phase(), member_phase::live);
  EXPECT_EQ(a.count<phase_changed>(), 1U) << "it was never held";
}

TEST(MembershipUnderHold, WaitsWhileJoiningForAPeerThatHasJustBeenLinked) {
  node a{2, true};
  a.pass(1900ms);
  a.feed(link_up{node::identity("node-b"), {}});

  a.pass(1900ms);
  EXPECT_EQ(a.phase(), member_phase::joining);
  a.pass(200ms);

  EXPECT_EQ(a.phase(), member_phase::held) << "its rooms never came";
}

TEST(MembershipUnderHold, IsHeldAfterTwoSecondsWhenTooFewPeersAreLinked) {
  node a{4, true};
  a.pass(1900ms);
  a.link("node-b", {"node-a"});
  EXPECT_EQ(a.phase(), member_phase::joining);

  a.pass(100ms);

  EXPECT_EQ(a.phase(), member_phase::held) << "two of five are no majority, ripe or not";
}

TEST(MembershipUnderHold, IsHeldWhenThoseWhoVotedAnswerNoMore) {
  auto a = of_three(true);
  a.time += 1100ms;
  a.feed(tick{});
  ASSERT_EQ(a.phase(), member_phase::joining) << "it stood still";

  a.pass(1900ms, false);
  EXPECT_EQ(a.phase(), member_phase::joining);
  a.pass(200ms, false);

  EXPECT_EQ(a.phase(), member_phase::held);
}

TEST(MembershipUnderHold, IsNotKeptHeldByALinkThatNeverFits) {
  auto a = of_three(true);
  a.feed(link_down{{"node-b"}});
  a.feed(link_down{{"node-c"}});
  a.link("node-b", {"node-a"});
  a.link("node-c", {"node-a"}); // node-b and node-c do not see each other

  a.pass(4s);

  EXPECT_EQ(a.phase(), member_phase::live);
}

} // namespace
} // namespace plenary::membership
