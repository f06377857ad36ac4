#include "tests/actors/leg_fixture.hpp"
#include "tests/support/fake_customers.hpp"

namespace plenary {
namespace {

using test::LegActor;
using test::opus_offer;
using test::pcmu_offer;
using test::pcmu_offer_at;
using test::scripted_room;

TEST_F(LegActor, AnswersAnOfferWithItsOwnAddress) {
  auto answer = open(pcmu_offer);

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NE(answer->local.find("c=IN IP4 127.0.0.1"), std::string::npos) << answer->local;
  EXPECT_NE(answer->local.find("m=audio 20000 RTP/AVP 0 101"), std::string::npos) << answer->local;
  EXPECT_EQ(node_.media.session_at(0)->settings.telephone_event, 101);
}

TEST_F(LegActor, OpensNoPortForAnOfferThatDoesNotFit) {
  auto refused = open(pcmu_offer, srtp_policy::required);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_acceptable);
  EXPECT_EQ(node_.media.opened(), 0U);
}

TEST_F(LegActor, MakesAnOfferWhenThereIsNoneAndTakesTheAnswer) {
  auto offer = open(std::nullopt);
  ASSERT_TRUE(offer);

  auto taken = ask(order::accept_answer{pcmu_offer});

  EXPECT_TRUE(taken) << taken.error().message;
  EXPECT_TRUE(enter());
}

TEST_F(LegActor, EntersARoomOfItsNode) {
  open(pcmu_offer);

  auto joined = enter();

  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_TRUE(daily_lives());
  beat();
  EXPECT_EQ(node_.media.take_sent().size(), 1U);
}

TEST_F(LegActor, RefusesARoomOfAnotherEpoch) {
  open(pcmu_offer);
  rooms_.places[daily_].epoch = 2;

  auto refused = ask(order::enter{daily_, {}, 1});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::stale);
}

TEST_F(LegActor, SendsItsCallBackToTheDirectoryWhenTheRoomIsElsewhere) {
  open(pcmu_offer);
  rooms_.places[daily_] = {node_name{"node-b"}, 1};

  auto refused = enter();
  rooms_.places.erase(daily_);
  auto unknown = ask(order::enter{daily_, {}, 1});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::moved);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, errc::moved);
}

TEST_F(LegActor, ContinuesTheSessionOfTheLegBeforeIt) {
  sdp_session before{77, 4,
                     "v=0\r\no=- 77 4 IN IP4 127.0.0.5\r\ns=-\r\nc=IN IP4 127.0.0.5\r\nt=0 0\r\n"
                     "m=audio 5000 RTP/AVP 109 0\r\na=rtpmap:109 opus/48000/2\r\n"};

  auto offer = open(std::nullopt, srtp_policy::optional, before);

  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_NE(offer->local.find("o=- 77 5 IN IP4 127.0.0.1"), std::string::npos) << offer->local;
  EXPECT_NE(offer->local.find("a=rtpmap:109 opus/48000/2"), std::string::npos) << offer->local;
  EXPECT_EQ(offer->id, 77U);
  EXPECT_EQ(offer->version, 5U);
  EXPECT_EQ(node_.media.session_at(0)->settings.family, 4) << "the leg before it was reached by IPv4";
}

TEST_F(LegActor, AsksForTheIpVersionOfTheSessionThatItContinues) {
  sdp_session before{77, 4,
                     "v=0\r\no=- 77 4 IN IP6 2001:db8::5\r\ns=-\r\nc=IN IP6 2001:db8::5\r\nt=0 0\r\n"
                     "m=audio 5000 RTP/AVP 0\r\n"};
  node_.media.set_local({6, {0x20, 0x01, 0x0d, 0xb8}, 20000});

  auto offer = open(std::nullopt, srtp_policy::optional, before);

  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_EQ(node_.media.session_at(0)->settings.family, 6);
  EXPECT_NE(offer->local.find("c=IN IP6 2001:db8::\r\n"), std::string::npos) << offer->local;
}

TEST_F(LegActor, TellsItsCallWhatItsRoomSaysWithItsOwnNumber) {
  open(pcmu_offer);
  enter();

  tell(relocate{{node_name{"node-b"}, 9}});
  tell(participation_changed{{.muted = true}});

  ASSERT_EQ(log_->told.size(), 2U);
  EXPECT_EQ(std::get<report::room_moves>(log_->told[0].what).to.owner, node_name{"node-b"});
  EXPECT_EQ(log_->told[0].leg, (leg_name{call_id{"c1"}, 3}));
  EXPECT_TRUE(std::get<report::participant_changed>(log_->told[1].what).change.muted.value());
  EXPECT_EQ(log_->told[1].leg, (leg_name{call_id{"c1"}, 3}));
}

TEST_F(LegActor, SendsReportsOfItsStreamByRtcpAboutEverySecondAtFirstAndThenAboutEveryFive) {
  open(pcmu_offer);
  enter();

  for (int i = 0; i <= 250; ++i)
    beat();
  const auto& sent = node_.media.session_at(0)->rtcp;
  const auto early = sent.size();
  for (int i = 0; i <= 1000; ++i)
    beat();

  EXPECT_GE(early, 3U);
  EXPECT_LE(early, 9U);
  EXPECT_GE(sent.size() - early, 3U);
  EXPECT_LE(sent.size() - early, 8U);
  ASSERT_GE(sent[2].size(), 28U);
  EXPECT_EQ(sent[2][0] >> 6, 2); // RFC 3550 section 6.4.1: version
  EXPECT_EQ(sent[2][1], 200);    // sender report
  EXPECT_GE(sent[2][23], 60);    // its packet count: after three of the shortest intervals
  EXPECT_LE(sent[2][23], 190);
}

TEST_F(LegActor, SendsATrickleAndNoReportBeforeTheAck) {
  order::open what{pcmu_offer};
  what.held_back = true;
  ASSERT_TRUE(ask(what));
  enter();

  for (int i = 0; i < 100; ++i)
    beat();
  const auto before = node_.media.take_sent().size();
  const auto reports = node_.media.session_at(0)->rtcp.size();
  tell(leg_order{order::confirm{}});
  for (int i = 0; i < 100; ++i)
    beat();

  EXPECT_EQ(before, 10U) << "5 a second";
  EXPECT_EQ(reports, 0U);
  EXPECT_EQ(node_.media.take_sent().size(), 100U);
}

TEST_F(LegActor, RefusesAnOfferOfAnAddressWhereMediaMayNotGo) {
  auto offer = std::string{pcmu_offer};
  offer.replace(offer.find("c=IN IP4 127.0.0.9"), 18, "c=IN IP4 0.1.2.3");
  test::fake_customers strict_ones{{{}, std::make_shared<const audio::media_address_rules>()}};
  node_.edges.customers = &strict_ones;
  auto strict = make_leg({call_id{"c2"}, 1});

  auto refused = ask(strict, order::open{offer});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_acceptable);
  EXPECT_EQ(node_.meters[counter::media_addresses_refused], 1U);
  EXPECT_EQ(node_.media.opened(), 0U);
  caf::anon_send(strict, leg_order{order::close{}});
  world_.settle();
  node_.edges.customers = nullptr;
}

TEST_F(LegActor, PreparesItsEncoderForTheLossThatTheCallerReports) {
  open(opus_offer);
  media_statistics statistics;
  statistics.loss_of_ours = 64; // a quarter
  node_.media.set_statistics(0, statistics);
  tell(stream_report{});
  auto seen = std::make_shared<std::shared_ptr<audio::duplex_stream>>();
  node_.rooms[daily_] = {world_.system().spawn(scripted_room, seen), 1};

  enter();

  ASSERT_TRUE(*seen);
  EXPECT_EQ((*seen)->format.expected_loss, 30);
}

TEST_F(LegActor, TellsItsCallWhenItHasLeftAndTheEmptyRoomIsGone) {
  open(pcmu_offer);
  enter();

  tell(leg_order{order::exit{}});

  EXPECT_EQ(log_->all<report::left_room>(), std::vector{report::left_room{leave_reason::requested}});
  EXPECT_FALSE(daily_lives());
}

TEST_F(LegActor, MayEnterAgainAfterItLeft) {
  open(pcmu_offer);
  enter();
  tell(leg_order{order::exit{}});

  auto again = enter();

  EXPECT_TRUE(again);
}

TEST_F(LegActor, TellsItsCallThatItsRoomFailedAndMayEnterTheNext) {
  open(pcmu_offer);
  enter();

  caf::anon_send_exit(node_.rooms.at(daily_).room, caf::exit_reason::kill);
  world_.settle();
  rooms_.places[daily_].epoch = 2;
  auto again = enter();

  EXPECT_EQ(log_->all<report::left_room>(), std::vector{report::left_room{leave_reason::room_lost}});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->epoch, 2U);
  beat();
  EXPECT_EQ(node_.media.take_sent().size(), 1U);
}

TEST_F(LegActor, StopsSendingToACallerWhoHoldsAndGoesOnAfterwards) {
  open(pcmu_offer);
  enter();
  auto held = std::string{pcmu_offer} + "a=sendonly\r\n";

  auto answer = ask(order::renegotiate{held});
  beat();
  auto while_held = node_.media.take_sent().size();
  ask(order::renegotiate{std::string{pcmu_offer}});
  beat();

  ASSERT_TRUE(answer);
  EXPECT_NE(answer->local.find("a=recvonly"), std::string::npos) << answer->local;
  EXPECT_EQ(while_held, 0U);
  EXPECT_EQ(node_.media.take_sent().size(), 1U);
}

TEST_F(LegActor, SendsToTheSourceThatWasLatched) {
  open(pcmu_offer);
  enter();
  audio::endpoint behind_nat{4, {127, 0, 0, 77}, 6000};

  hear_at(behind_nat, offer_known());
  beat();

  auto sent = node_.media.take_sent();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].to, behind_nat);
}

TEST_F(LegActor, SendsToTheAddressOfANewOfferWhateverWasHeardBeforeIt) {
  open(pcmu_offer);
  enter();
  const auto before = offer_known();
  hear_at({4, {127, 0, 0, 9}, 4000}, before);

  ask(order::renegotiate{pcmu_offer_at("127.0.0.8")});
  hear_at({4, {127, 0, 0, 9}, 4000}, before); // was on its way
  beat();
  const auto at_once = node_.media.take_sent();
  hear_at({4, {127, 0, 0, 7}, 6000}, offer_known());
  beat();

  ASSERT_EQ(at_once.size(), 1U);
  EXPECT_EQ(at_once[0].to, (audio::endpoint{4, {127, 0, 0, 8}, 4000}));
  EXPECT_EQ(node_.media.take_sent().at(0).to, (audio::endpoint{4, {127, 0, 0, 7}, 6000}));
}

TEST_F(LegActor, GoesOnSendingWhereTheCallerIsHeardWhenAnOfferChangesItsCodecAlone) {
  open(pcmu_offer);
  enter();
  const audio::endpoint behind_nat{4, {127, 0, 0, 77}, 6000};
  hear_at(behind_nat, offer_known());

  auto other_codec = std::string{pcmu_offer};
  other_codec.replace(other_codec.find("RTP/AVP 0"), 9, "RTP/AVP 8");
  ASSERT_TRUE(ask(order::renegotiate{other_codec}));
  beat();

  auto sent = node_.media.take_sent();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].to, behind_nat);
  EXPECT_EQ(sent[0].bytes[1] & 0x7F, 8);
}

TEST_F(LegActor, TakesAPortOfTheOtherIpVersionWhenTheCallersMediaMovesThere) {
  open(pcmu_offer);
  enter();
  node_.media.set_local({6, {0x20, 0x01, 0x0d, 0xb8}, 20000});

  auto moved = ask(order::renegotiate{pcmu_offer_at("2001:db8::9")});
  beat();

  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_NE(moved->local.find("c=IN IP6 2001:db8::\r\n"), std::string::npos) << moved->local;
  ASSERT_EQ(node_.media.opened(), 2U);
  EXPECT_FALSE(node_.media.session_at(0)->open);
  EXPECT_TRUE(node_.media.session_at(1)->open);
  EXPECT_EQ(node_.media.session_at(1)->settings.expected_source.family, 6);
  const auto sent = node_.media.take_sent();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(audio::to_string(sent[0].to), "[2001:db8::9]:4000");
}

TEST_F(LegActor, KeepsItsMediaWhenTheNodeHasNoAddressOfTheIpVersionWhereItShouldMove) {
  open(pcmu_offer);
  enter();

  auto refused = ask(order::renegotiate{pcmu_offer_at("2001:db8::9")});
  beat();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_acceptable);
  EXPECT_TRUE(node_.media.session_at(0)->open);
  EXPECT_EQ(node_.media.take_sent().at(0).to, (audio::endpoint{4, {127, 0, 0, 9}, 4000}));
}

TEST_F(LegActor, PassesDigitsToItsCall) {
  open(pcmu_offer);

  node_.media.session_at(0)->on_event(digit_pressed{'5', std::chrono::milliseconds{100}});
  world_.settle();

  EXPECT_EQ(log_->all<report::digit_pressed>(), std::vector{report::digit_pressed{'5'}});
}

TEST_F(LegActor, EndsWithItsCallAndGivesItsPortBack) {
  open(pcmu_offer);
  enter();

  caf::anon_send_exit(call_, caf::exit_reason::kill);
  world_.settle();

  EXPECT_FALSE(node_.media.session_at(0)->open);
  EXPECT_FALSE(daily_lives());
  EXPECT_EQ(node_.meters[gauge::participants], 0.0);
}

} // namespace
} // namespace plenary
