#include "actors/directory/membership.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace plenary::membership {
namespace {

using namespace std::chrono_literals;

/// One node's machine and what it said, with a clock of its own.
class node {
public:
  explicit node(std::size_t expected_peers, bool hold = false) {
    settings fixed;
    fixed.self = identity("node-a");
    fixed.expected_peers = expected_peers;
    fixed.size = expected_peers + 1;
    fixed.hold = hold;
    now_ = start(fixed, time);
  }

  static peer_identity identity(const std::string& name) {
    peer_identity who;
    who.name = {name};
    who.address = name + ":7400";
    return who;
  }

  /// A status of a peer that has links to these and counts them as members.
  static member_status seeing(const std::vector<std::string>& names,
                              member_phase phase = member_phase::live) {
    member_status status;
    status.phase = phase;
    for (const auto& name : names) {
      status.links.push_back(identity(name));
      status.members.push_back({name});
    }
    return status;
  }

  void feed(const event& what) {
    auto outcome = step(std::move(now_), what, time);
    now_ = std::move(outcome.next);
    effects.insert(effects.end(), outcome.effects.begin(), outcome.effects.end());
  }

  void hear(const std::string& name, const std::vector<std::string>& sees) {
    feed(status_came{{name}, seeing(sees), time});
  }

  void link(const std::string& name, const std::vector<std::string>& sees) {
    feed(link_up{identity(name), {}});
    feed(rooms_known{{name}});
    hear(name, sees);
  }

  /// Time in which every peer goes on answering with its latest status.
  void pass(std::chrono::milliseconds duration, bool answered = true) {
    for (auto end = time + duration; time < end;) {
      time += 100ms;
      if (answered)
        for (const auto& [name, each] : std::map(now_.peers))
          feed(status_came{name, each.status, time});
      feed(tick{});
    }
  }

  template <class Effect>
  std::size_t count() const {
    return static_cast<std::size_t>(std::count_if(effects.begin(), effects.end(), [](const auto& each) {
      return std::holds_alternative<Effect>(each);
    }));
  }

  mono_time permit() const {
    mono_time until{};
    for (const auto& each : effects)
      if (const auto* permit = std::get_if<permitted>(&each))
        until = permit->until;
    return until;
  }

  bool has(const std::string& name) const {
    const auto found = now_.peers.find({name});
    return found != now_.peers.end() && found->second.admitted;
  }

  member_phase phase() const { return now_.phase; }
  const state& now() const { return now_; }

  mono_time time{1000s};
  std::vector<effect> effects;

private:
  state now_;
};

/// Three nodes that all see each other.
node of_three(bool hold = false) {
  node a{2, hold};
  a.link("node-b", {"node-a", "node-c"});
  a.link("node-c", {"node-a", "node-b"});
  a.hear("node-b", {"node-a", "node-c"});
  a.pass(3s);
  return a;
}

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

TEST(MembershipUnderHold, IsNotKeptHeldByALinkThatNeverFits) {
  auto a = of_three(true);
  a.feed(link_down{{"node-b"}});
  a.feed(link_down{{"node-c"}});
  a.link("node-b", {"node-a"});
  a.link("node-c", {"node-a"}); // node-b and node-c do not see each other

  a.pass(4s);

  EXPECT_EQ(a.phase(), member_phase::live);
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

TEST(Membership, NamesEveryAddressThatAPeerKnowsButItsOwn) {
  node a{1};
  a.link("node-b", {"node-a", "node-c"});

  EXPECT_EQ(addresses(a.now()), (std::vector<std::string>{"node-b:7400", "node-c:7400"}));
  EXPECT_EQ(links(a.now()).size(), 1U);
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
