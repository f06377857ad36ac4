#include "tests/node/link/link_world.hpp"
#include "tests/node/link/relay.hpp"
#include "tests/support/lost_time.hpp"

namespace plenary::test {

namespace {

/// node-a (dials, through a relay) and node-b, linked.
struct relayed_pair {
  explicit relayed_pair(link_settings settings = node_settings("node-a"))
      : between(b.network->port())
      , a([&] {
        settings.seeds = {between.address()};
        return settings;
      }()) {}

  bool linked() { return a.listener.wait_for_link("node-b") && b.listener.wait_for_link("node-a"); }

  linked_node b{[] {
    auto of_b = node_settings("node-b");
    of_b.identity.address = "127.0.0.1:1"; // nobody dials it but through the relay
    return of_b;
  }()};
  relay between;
  linked_node a;
};

std::chrono::milliseconds since(mono_time start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
}

void never_answer(const node_name&, const peer_request&, const peer_network::callback& answer) {
  static std::vector<peer_network::callback> kept;
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  kept.push_back(answer);
}

} // namespace

TEST(LinkFailure, SilenceIsNoticedOnBothSidesInTime) {
  relayed_pair pair;
  ASSERT_TRUE(pair.linked());
  lost_time machine;
  auto frozen_at = std::chrono::steady_clock::now();

  pair.between.hold(true);

  ASSERT_TRUE(pair.a.listener.wait_for_story("down node-b silent"));
  auto noticed = since(frozen_at);
  ASSERT_TRUE(pair.b.listener.wait_for_story("down node-a silent"));
  RecordProperty("noticed_ms", static_cast<int>(noticed.count()));
  EXPECT_GE(noticed, 1200ms);
  EXPECT_LE(noticed, 2200ms + machine.so_far()) << "1.5 s of silence, 0.3 s of heartbeat";
  EXPECT_EQ(pair.a.counters[counter::links_ended_silent], 1u);
}

TEST(LinkFailure, TheLinkComesBackWhenTheSilenceEnds) {
  relayed_pair pair;
  ASSERT_TRUE(pair.linked());
  pair.between.hold(true);
  ASSERT_TRUE(pair.a.listener.wait_for_story("down node-b silent"));

  pair.between.hold(false);

  EXPECT_TRUE(pair.a.listener.wait_for_story("up node-b", 2));
  EXPECT_TRUE(pair.b.listener.wait_for_story("up node-a", 2));
}

TEST(LinkFailure, PendingRequestsFailBeforeTheEndIsTold) {
  relayed_pair pair;
  pair.b.listener.answer_with(never_answer);
  ASSERT_TRUE(pair.linked());
  pair.a.network->ask({"node-b"}, peer::drain_node{}, 60s, [&](const result<peer_reply>& answer) {
    pair.a.listener.note(answer ? "answered" : std::string{to_string(answer.error().code)});
  });

  pair.b.network.reset();

  ASSERT_TRUE(pair.a.listener.wait_for_story("down node-b closed"));
  EXPECT_EQ(pair.a.listener.story(),
            (std::vector<std::string>{"up node-b", "unavailable", "down node-b closed"}));
}

TEST(LinkFailure, ARequestWithoutAnswerEndsAtItsDeadlineAndTheLinkStays) {
  relayed_pair pair;
  pair.b.listener.answer_with(never_answer);
  ASSERT_TRUE(pair.linked());

  auto answer = pair.a.ask("node-b", peer::drain_node{}, 100ms);

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, errc::timeout);
  EXPECT_EQ(pair.a.listener.story(), std::vector<std::string>{"up node-b"});
}

TEST(LinkFailure, ADroppedAnswerIsAnErrorNotAHang) {
  relayed_pair pair;
  pair.b.listener.answer_with([](const node_name&, const peer_request&, const peer_network::callback&) {});
  ASSERT_TRUE(pair.linked());

  auto answer = pair.a.ask("node-b", peer::drain_node{}, 5s);

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, errc::internal);
}

TEST(LinkFailure, AnAnswerOfTheWrongKindIsAnError) {
  relayed_pair pair;
  pair.b.listener.answer_with([](const node_name&, const peer_request&,
                                 const peer_network::callback& answer) { answer(room_snapshot{}); });
  ASSERT_TRUE(pair.linked());

  auto answer = pair.a.ask("node-b", peer::drain_node{});

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, errc::internal);
}

TEST(LinkFailure, AnswersOutliveTheNetwork) {
  auto pair = std::make_unique<relayed_pair>();
  std::promise<peer_network::callback> kept;
  pair->b.listener.answer_with([&](const node_name&, const peer_request&,
                                   const peer_network::callback& answer) { kept.set_value(answer); });
  ASSERT_TRUE(pair->linked());
  pair->a.network->ask({"node-b"}, peer::drain_node{}, 60s, [](const result<peer_reply>&) {});
  auto late = kept.get_future().get();

  pair.reset();

  late(peer::done{});
}

TEST(LinkFailure, AQueueAboveTheLimitEndsTheLinkWithOverload) {
  auto settings = node_settings("node-a");
  settings.max_queued_bytes = 1u << 20;
  settings.silence = 30s;
  relayed_pair pair{settings};
  ASSERT_TRUE(pair.linked());
  pair.between.hold(true);
  peer::order_leg large{{{"call_x"}, 1}, order::accept_answer{std::string(60'000, 'x')}};

  for (int i = 0; i < 400; ++i)
    pair.a.network->ask({"node-b"}, large, 60s, [](const result<peer_reply>&) {});

  ASSERT_TRUE(pair.a.listener.wait_for_story("down node-b overload"));
  EXPECT_EQ(pair.a.counters[counter::links_ended_overload], 1u);
}

TEST(LinkFailure, TooManyUnansweredRequestsOfOnePeerAreRefused) {
  auto settings = node_settings("node-b");
  settings.max_unanswered = 10;
  linked_node b{settings};
  b.listener.answer_with(never_answer);
  linked_node a{node_settings("node-a", {b.address()})};
  ASSERT_TRUE(a.listener.wait_for_link("node-b"));
  for (int i = 0; i < 10; ++i)
    a.network->ask({"node-b"}, peer::drain_node{}, 60s, [](const result<peer_reply>&) {});

  auto one_more = a.ask("node-b", peer::drain_node{});

  ASSERT_FALSE(one_more.has_value());
  EXPECT_EQ(one_more.error().code, errc::limit_reached);
}

TEST(LinkFailure, ARequestThatThePeerWouldNotReadIsRefusedHere) {
  relayed_pair pair;
  ASSERT_TRUE(pair.linked());

  auto answer = pair.a.ask(
      "node-b", peer::order_leg{{{"call_x"}, 1}, order::accept_answer{std::string(2u << 20, 'x')}});

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, errc::limit_reached);
  EXPECT_EQ(pair.a.listener.story(), std::vector<std::string>{"up node-b"});
}

TEST(LinkFailure, AChangedPhaseIsToldAtOnce) {
  auto slow = node_settings("node-b");
  slow.heartbeat = 60s;
  linked_node b{slow};
  auto also_slow = node_settings("node-a", {b.address()});
  also_slow.heartbeat = 60s;
  linked_node a{also_slow};
  ASSERT_TRUE(a.listener.wait_for_link("node-b") && b.listener.wait_for_link("node-a"));
  auto first_answer = [](auto& self) { return !self.statuses_.empty(); };
  ASSERT_TRUE(a.listener.wait_until(first_answer) && b.listener.wait_until(first_answer));
  member_status live;
  live.phase = member_phase::live;
  auto set_at = std::chrono::steady_clock::now();

  a.network->set_status(live);

  ASSERT_TRUE(b.listener.wait_until([](auto& self) {
    return !self.statuses_.empty() && self.statuses_.back().status.phase == member_phase::live;
  }));
  EXPECT_GE(b.listener.statuses().back().asked_at, set_at);
  EXPECT_LT(since(set_at), 30s) << "the next heartbeat would tell it after a minute";
}

TEST(LinkFailure, HeartbeatsAreMeasuredAndCounted) {
  relayed_pair pair;

  ASSERT_TRUE(pair.a.listener.wait_until([](auto& self) { return self.statuses_.size() >= 3; }));

  EXPECT_GE(pair.a.counters[histogram::link_round_trip], 3u);
  EXPECT_GT(pair.a.counters[counter::link_bytes_sent], 300u);
  EXPECT_GT(pair.a.counters[counter::link_bytes_received], 300u);
}

} // namespace plenary::test
