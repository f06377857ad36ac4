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
  EXPECT_EQ(pair.ours.listener.ups()[0].peer.protocol, 99u);
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

TEST(LinkVersions, OrdersAndReportsGoByTheMethodsThatAnOlderPeerKnowsAndToALaterOneAsValues) {
  const std::pair<const char*, const char*> said[]{{"enter standup", "mediaTimedOut 4"},
                                                   {"order standup", "report 4"}};
  const char* const programs[]{FOREIGN_NODE_V1, FOREIGN_NODE_NEXT};
  for (const auto i : {0, 1}) {
    mixed_pair pair{programs[i]};
    ASSERT_TRUE(pair.linked());

    auto entered =
        pair.ours.ask("node-z", peer::order_leg{{{"call_1"}, 4}, order::enter{{{"cust"}, "standup"}}});
    auto told = pair.ours.ask("node-z", leg_told{{{"call_1"}, 4}, report::media_timed_out{}});

    EXPECT_EQ(pair.answer_to("leg"), said[i].first);
    EXPECT_EQ(pair.answer_to("call"), said[i].second);
    ASSERT_TRUE(entered.has_value()) << entered.error().message;
    EXPECT_EQ(std::get<room_place>(std::get<leg_reply>(*entered)).epoch, 5u);
    EXPECT_TRUE(told.has_value()) << told.error().message;
  }
}

TEST(LinkVersions, OrdersAndReportsOfAnOlderAndOfALaterPeerAreUnderstood) {
  for (const char* program : {FOREIGN_NODE_V1, FOREIGN_NODE_NEXT}) {
    mixed_pair pair{program};
    std::mutex mutex;
    std::vector<node_request> seen;
    pair.ours.listener.answer_with(
        [&](const node_name&, const peer_request& what, const peer_network::callback& answer) {
          const auto* asked = std::get_if<node_request>(&what);
          const bool is_order = asked != nullptr && std::holds_alternative<peer::order_leg>(*asked);
          if (std::lock_guard lock(mutex); asked != nullptr)
            seen.push_back(*asked);
          answer(is_order ? peer_reply{leg_reply{order::done{}}} : peer_reply{peer::done{}});
        });
    ASSERT_TRUE(pair.linked());

    EXPECT_EQ(pair.answer_to("leg.close"), "done");
    EXPECT_EQ(pair.answer_to("call.legEnded"), "done");
    std::lock_guard lock(mutex);
    ASSERT_GE(seen.size(), 2u);
    const leg_name leg{{"call_1"}, 2};
    EXPECT_EQ(std::get<peer::order_leg>(seen[0]).leg, leg);
    EXPECT_EQ(std::get<peer::order_leg>(seen[0]).what, leg_order{order::close{}});
    EXPECT_EQ(std::get<leg_told>(seen[1]).leg, leg);
    EXPECT_EQ(std::get<leg_told>(seen[1]).what, leg_report{report::ended{}});
  }
}

TEST(LinkVersions, AnOrderOrReportOfALaterVersionIsUnsupportedAndTheLinkStays) {
  mixed_pair pair{FOREIGN_NODE_NEXT};
  pair.ours.listener.answer_with([](const node_name&, const peer_request&,
                                    const peer_network::callback& answer) { answer(leg_reply{}); });
  ASSERT_TRUE(pair.linked());

  EXPECT_EQ(pair.answer_to("leg.order"), "reply 1") << "the number of `done`";
  EXPECT_EQ(pair.answer_to("leg.invented"), unsupported);
  EXPECT_EQ(pair.answer_to("call.invented"), unsupported);
  EXPECT_EQ(pair.ours.listener.story(), std::vector<std::string>{"up node-z"});
}

TEST(LinkVersions, AnAnswerOfAKindThatALaterVersionInventsIsAnError) {
  mixed_pair pair{FOREIGN_NODE_NEXT};
  ASSERT_TRUE(pair.linked());

  auto answer = pair.ours.ask("node-z", peer::order_leg{{{"call_1"}, 4}, order::exit{}});

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, errc::malformed);
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
