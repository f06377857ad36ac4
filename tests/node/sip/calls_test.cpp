#include "live_edge.hpp"

namespace plenary::sip_test {

namespace {

class Calls : public live_edge {};

TEST_F(Calls, AreOfferedAnsweredConfirmedAndEndedByTheCaller) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);

  phone.dial();
  const auto invite = listener.next_invite();
  edge->ring(invite.id);
  const auto ringing = phone.expect();
  edge->accept(invite.id, std::string(sdp_answer));
  const auto ok = phone.expect_final();
  phone.send_ack();
  const auto confirmed = listener.next<call_confirmed>(invite.id);
  phone.send({"BYE", "Reason: Q.850;cause=17;text=\"busy\"\r\n", {}, {}, 0, false});
  const auto bye_ok = phone.expect_final();
  const auto ended = listener.next<dialog_ended>(invite.id);

  EXPECT_EQ(invite.from, "+4930123456");
  EXPECT_EQ(invite.to, "+15551230002");
  EXPECT_EQ(invite.customer.value, "cust_demo");
  EXPECT_EQ(invite.application.value, "app_demo");
  EXPECT_EQ(invite.trunk, "carrier");
  EXPECT_EQ(invite.srtp, srtp_policy::required);
  EXPECT_EQ(invite.offer, std::string(sdp_offer));
  EXPECT_EQ(node_of(invite.id), node_name{"node-a"});
  EXPECT_EQ(ringing.status(), 180);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.body(), sdp_answer);
  EXPECT_NE(ok.header("Contact").find(std::to_string(port())), std::string::npos);
  EXPECT_FALSE(confirmed.answer);
  EXPECT_EQ(bye_ok.status(), 200);
  EXPECT_EQ(ended.cause, (hangup_cause{17, "user_busy"}));
  EXPECT_EQ(edge->active_calls(), 0U);
  EXPECT_EQ(counters[counter::sip_retransmissions], 0U);
}

TEST_F(Calls, AreToldTheAdvertisedHostInOurContact) {
  const std::vector<std::pair<std::string, std::string>> cases{{"sip.example.com", "sip.example.com"},
                                                               {"203.0.113.7", "203.0.113.7"},
                                                               {"2001:db8::7", "[2001:db8::7]"}};
  for (const auto& [advertised, named] : cases) {
    auto settings = usual_settings();
    settings.advertise = advertised;
    start(settings);
    auto wire = line::udp(port());
    caller phone(wire);

    phone.dial();
    const auto invite = listener.next_invite();
    edge->accept(invite.id, std::string(sdp_answer));
    const auto ok = phone.expect_final();
    phone.send_ack();
    listener.next<call_confirmed>(invite.id);

    EXPECT_NE(ok.header("Contact").find(fmt::format("@{}:{}", named, port())), std::string::npos)
        << ok.header("Contact");
  }
}

TEST_F(Calls, EndWithNormalClearingWhenTheByeGivesNoReason) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);

  phone.send({"BYE", {}, {}, {}, 0, false});

  EXPECT_EQ(phone.expect_final().status(), 200);
  EXPECT_EQ(listener.next<dialog_ended>(id).cause, (hangup_cause{16, "normal_clearing"}));
}

TEST_F(Calls, AreCancelledWhileTheFlowIsBeingFetched) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.dial();
  const auto id = listener.next_invite().id;

  phone.send({"CANCEL", {}, {}, {}, 0, false});
  const auto first = phone.expect();
  const auto second = phone.expect();

  EXPECT_EQ(first.status(), 200);
  EXPECT_EQ(first.method(), "CANCEL");
  EXPECT_EQ(second.status(), 487);
  EXPECT_EQ(second.method(), "INVITE");
  listener.next<invite_cancelled>(id);
  edge->accept(id, std::string(sdp_answer)); // comes too late and does nothing
  phone.send({"ACK", {}, {}, phone.branch, 0, false});
  phone.send({"OPTIONS", {}, {}, {}, 0, false});
  EXPECT_EQ(phone.expect().method(), "OPTIONS");
}

TEST_F(Calls, WithoutAnOfferGetOursAndConfirmWithTheAnswer) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.send({"INVITE", {}, {}, {}, 0, true});
  const auto invite = listener.next_invite();

  edge->accept(invite.id, std::string(sdp_offer));
  const auto ok = phone.expect_final();
  phone.send_ack(sdp_answer);

  EXPECT_FALSE(invite.offer);
  EXPECT_EQ(ok.body(), sdp_offer);
  EXPECT_EQ(listener.next<call_confirmed>(invite.id).answer, std::string(sdp_answer));
}

TEST_F(Calls, AbsorbARepeatedInvite) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto invite = phone.text_of({"INVITE", {}, std::string(sdp_offer), {}, 0, true});

  wire.send(invite);
  const auto first = phone.expect();
  wire.send(invite);
  const auto second = phone.expect();

  EXPECT_EQ(first.status(), 100);
  EXPECT_EQ(second.status(), 100);
  listener.next_invite();
  EXPECT_TRUE(listener.quiet());
  EXPECT_EQ(edge->active_calls(), 1U);
}

TEST_F(Calls, RefuseTheSameInviteOverAnotherWay) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.dial();

  phone.send({"INVITE", {}, std::string(sdp_offer), {}, 1, true});

  EXPECT_EQ(phone.expect().status(), 482);
}

TEST_F(Calls, RepeatTheirAnswerUntilItIsAcknowledged) {
  auto settings = usual_settings();
  settings.t1 = std::chrono::milliseconds(20);
  start(settings);
  auto wire = line::udp(port());
  caller phone(wire);
  phone.dial();
  const auto id = listener.next_invite().id;

  edge->accept(id, std::string(sdp_answer));
  const auto first = phone.expect_final();
  const auto second = phone.expect();
  const auto third = phone.expect();
  phone.send_ack();

  EXPECT_EQ(first.text, second.text);
  EXPECT_EQ(first.text, third.text);
  listener.next<call_confirmed>(id);
  EXPECT_GE(counters[counter::sip_retransmissions], 2U);
}

TEST_F(Calls, EndWithByeWhenTheAnswerIsNeverAcknowledged) {
  auto settings = usual_settings();
  settings.t1 = std::chrono::milliseconds(5);
  start(settings);
  auto wire = line::udp(port());
  caller phone(wire);
  phone.dial();
  const auto id = listener.next_invite().id;

  edge->accept(id, std::string(sdp_answer));
  auto received = phone.expect_final();
  while (received.is_response() && received.status() != 0)
    received = phone.expect();

  EXPECT_TRUE(received.text.starts_with("BYE ")) << received.text;
  EXPECT_EQ(listener.next<dialog_ended>(id).cause.name, "no_ack");
  EXPECT_EQ(edge->active_calls(), 0U);
}

TEST_F(Calls, AreHungUpByTheServerWithItsReason) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);

  edge->hang_up(id, {16, "normal_clearing"});
  const auto bye = phone.expect();
  phone.respond(bye, 200);

  EXPECT_TRUE(bye.text.starts_with("BYE sip:alice@127.0.0.1:" + std::to_string(wire.local_port())));
  EXPECT_EQ(bye.header("Reason"), "Q.850;cause=16;text=\"normal_clearing\"");
  edge->stop();
  EXPECT_TRUE(listener.quiet());
}

TEST_F(Calls, AreHungUpOnlyAfterTheAck) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.dial();
  const auto id = listener.next_invite().id;
  edge->accept(id, std::string(sdp_answer));
  EXPECT_EQ(phone.expect_final().status(), 200);

  edge->hang_up(id, {31, "media_timeout"});
  const auto silence = wire.receive(std::chrono::milliseconds(100));
  phone.send_ack();
  const auto bye = phone.expect();

  EXPECT_FALSE(silence);
  EXPECT_EQ(bye.header("Reason"), "Q.850;cause=31;text=\"media_timeout\"");
}

TEST_F(Calls, AreRefusedByCauseBeforeTheyAreAnswered) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.dial();

  edge->hang_up(listener.next_invite().id, {21, "call_rejected"});

  const auto refused = phone.expect_final();
  EXPECT_EQ(refused.status(), 603);
  EXPECT_EQ(refused.header("Reason"), "Q.850;cause=21;text=\"call_rejected\"");
}

TEST_F(Calls, AreRejectedWithStatusPhraseAndRetryAfter) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.dial();

  edge->reject(listener.next_invite().id, {488, "No\r\nCommon Codec", std::chrono::seconds(7)});

  const auto refused = phone.expect_final();
  EXPECT_TRUE(refused.text.starts_with("SIP/2.0 488 NoCommon Codec\r\n"));
  EXPECT_EQ(refused.header("Retry-After"), "7");
  EXPECT_EQ(counters[counter::invites_refused_not_acceptable], 1U);
}

TEST_F(Calls, AreEndedWhenTheEdgeStops) {
  start();
  auto wire = line::udp(port());
  caller answered(wire);
  establish(answered);
  caller waiting(wire);
  waiting.dial();

  edge->stop();
  const auto one = answered.expect();
  const auto other = answered.expect();

  const bool bye_first = one.text.starts_with("BYE ");
  EXPECT_TRUE((bye_first ? one : other).text.starts_with("BYE "));
  EXPECT_EQ((bye_first ? other : one).status(), 503);
}

TEST_F(Calls, OverTcpComeInFragmentsAndSeveralInOneSegment) {
  start();
  auto wire = line::tcp(port(1));
  caller first(wire);
  caller second(wire);
  const auto one = first.text_of({"INVITE", {}, std::string(sdp_offer), {}, 0, true});
  const auto two = second.text_of({"INVITE", {}, std::string(sdp_offer), {}, 0, true});

  wire.send(one.substr(0, 100));
  wire.send(one.substr(100) + two);

  EXPECT_EQ(first.expect().status(), 100);
  EXPECT_EQ(first.expect().status(), 100);
  listener.next_invite();
  listener.next_invite();
}

TEST_F(Calls, OverTcpAreEndedOnTheirOwnConnection) {
  start();
  auto wire = line::tcp(port(1));
  caller phone(wire);
  phone.contact = "sip:alice@192.0.2.1:5060"; // cannot be reached
  const auto id = establish(phone);

  edge->hang_up(id, {16, "normal_clearing"});
  const auto bye = phone.expect();

  EXPECT_TRUE(bye.text.starts_with("BYE sip:alice@127.0.0.1:")) << bye.text;
}

TEST_F(Calls, BehindANatAreReachedWhereTheyCameFrom) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.contact = "sip:alice@192.0.2.1:5060";
  auto invite = phone.text_of({"INVITE", {}, std::string(sdp_offer), {}, 0, true});
  const auto sent_by = "UDP 127.0.0.1:" + std::to_string(wire.local_port());
  invite.replace(invite.find(sent_by), sent_by.size(), "UDP 192.0.2.1:5060");
  wire.send(invite);
  const auto id = listener.next_invite().id;
  edge->accept(id, std::string(sdp_answer));
  EXPECT_EQ(phone.expect_final().status(), 200);
  phone.send_ack();
  listener.next<call_confirmed>(id);

  edge->hang_up(id, {16, "normal_clearing"});

  EXPECT_TRUE(phone.expect().text.starts_with("BYE sip:alice@127.0.0.1:"));
}

TEST_F(Calls, FollowTheRecordedRoute) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.contact = "sip:alice@192.0.2.1:5060";
  const auto route = "<sip:127.0.0.1:" + std::to_string(wire.local_port()) + ";lr>";
  const auto id = establish(phone, "Record-Route: " + route + "\r\n");

  edge->hang_up(id, {16, "normal_clearing"});
  const auto bye = phone.expect();

  EXPECT_TRUE(bye.text.starts_with("BYE sip:alice@192.0.2.1:5060 ")) << bye.text;
  EXPECT_EQ(bye.header("Route"), route);
}

} // namespace

} // namespace plenary::sip_test
