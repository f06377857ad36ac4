#include "tests/directory/membership_player.hpp"

namespace plenary::membership {
namespace {

using namespace std::chrono_literals;

TEST(Membership, IsLiveAtOnceAndForeverAsAClusterOfItsOwn) {
  node a{0};

  a.feed(tick{});

  EXPECT_EQ(a.phase(), member_phase::live);
  EXPECT_EQ(a.permit(), mono_time::max());
  a.time += 1h;
  a.feed(tick{});
  EXPECT_EQ(a.phase(), member_phase::live);
}

TEST(Membership, WaitsTwoSecondsForPeersThatDoNotCome) {
  node a{2};

  a.pass(1900ms);
  EXPECT_EQ(a.phase(), member_phase::joining);
  EXPECT_FALSE(decides(a.now()));
  a.pass(200ms);

  EXPECT_EQ(a.phase(), member_phase::live);
}

TEST(Membership, IsLiveAsSoonAsEverybodyIsAMember) {
  node a{1};

  a.link("node-b", {"node-a"});

  EXPECT_EQ(a.phase(), member_phase::live);
  EXPECT_EQ(members(a.now()), std::vector{node_name{"node-b"}});
}

TEST(Membership, AdmitsNobodyBeforeItsRoomsAreKnownAndItHasAnswered) {
  node a{1};

  a.feed(link_up{node::identity("node-b"), node::seeing({"node-a"})});
  a.feed(tick{});
  EXPECT_FALSE(a.has("node-b"));
  a.feed(rooms_known{{"node-b"}});
  EXPECT_FALSE(a.has("node-b"));
  a.hear("node-b", {"node-a"});

  EXPECT_TRUE(a.has("node-b"));
}

TEST(Membership, AdmitsNobodyWhomAMemberDoesNotSee) {
  node a{2};
  a.link("node-b", {"node-a"});

  a.link("node-c", {"node-a"});
  EXPECT_FALSE(a.has("node-c"));
  a.hear("node-b", {"node-a", "node-c"});
  EXPECT_FALSE(a.has("node-c"));
  a.hear("node-c", {"node-a", "node-b"});

  EXPECT_TRUE(a.has("node-c"));
}

TEST(Membership, AdmitsNobodyWhoseMembersThisNodeDoesNotSee) {
  node a{2};

  a.link("node-b", {"node-a", "node-c"});

  EXPECT_FALSE(a.has("node-b"));
}

TEST(Membership, LosesAMemberWithItsLink) {
  auto a = of_three();

  a.feed(link_down{{"node-b"}});

  EXPECT_FALSE(a.has("node-b"));
  EXPECT_EQ(a.count<member_lost>(), 1U);
}

TEST(Membership, TakesARestartForALoss) {
  auto a = of_three();

  a.feed(link_up{node::identity("node-b"), {}});

  EXPECT_EQ(a.count<member_lost>(), 1U);
  EXPECT_FALSE(a.has("node-b"));
}

TEST(Membership, CutsTheWeakerOfTwoMembersThatDoNotSeeEachOther) {
  auto a = of_three();
  a.hear("node-b", {"node-a"});
  a.hear("node-c", {"node-a"});

  a.pass(900ms);
  EXPECT_EQ(a.count<cut>(), 0U);
  a.pass(300ms);

  EXPECT_EQ(a.count<cut>(), 1U);
  EXPECT_TRUE(a.has("node-b"));
  EXPECT_FALSE(a.has("node-c"));
  a.link("node-c", {"node-a"});
  a.pass(5s);
  EXPECT_FALSE(a.has("node-c")) << "it comes back when the two see each other";
  EXPECT_EQ(a.count<cut>(), 1U) << "no flapping";
}

TEST(Membership, PartsFromAMemberThatDoesNotCountItAsOne) {
  node a{1};
  a.link("node-b", {});

  a.pass(1900ms);
  EXPECT_TRUE(a.has("node-b"));
  a.pass(300ms);

  EXPECT_FALSE(a.has("node-b"));
  EXPECT_EQ(a.count<cut>(), 1U);
}

TEST(Membership, DoubtsItselfAfterStandingStill) {
  auto a = of_three();
  const auto permit = a.permit();
  a.time += 1100ms;
  EXPECT_LT(permit, a.time) << "nothing is mixed before the first step";

  a.feed(tick{});
  EXPECT_EQ(a.phase(), member_phase::joining);
  EXPECT_LE(a.permit(), a.time);
  a.feed(status_came{{"node-b"}, node::seeing({"node-a", "node-c"}), a.time - 1s});
  a.feed(status_came{{"node-c"}, node::seeing({"node-a", "node-b"}), a.time - 1s});
  EXPECT_EQ(a.phase(), member_phase::joining) << "answers from before prove nothing";
  a.time += 50ms;
  a.hear("node-b", {"node-a", "node-c"});
  a.hear("node-c", {"node-a", "node-b"});

  EXPECT_EQ(a.phase(), member_phase::live);
}

TEST(Membership, DrainsAndStopsDraining) {
  auto a = of_three();

  a.feed(draining_set{true});
  EXPECT_EQ(a.phase(), member_phase::draining);
  EXPECT_EQ(owners(a.now())[0], (placement::member{{"node-a"}, 0}));
  EXPECT_TRUE(decides(a.now()));
  a.feed(draining_set{false});

  EXPECT_EQ(a.phase(), member_phase::live);
}

TEST(Membership, RemembersADrainThatWasAskedForWhileJoining) {
  node a{1};
  a.feed(draining_set{true});
  EXPECT_EQ(a.phase(), member_phase::joining);

  a.link("node-b", {"node-a"});

  EXPECT_EQ(a.phase(), member_phase::draining);
}

TEST(Membership, MayAlwaysOpenWhenEachSideGoesOn) {
  auto a = of_three();

  a.feed(link_down{{"node-c"}});

  EXPECT_TRUE(may_open(a.now(), a.time));
}

TEST(Membership, GivesWeightToLiveMembersOnly) {
  auto a = of_three();
  a.feed(status_came{{"node-b"}, node::seeing({"node-a", "node-c"}, member_phase::draining), a.time});
  auto joining = node::seeing({"node-a", "node-b"}, member_phase::joining);
  joining.callers = 7;
  a.feed(status_came{{"node-c"}, joining, a.time});

  EXPECT_EQ(owners(a.now()),
            (std::vector<placement::member>{{{"node-a"}, 1}, {{"node-b"}, 0}, {{"node-c"}, 0}}));
  EXPECT_EQ(callers(a.now(), 3).at({"node-a"}), 3U);
  EXPECT_EQ(callers(a.now(), 3).at({"node-c"}), 7U);
}

TEST(Membership, NamesThePeersThatItIsLinkedTo) {
  node a{1};
  a.link("node-b", {"node-a", "node-c"});

  ASSERT_EQ(links(a.now()).size(), 1U) << "node-c is only known by hearsay";
  EXPECT_EQ(links(a.now())[0].name, node_name{"node-b"});
}

TEST(Membership, IgnoresWhatIsSaidOfStrangers) {
  node a{1};

  a.feed(status_came{{"node-x"}, {}, a.time});
  a.feed(rooms_known{{"node-x"}});
  a.feed(link_down{{"node-x"}});

  EXPECT_TRUE(a.now().peers.empty());
  EXPECT_EQ(a.count<member_lost>(), 0U);
}

} // namespace
} // namespace plenary::membership
