#include "tests/actors/call_fixture.hpp"

namespace plenary::test {
namespace {

using orders = std::vector<std::string>;
using std::chrono::milliseconds;

class CallActor : public two_nodes {};

TEST_F(CallActor, AnswersWithTheAddressOfTheNodeThatHasTheRoom) {
  room_is_at(daily, b, 1);

  start({"daily"});

  EXPECT_EQ(sip.orders, (orders{"ring", "accept 20000"}));
  ASSERT_EQ(callers_at(b, daily).size(), 1U);
  EXPECT_EQ(callers_at(b, daily)[0].call, id);
  EXPECT_EQ(record().status, call_status::in_progress);
}

TEST_F(CallActor, KeepsItsLegAtHomeWhenTheRoomIsThere) {
  room_is_at(daily, a, 1);

  start({"daily"});

  EXPECT_EQ(sip.orders, (orders{"ring", "accept 10000"}));
  EXPECT_EQ(callers_at(a, daily).size(), 1U);
  EXPECT_TRUE(b.legs.empty());
}

TEST_F(CallActor, LetsGoOfItsFarLegWhenTheCallerHangsUp) {
  room_is_at(daily, b, 1);
  talk();

  signal(dialog_ended{{16, "normal_clearing"}});

  EXPECT_EQ(record().status, call_status::completed);
  EXPECT_FALSE(b.media.session_at(0)->open);
  EXPECT_TRUE(callers_at(b, daily).empty());
  EXPECT_EQ(b.meters[gauge::legs_active], 0.0);
}

TEST_F(CallActor, EndsWhenItsFarRoomKicksIt) {
  room_is_at(daily, b, 1);
  talk();

  auto kicked = ask(b, peer::control_participant{daily, 1, id, kick{}});
  world.settle();

  EXPECT_TRUE(kicked);
  EXPECT_EQ(sip.orders, (orders{"hang_up normal_clearing"}));
  EXPECT_FALSE(b.media.session_at(0)->open);
}

TEST_F(CallActor, EndsWhenTheFarMediaStops) {
  room_is_at(daily, b, 1);
  talk();

  ask(a, leg_told{{id, 1}, report::media_timed_out{}});
  world.settle();

  EXPECT_EQ(sip.orders, (orders{"hang_up media_timeout"}));
}

TEST_F(CallActor, EndsByOrderOfItsCustomerOnly) {
  room_is_at(daily, b, 1);
  talk();

  auto foreign = ask(a, peer::hang_up_call{customer_id{"other"}, id});
  auto own = ask(a, peer::hang_up_call{app->customer, id});
  world.settle();

  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, errc::not_found);
  EXPECT_TRUE(own);
  EXPECT_EQ(sip.orders, (orders{"hang_up normal_clearing"}));
}

TEST_F(CallActor, LastsAsLongAsItLastsThoughTheClockIsSet) {
  room_is_at(daily, b, 1);
  talk();
  const auto right = a.edges.wall_clock;

  a.edges.wall_clock = [right] { return right() - std::chrono::hours{1}; };
  world.pass(milliseconds{2000});
  a.edges.wall_clock = [right] { return right() + std::chrono::hours{2}; };
  world.pass(milliseconds{1000});
  signal(dialog_ended{{16, "normal_clearing"}});

  ASSERT_TRUE(record().answered_at && record().ended_at);
  EXPECT_EQ(*record().ended_at - *record().answered_at, std::chrono::seconds{3});
  EXPECT_GE(*record().answered_at, record().created_at);
}

TEST_F(CallActor, MovesItsMediaWithTheRoomBeforeItLeavesTheOldOne) {
  room_is_at(daily, b, 1);
  talk({"daily"}, R"(,"end_on_exit":true)");
  auto old_room = b.rooms.at(daily).room;
  room_is_at(daily, a, 2);

  caf::anon_send(old_room, vacate_room{{a.edges.node, 2}});
  world.settle();
  auto while_moving = world.ask<room_snapshot>(old_room, describe_room{}).participants.size();
  answer();

  EXPECT_EQ(while_moving, 1U);
  EXPECT_EQ(sip.orders, (orders{"offer 10000"}));
  ASSERT_EQ(callers_at(a, daily).size(), 1U);
  EXPECT_TRUE(callers_at(a, daily)[0].how.end_on_exit);
  EXPECT_FALSE(b.media.session_at(0)->open);
  EXPECT_EQ(a.meters[counter::leg_moves], 1U);
  EXPECT_EQ(a.meters[histogram::leg_move_duration], 1U);
}

TEST_F(CallActor, ContinuesItsSdpSessionOnTheNewLeg) {
  room_is_at(daily, b, 1);
  talk();
  room_is_at(daily, a, 2);

  caf::anon_send(b.rooms.at(daily).room, vacate_room{{a.edges.node, 2}});
  world.settle();

  ASSERT_EQ(sip.offers.size(), 1U);
  EXPECT_NE(sip.offers[0].find(" 2 IN IP4 127.0.0.1\r\n"), std::string::npos) << sip.offers[0];
}

TEST_F(CallActor, ComesBackOnASurvivorWhenItsRoomsNodeIsLost) {
  room_is_at(daily, b, 1);
  talk();
  ask(b, peer::control_participant{daily, 1, id, participation_change{.muted = true}});
  world.settle();
  rooms.failure = error{errc::moving, "no owner yet"};

  part();
  world.pass(milliseconds{100});
  rooms.failure.reset();
  room_is_at(daily, a, 2);
  world.pass(milliseconds{100});
  answer();

  EXPECT_EQ(sip.orders, (orders{"offer 10000"}));
  ASSERT_EQ(callers_at(a, daily).size(), 1U);
  EXPECT_TRUE(callers_at(a, daily)[0].how.muted) << "what the lost room had changed is kept";
}

TEST_F(CallActor, LeavesNoGhostOnTheOtherSideOfALostLink) {
  room_is_at(daily, b, 1);
  talk();

  part();

  EXPECT_FALSE(b.media.session_at(0)->open);
  EXPECT_EQ(b.meters[gauge::participants], 0.0);
  EXPECT_TRUE(b.rooms.empty());
}

TEST_F(CallActor, GoesOnWithItsFlowWhenNoNodeTakesTheRoomInTime) {
  room_is_at(daily, b, 1);
  talk({"daily", "weekly"});
  rooms.failure = error{errc::moving, "no owner"};
  part();

  world.pass(milliseconds{4900});
  auto asked_in_time = sip.orders;
  world.pass(milliseconds{200});
  rooms.failure.reset();
  room_is_at(weekly, a, 1);
  world.pass(milliseconds{100});
  answer();

  EXPECT_TRUE(asked_in_time.empty());
  EXPECT_EQ(sip.orders, (orders{"offer 10000"}));
  EXPECT_EQ(callers_at(a, weekly).size(), 1U);
}

TEST_F(CallActor, OffersAgainWhenTheCallersOfferWasOnItsWay) {
  room_is_at(daily, b, 1);
  talk();
  room_is_at(daily, a, 2);
  caf::anon_send(b.rooms.at(daily).room, vacate_room{{a.edges.node, 2}});
  world.settle();

  signal(offer_answered{fail(errc::unavailable, "491")});
  world.pass(milliseconds{100});
  answer();

  EXPECT_EQ(sip.orders, (orders{"offer 10000", "offer 10000"}));
  EXPECT_EQ(callers_at(a, daily).size(), 1U);
}

TEST_F(CallActor, SendsTheCallersOfferAwayForASecondWhileItMoves) {
  room_is_at(daily, b, 1);
  talk();
  room_is_at(daily, a, 2);
  caf::anon_send(b.rooms.at(daily).room, vacate_room{{a.edges.node, 2}});
  world.settle();

  signal(offer_received{std::string{pcmu_description} + "a=sendonly\r\n"});
  answer();
  signal(offer_received{std::string{pcmu_description} + "a=sendonly\r\n"});

  EXPECT_EQ(sip.orders, (orders{"offer 10000", "refuse 500 after 1 s", "answer 10000"}));
}

TEST_F(CallActor, PassesTheCallersOfferToItsFarLeg) {
  room_is_at(daily, b, 1);
  talk();

  signal(offer_received{std::string{pcmu_description} + "a=sendonly\r\n"});

  EXPECT_EQ(sip.orders, (orders{"answer 20000"}));
}

TEST_F(CallActor, MovesToTheNextRoomOfItsFlowOnAnotherNode) {
  room_is_at(daily, b, 1);
  room_is_at(weekly, a, 1);
  talk({"daily", "weekly"});

  ask(b, peer::end_room{daily, 1});
  world.settle();
  answer();

  EXPECT_EQ(sip.orders, (orders{"offer 10000"}));
  EXPECT_EQ(callers_at(a, weekly).size(), 1U);
  EXPECT_FALSE(b.media.session_at(0)->open);
}

TEST_F(CallActor, LetsGoOfBothLegsWhenTheCallerHangsUpWhileItMoves) {
  room_is_at(daily, b, 1);
  talk();
  room_is_at(daily, a, 2);
  caf::anon_send(b.rooms.at(daily).room, vacate_room{{a.edges.node, 2}});
  world.settle();

  signal(dialog_ended{{16, "normal_clearing"}});

  EXPECT_EQ(record().status, call_status::completed);
  EXPECT_FALSE(a.media.session_at(0)->open);
  EXPECT_FALSE(b.media.session_at(0)->open);
  EXPECT_EQ(a.meters[gauge::legs_active] + b.meters[gauge::legs_active], 0.0);
}

TEST_F(CallActor, StartsOverWhileTheCallerRingsWhenTheRoomsNodeIsLost) {
  room_is_at(daily, b, 1);
  a.placing_fails = error{errc::unavailable, "the node is lost"};
  start({"daily"});
  auto ringing = sip.orders;

  a.placing_fails.reset();
  room_is_at(daily, a, 2);
  world.pass(milliseconds{100});

  EXPECT_EQ(ringing, (orders{"ring"}));
  EXPECT_EQ(sip.orders, (orders{"ring", "accept 10000"}));
}

TEST_F(CallActor, RefusesTheCallerWhenNoNodeCanBeReached) {
  a.placing_fails = error{errc::unavailable, "nobody"};
  start({"daily"});

  world.pass(std::chrono::seconds{6});

  EXPECT_EQ(sip.orders, (orders{"ring", "reject 503"}));
}

TEST_F(CallActor, TakesAnotherLegWhenItsFarLegFails) {
  room_is_at(daily, b, 1);
  talk();

  caf::anon_send_exit(b.legs.begin()->second, caf::exit_reason::kill);
  world.settle();
  answer();

  EXPECT_EQ(sip.orders, (orders{"offer 20000"}));
  EXPECT_EQ(callers_at(b, daily).size(), 1U);
}

TEST_F(CallActor, LeavesNoFarLegBehindWhenItsActorFails) {
  room_is_at(daily, b, 1);
  talk();

  caf::anon_send_exit(std::exchange(call_handle, nullptr), caf::exit_reason::kill);
  world.settle();

  EXPECT_FALSE(b.media.session_at(0)->open);
  EXPECT_EQ(b.meters[gauge::participants], 0.0);
}

TEST_F(CallActor, EntersTheNewRoomWhenItsFarRoomFailed) {
  room_is_at(daily, b, 1);
  talk();

  caf::anon_send_exit(b.rooms.at(daily).room, caf::exit_reason::kill);
  room_is_at(daily, b, 2);
  world.settle();

  EXPECT_TRUE(sip.orders.empty());
  EXPECT_EQ(callers_at(b, daily).size(), 1U);
}

TEST_F(CallActor, MakesTheOfferOnTheFarLegWhenTheInviteHasNone) {
  room_is_at(daily, b, 1);
  start({"daily"}, std::nullopt);
  auto offered = sip.orders;

  signal(call_confirmed{std::string{pcmu_description}});

  EXPECT_EQ(offered, (orders{"ring", "accept 20000"}));
  EXPECT_EQ(callers_at(b, daily).size(), 1U);
}

} // namespace
} // namespace plenary::test
