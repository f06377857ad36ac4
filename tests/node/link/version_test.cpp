#include "tests/node/link/link_world.hpp"
#include "tests/support/child_process.hpp"

namespace plenary::test {

namespace {

/// A node of another version in a process of its own, and one of ours that is linked to it.
struct mixed_pair {
  explicit mixed_pair(const std::string& program)
      : foreign({.arguments = {program}, .environment = {}, .directory = {}, .input = {}})
      , ours(node_settings("node-a", {"127.0.0.1:" + port()})) {}

  std::string port() {
    auto line = foreign.wait_for_text("port ", 20s);
    return line ? line->substr(5) : throw std::runtime_error("the foreign node does not start");
  }
  bool linked() { return ours.listener.wait_for_link("node-z"); }
  std::string answer_to(const std::string& question) {
    auto line = foreign.wait_for_text(question + " ", 10s);
    return line ? line->substr(question.size() + 1) : "nothing";
  }

  child_process foreign;
  linked_node ours;
};

/// The number of `unsupported` on the wire.
const std::string unsupported = "error 2";

} // namespace

TEST(LinkVersions, ANodeOfTheFirstVersionAndOursUnderstandEachOther) {
  mixed_pair pair{FOREIGN_NODE_V1};
  ASSERT_TRUE(pair.linked());

  auto located = pair.ours.ask("node-z", peer::locate_room{{{"cust"}, "standup"}});

  ASSERT_TRUE(located.has_value()) << located.error().message;
  EXPECT_EQ(std::get<peer::room_place>(*located).epoch, 5u);
  EXPECT_EQ(pair.answer_to("drain"), "done");
  EXPECT_EQ(pair.answer_to("ping"), "answered");
  EXPECT_TRUE(pair.ours.listener.wait_until([](auto& self) {
    return !self.statuses_.empty() && self.statuses_.back().status.phase == member_phase::live;
  }));
}

TEST(LinkVersions, WhatALaterVersionAddsIsIgnoredAndTheRestUnderstood) {
  mixed_pair pair{FOREIGN_NODE_NEXT};
  ASSERT_TRUE(pair.linked());

  auto located = pair.ours.ask("node-z", peer::locate_room{{{"cust"}, "standup"}});

  ASSERT_TRUE(located.has_value()) << located.error().message;
  EXPECT_EQ(std::get<peer::room_place>(*located).owner.value, "standup");
  EXPECT_EQ(pair.ours.listener.ups()[0].peer.protocol, 2u);
  EXPECT_TRUE(pair.ours.listener.wait_until([](auto& self) {
    return !self.statuses_.empty() && self.statuses_.back().status.phase == member_phase::joining &&
           self.statuses_.back().status.callers == 7;
  })) << "an unknown phase is read as the one that is given no rooms";
}

TEST(LinkVersions, AnUnknownErrorOfALaterVersionIsReadAsInternal) {
  mixed_pair pair{FOREIGN_NODE_NEXT};
  ASSERT_TRUE(pair.linked());

  auto located = pair.ours.ask("node-z", peer::locate_room{{{"cust"}, "unknown-error"}});

  ASSERT_FALSE(located.has_value());
  EXPECT_EQ(located.error().code, errc::internal);
}

TEST(LinkVersions, ALaterVersionIsToldWhatOursDoesNotKnowAndTheLinkStays) {
  mixed_pair pair{FOREIGN_NODE_NEXT};
  ASSERT_TRUE(pair.linked());

  EXPECT_EQ(pair.answer_to("node.invented"), "unimplemented");
  EXPECT_EQ(pair.answer_to("room.invented"), "unimplemented");
  EXPECT_EQ(pair.answer_to("control"), unsupported);
  EXPECT_EQ(pair.answer_to("drain"), "done");
  EXPECT_EQ(pair.ours.listener.story(), std::vector<std::string>{"up node-z"});
}

TEST(LinkVersions, AMethodThatAnOlderPeerLacksIsUnsupported) {
  mixed_pair pair{FOREIGN_NODE_V1};
  ASSERT_TRUE(pair.linked());

  auto answer = pair.ours.ask("node-z", peer::drain_node{}); // the foreign node implements no drain

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, errc::unsupported);
  EXPECT_EQ(pair.ours.listener.story(), std::vector<std::string>{"up node-z"});
}

} // namespace plenary::test
