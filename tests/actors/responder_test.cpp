#include "tests/actors/call_fixture.hpp"

namespace plenary::test {
namespace {

class Responder : public two_nodes {};

template <class Reply>
Reply reply_of(const result<peer_reply>& answer) {
  EXPECT_TRUE(answer) << answer.error().message;
  return answer ? std::get<Reply>(*answer) : Reply{};
}

TEST_F(Responder, DescribesACallThatLivesAndOneThatHasEnded) {
  start({"daily"});
  auto living = reply_of<std::optional<call_record>>(ask(a, peer::describe_call{id}));
  call_record ended;
  ended.id = call_id{"old"};
  store.records[ended.id] = ended;

  auto stored = reply_of<std::optional<call_record>>(ask(a, peer::describe_call{ended.id}));
  auto unknown = reply_of<std::optional<call_record>>(ask(a, peer::describe_call{call_id{"never"}}));

  ASSERT_TRUE(living);
  EXPECT_EQ(living->status, call_status::in_progress);
  EXPECT_EQ(stored, ended);
  EXPECT_FALSE(unknown);
}

TEST_F(Responder, ListsTheLiveCallsOfOneCustomer) {
  start({"daily"});

  auto own = reply_of<std::vector<call_record>>(ask(a, peer::list_calls{app->customer}));
  auto foreign = reply_of<std::vector<call_record>>(ask(a, peer::list_calls{customer_id{"other"}}));

  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own[0].id, id);
  EXPECT_TRUE(foreign.empty());
}

TEST_F(Responder, DescribesOnlyRoomsOfItsNode) {
  room_is_at(daily, b, 3);
  start({"daily"});

  auto here = reply_of<room_snapshot>(ask(b, peer::describe_room{daily}));
  auto elsewhere = ask(a, peer::describe_room{daily});

  EXPECT_EQ(here.epoch, 3U);
  EXPECT_EQ(here.participants.size(), 1U);
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code, errc::moved);
}

TEST_F(Responder, RefusesAndCountsOrdersToAnEarlierEpoch) {
  room_is_at(daily, b, 3);
  start({"daily"});

  auto late = ask(b, peer::control_participant{daily, 2, id, kick{}});
  auto late_end = ask(b, peer::end_room{daily, 2});

  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, errc::stale);
  ASSERT_FALSE(late_end);
  EXPECT_EQ(b.meters[counter::stale_epochs_refused], 2U);
  EXPECT_EQ(callers_at(b, daily).size(), 1U);
}

TEST_F(Responder, CountsWhatItIsAsked) {
  ask(a, peer::list_calls{app->customer});
  ask(a, peer::describe_room{daily});

  EXPECT_EQ(a.meters[counter::peer_requests_served], 2U);
}

TEST_F(Responder, OpensLegsForPeersOnly) {
  auto refused = ask(a, peer::order_leg{{id, 1}, order::open{}});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::unsupported);
}

TEST_F(Responder, KnowsNoLegThatWasNeverOpened) {
  auto refused = ask(a, peer::order_leg{{id, 9}, order::close{}});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_found);
}

class Link : public two_nodes {};

TEST_F(Link, GivesUpEveryQuestionWhenItEnds) {
  a.network.swallows = true;
  caf::scoped_actor self{world.system()};
  auto asked = self->request(a.link_handle, caf::infinite, ask_peer{peer::describe_call{id}});
  world.settle();

  caf::anon_send(a.link_handle, link_lost{});
  world.settle();

  result<peer_reply> answer;
  asked.receive([&answer](const result<peer_reply>& got) { answer = got; },
                [](const caf::error&) { ADD_FAILURE(); });
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
}

TEST_F(Link, PassesAnswersOn) {
  auto answer = world.ask<result<peer_reply>>(a.link_handle, ask_peer{peer::describe_call{id}});

  EXPECT_EQ(reply_of<std::optional<call_record>>(answer), std::nullopt);
}

} // namespace
} // namespace plenary::test
