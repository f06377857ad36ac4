#include "tests/node/link/link_world.hpp"

namespace plenary::test {

namespace {

std::size_t ups_of(const recording_listener& listener) {
  return listener.ups().size();
}

} // namespace

TEST(LinkAgreement, SimultaneousDialsEndInExactlyOneLink) {
  for (int round = 0; round < 20; ++round) {
    linked_node a{node_settings("node-a")};
    linked_node b{node_settings("node-b")};

    a.network->set_addresses({b.address()});
    b.network->set_addresses({a.address()});

    ASSERT_TRUE(a.listener.wait_for_link("node-b")) << "round " << round;
    ASSERT_TRUE(b.listener.wait_for_link("node-a")) << "round " << round;
    // Two answered heartbeats later nothing has replaced or ended the link.
    ASSERT_TRUE(a.listener.wait_until([](auto& self) { return self.statuses_.size() >= 2; }));
    EXPECT_EQ(a.listener.story(), std::vector<std::string>{"up node-b"});
    EXPECT_EQ(b.listener.story(), std::vector<std::string>{"up node-a"});
  }
}

TEST(LinkAgreement, OneNodeUnderTwoAddressesIsOneLink) {
  linked_node b{node_settings("node-b")};

  linked_node a{node_settings("node-a", {b.address(), fmt::format("localhost:{}", b.network->port())})};

  ASSERT_TRUE(a.listener.wait_until([](auto& self) { return self.statuses_.size() >= 3; }));
  EXPECT_EQ(a.listener.story(), std::vector<std::string>{"up node-b"});
  EXPECT_EQ(b.listener.story(), std::vector<std::string>{"up node-a"});
}

TEST(LinkAgreement, DiallingItselfIsDroppedQuietly) {
  linked_node b{node_settings("node-b")};
  linked_node a{node_settings("node-a")};

  a.network->set_addresses({a.address(), b.address()});

  ASSERT_TRUE(a.listener.wait_for_link("node-b"));
  EXPECT_EQ(a.log.count("link_refused"), 0u);
  EXPECT_EQ(a.counters[counter::link_handshakes_refused], 0u);
}

TEST(LinkAgreement, TwoNodesOfOneNameRefuseEachOtherOnBothSides) {
  linked_node first{node_settings("node-a", {}, 1)};

  linked_node second{node_settings("node-a", {first.address()}, 2)};

  auto told_first = first.log.wait_for("link_refused");
  auto told_second = second.log.wait_for("link_refused");
  ASSERT_TRUE(told_first && told_second);
  EXPECT_NE(told_first->fields["reason"].find("two nodes have the name \"node-a\""), std::string::npos);
  EXPECT_NE(told_second->fields["reason"].find("two nodes have the name \"node-a\""), std::string::npos);
  EXPECT_EQ(told_second->fields["hint"], "give every node its own node.name");
  EXPECT_GE(first.counters[counter::links_ended_refused], 1u);
  EXPECT_EQ(ups_of(first.listener) + ups_of(second.listener), 0u);
}

TEST(LinkAgreement, ClashingConfigurationsRefuseEachOtherOnBothSides) {
  auto settings = node_settings("node-a");
  settings.identity.configuration = 17;
  linked_node a{settings};

  linked_node b{node_settings("node-b", {a.address()})};

  auto told_a = a.log.wait_for("link_refused");
  auto told_b = b.log.wait_for("link_refused");
  ASSERT_TRUE(told_a && told_b);
  EXPECT_NE(told_b->fields["reason"].find("are configured differently"), std::string::npos);
  EXPECT_NE(told_a->fields["hint"].find("make room limits"), std::string::npos);
  EXPECT_EQ(ups_of(a.listener) + ups_of(b.listener), 0u);
}

TEST(LinkAgreement, ARestartedNodeReplacesItsOldLinkWhichEndsFirst) {
  linked_node a{node_settings("node-a")};
  linked_node old{node_settings("node-b", {a.address()}, 1)};
  ASSERT_TRUE(a.listener.wait_for_link("node-b"));

  linked_node restarted{node_settings("node-b", {a.address()}, 2)};

  ASSERT_TRUE(a.listener.wait_for_story("up node-b", 2));
  EXPECT_EQ(a.listener.story(), (std::vector<std::string>{"up node-b", "down node-b closed", "up node-b"}));
  EXPECT_EQ(a.listener.ups()[1].peer.incarnation, 2u);
  EXPECT_TRUE(old.log.wait_for("link_refused")) << "the older process, if it runs still, is told";
}

TEST(LinkAgreement, ARestartedDiallerReplacesItsOldLinkToo) {
  linked_node b{node_settings("node-b")};
  linked_node old{node_settings("node-a", {b.address()}, 1)};
  ASSERT_TRUE(b.listener.wait_for_link("node-a"));

  linked_node restarted{node_settings("node-a", {b.address()}, 2)};

  ASSERT_TRUE(b.listener.wait_for_story("up node-a", 2));
  EXPECT_EQ(b.listener.story(), (std::vector<std::string>{"up node-a", "down node-a closed", "up node-a"}));
}

TEST(LinkAgreement, NodesThatShareOneSeedFindEachOther) {
  linked_node a{node_settings("node-a")};
  linked_node b{node_settings("node-b", {a.address()})};
  linked_node c{node_settings("node-c", {a.address()})};
  ASSERT_TRUE(a.listener.wait_for_link("node-b") && a.listener.wait_for_link("node-c"));
  member_status status;
  status.links = {b.network->identity(), c.network->identity()};

  a.network->set_status(status);

  EXPECT_TRUE(b.listener.wait_for_link("node-c"));
  EXPECT_TRUE(c.listener.wait_for_link("node-b"));
}

TEST(LinkAgreement, ACutPeerComesBackAfterThePauseOnly) {
  linked_node a{node_settings("node-a")};
  linked_node b{node_settings("node-b", {a.address()})};
  ASSERT_TRUE(a.listener.wait_for_link("node-b"));
  auto cut_at = std::chrono::steady_clock::now();

  a.network->cut({"node-b"}, 700ms);

  ASSERT_TRUE(a.listener.wait_for_story("up node-b", 2));
  EXPECT_GE(std::chrono::steady_clock::now() - cut_at, 700ms);
  EXPECT_EQ(a.log.count("link_refused"), 0u);
}

TEST(LinkAgreement, ALaterCutOfTheAcceptingSideHoldsAsWell) {
  linked_node a{node_settings("node-a")};
  linked_node b{node_settings("node-b", {a.address()})};
  ASSERT_TRUE(b.listener.wait_for_link("node-a"));
  auto cut_at = std::chrono::steady_clock::now();

  b.network->cut({"node-a"}, 700ms);

  ASSERT_TRUE(b.listener.wait_for_story("up node-a", 2));
  EXPECT_GE(std::chrono::steady_clock::now() - cut_at, 700ms);
}

} // namespace plenary::test
