#include "live_edge.hpp"

namespace plenary::sip_test {

namespace {

const std::string hold = std::string(sdp_offer) + "a=sendonly\r\n";
const std::string held = std::string(sdp_answer) + "a=recvonly\r\n";

class Offers : public live_edge {};

TEST_F(Offers, ReInviteIsToldAndAnsweredLater) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);

  phone.send({"INVITE", {}, hold, {}, 0, true});
  const auto offer = listener.next<offer_received>(id);
  edge->answer_offer(id, held);
  const auto ok = phone.expect_final();
  phone.send_ack();
  phone.send({"OPTIONS", {}, {}, {}, 0, false});

  EXPECT_EQ(offer.offer, hold);
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.body(), held);
  EXPECT_EQ(phone.expect().method(), "OPTIONS");
  EXPECT_TRUE(listener.quiet());
}

TEST_F(Offers, ReInviteWithoutOfferGetsOursAndTellsTheAnswer) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);

  phone.send({"INVITE", {}, {}, {}, 0, true});
  const auto asked = listener.next<offer_received>(id);
  edge->answer_offer(id, held);
  EXPECT_EQ(phone.expect_final().body(), held);
  phone.send_ack(hold);
  const auto answered = listener.next<offer_answered>(id);

  EXPECT_FALSE(asked.offer);
  ASSERT_TRUE(answered.answer);
  EXPECT_EQ(*answered.answer, hold);
}

TEST_F(Offers, UpdateIsToldAndAnsweredLater) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);

  phone.send({"UPDATE", {}, hold, {}, 0, true});
  EXPECT_EQ(listener.next<offer_received>(id).offer, hold);
  edge->answer_offer(id, held);
  const auto ok = phone.expect();

  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.method(), "UPDATE");
  EXPECT_EQ(ok.body(), held);
}

TEST_F(Offers, UpdateWithoutSdpIsAnsweredAtOnce) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  establish(phone);

  phone.send({"UPDATE", "Supported: timer\r\nSession-Expires: 600;refresher=uac\r\n", {}, {}, 0, true});

  const auto ok = phone.expect();
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.header("Session-Expires"), "600;refresher=uac");
  EXPECT_EQ(ok.header("Require"), "timer");
  EXPECT_TRUE(listener.quiet());
}

TEST_F(Offers, UpdateWithoutContactIsTakenAndTheSpellingOfItsTimerDoesNotMatter) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  establish(phone);

  phone.send({"UPDATE", "Supported: Timer\r\nSession-Expires: 600;Refresher=UAS\r\n", {}, {}, 0, false});

  const auto ok = phone.expect();
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.header("Session-Expires"), "600;refresher=uas");
}

TEST_F(Offers, UpdateBeforeTheAnswerGets500AndLeavesTheCallAlone) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.dial();
  const auto id = listener.next_invite().id;
  edge->ring(id);
  const auto ringing = phone.expect();
  const auto to = ringing.header("To");
  phone.remote_tag = to.substr(to.find("tag=") + 4);

  phone.send({"UPDATE", {}, std::string(held), {}, 0, true});

  const auto refused = phone.expect();
  EXPECT_EQ(refused.status(), 500);
  EXPECT_NE(refused.header("Retry-After"), "");
  edge->accept(id, std::string(sdp_answer));
  EXPECT_EQ(phone.expect_final().method(), "INVITE");
}

TEST_F(Offers, AckWithADescriptionThatNobodyAskedForIsJustAnAck) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.dial();
  const auto id = listener.next_invite().id;
  edge->accept(id, std::string(sdp_answer));
  EXPECT_EQ(phone.expect_final().status(), 200);

  phone.send_ack(sdp_offer);

  EXPECT_FALSE(listener.next<call_confirmed>(id).answer);
  phone.send({"BYE", {}, std::string(sdp_offer), {}, 0, false}); // a body in a BYE means nothing
  EXPECT_EQ(phone.expect_final().status(), 200);
  listener.next<dialog_ended>(id);
}

TEST_F(Offers, CseqMayJumpToItsEndButNotBack) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);

  phone.send({"UPDATE", {}, {}, {}, 0x7fffffff, true});
  EXPECT_EQ(phone.expect().status(), 200);
  phone.send({"UPDATE", {}, {}, {}, 1, true});
  EXPECT_EQ(phone.expect().status(), 500);

  edge->hang_up(id, {16, "normal_clearing"});
  EXPECT_EQ(phone.expect().method(), "BYE");
}

TEST_F(Offers, RefusedOfferLeavesTheCallAlive) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);

  phone.send({"INVITE", {}, hold, {}, 0, true});
  listener.next<offer_received>(id);
  edge->refuse_offer(id, {488, {}, std::nullopt});
  const auto refused = phone.expect_final();
  phone.send({"ACK", {}, {}, phone.branch, 0, false});
  phone.send({"BYE", {}, {}, {}, 0, false});

  EXPECT_EQ(refused.status(), 488);
  EXPECT_EQ(phone.expect_final().status(), 200);
  listener.next<dialog_ended>(id);
}

TEST_F(Offers, SecondOfferOverAnOpenOneGets500WithRetryAfter) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);
  phone.send({"INVITE", {}, hold, {}, 0, true});
  listener.next<offer_received>(id);
  EXPECT_EQ(phone.expect().status(), 100);

  phone.send({"UPDATE", {}, hold, {}, 0, true});

  const auto refused = phone.expect();
  EXPECT_EQ(refused.status(), 500);
  EXPECT_FALSE(refused.header("Retry-After").empty());
}

class OwnOffers : public live_edge, public ::testing::WithParamInterface<const char*> {
protected:
  line connect() { return std::string_view(GetParam()) == "UDP" ? line::udp(port(0)) : line::tcp(port(1)); }
};

TEST_P(OwnOffers, AreSentAcknowledgedAndTold) {
  start();
  auto wire = connect();
  caller phone(wire);
  const auto id = establish(phone);

  edge->send_offer(id, held);
  const auto invite = phone.expect();
  phone.respond(invite, 100);
  phone.respond(invite, 200, {}, hold);
  const auto ack = phone.expect();
  const auto answered = listener.next<offer_answered>(id);
  edge->hang_up(id, {16, "normal_clearing"});
  const auto bye = phone.expect();

  EXPECT_TRUE(invite.text.starts_with("INVITE "));
  EXPECT_EQ(invite.body(), held);
  EXPECT_TRUE(ack.text.starts_with("ACK "));
  EXPECT_EQ(ack.cseq(), invite.cseq());
  ASSERT_TRUE(answered.answer);
  EXPECT_EQ(*answered.answer, hold);
  EXPECT_TRUE(bye.text.starts_with("BYE "));
  EXPECT_GT(bye.cseq(), invite.cseq());
}

INSTANTIATE_TEST_SUITE_P(Transports, OwnOffers, ::testing::Values("UDP", "TCP"));

TEST_F(Offers, OwnOfferIsAcknowledgedAgainWhenItsAnswerIsRepeated) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);
  edge->send_offer(id, held);
  const auto invite = phone.expect();

  phone.respond(invite, 200, {}, hold);
  const auto first = phone.expect();
  phone.respond(invite, 200, {}, hold);
  const auto second = phone.expect();

  EXPECT_TRUE(first.text.starts_with("ACK "));
  EXPECT_EQ(first.text, second.text);
}

TEST_F(Offers, OwnOfferIsTriedAgainAfter491) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);
  edge->send_offer(id, held);
  const auto first = phone.expect();

  phone.respond(first, 491);
  EXPECT_TRUE(phone.expect().text.starts_with("ACK "));
  const auto second = phone.expect();
  phone.respond(second, 200, {}, hold);

  EXPECT_TRUE(second.text.starts_with("INVITE "));
  EXPECT_GT(second.cseq(), first.cseq());
  EXPECT_TRUE(listener.next<offer_answered>(id).answer);
}

TEST_F(Offers, OwnOfferRaisesItsIntervalAfter422) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);
  edge->send_offer(id, held);
  const auto first = phone.expect();

  phone.respond(first, 422, "Min-SE: 3600\r\n");
  EXPECT_TRUE(phone.expect().text.starts_with("ACK "));
  const auto second = phone.expect();

  EXPECT_EQ(second.header("Session-Expires"), "3600;refresher=uac");
  EXPECT_EQ(second.header("Min-SE"), "3600");
}

TEST_F(Offers, OwnOfferThatIsRefusedIsTold) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);
  edge->send_offer(id, held);

  phone.respond(phone.expect(), 488);

  const auto answered = listener.next<offer_answered>(id);
  ASSERT_FALSE(answered.answer);
  EXPECT_EQ(answered.answer.error().code, errc::not_acceptable);
  EXPECT_EQ(edge->active_calls(), 1U);
}

TEST_F(Offers, OffersThatMeetAreRefusedWith491) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);
  edge->send_offer(id, held);
  const auto invite = phone.expect();

  phone.send({"INVITE", {}, hold, {}, 0, true});
  const auto refused = phone.expect();
  phone.respond(invite, 200, {}, hold);

  EXPECT_EQ(refused.status(), 491);
  EXPECT_TRUE(listener.next<offer_answered>(id).answer);
}

TEST_F(Offers, OwnOfferWaitsForTheOpenOneOfTheCaller) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);
  phone.send({"INVITE", {}, hold, {}, 0, true});
  listener.next<offer_received>(id);

  edge->send_offer(id, held);
  edge->answer_offer(id, held);
  EXPECT_EQ(phone.expect_final().status(), 200);
  phone.send_ack();

  EXPECT_TRUE(phone.expect().text.starts_with("INVITE "));
}

TEST_F(Offers, DialogThatTheCallerLostIsEnded) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);
  edge->send_offer(id, held);

  phone.respond(phone.expect(), 481);

  EXPECT_FALSE(listener.next<offer_answered>(id).answer);
  EXPECT_EQ(listener.next<dialog_ended>(id).cause.q850, 41);
}

TEST_F(Offers, ChallengedOfferIsSentAgainWithTheTrunksCredentials) {
  auto settings = usual_settings();
  settings.trunks[0].username = "trunk";
  settings.trunks[0].password = "pw";
  start(settings);
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);
  edge->send_offer(id, held);

  phone.respond(phone.expect(), 401,
                "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"abc\", qop=\"auth\"\r\n");
  EXPECT_TRUE(phone.expect().text.starts_with("ACK "));
  const auto again = phone.expect();

  EXPECT_NE(again.header("Authorization").find("username=\"trunk\""), std::string::npos) << again.text;
  EXPECT_EQ(again.text.find("pw\""), std::string::npos);
}

TEST_F(Offers, SilentRefresherIsHungUpBeforeTheIntervalEnds) {
  auto settings = usual_settings();
  settings.min_session_expires = std::chrono::seconds(1);
  start(settings);
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone, "Supported: timer\r\nSession-Expires: 1;refresher=uac\r\n");

  const auto bye = phone.expect();

  EXPECT_TRUE(bye.text.starts_with("BYE "));
  EXPECT_EQ(listener.next<dialog_ended>(id).cause.name, "session_expired");
}

TEST_F(Offers, OwnRefreshIsAnUpdateAtHalfOfTheInterval) {
  auto settings = usual_settings();
  settings.min_session_expires = std::chrono::seconds(1);
  start(settings);
  auto wire = line::udp(port());
  caller phone(wire);
  establish(phone, "Supported: timer\r\nAllow: INVITE, UPDATE\r\nSession-Expires: 1;refresher=uas\r\n");

  const auto first = phone.expect();
  phone.respond(first, 200, "Session-Expires: 1;refresher=uac\r\n");
  const auto second = phone.expect();

  EXPECT_TRUE(first.text.starts_with("UPDATE ")) << first.text;
  EXPECT_TRUE(first.body().empty());
  EXPECT_EQ(first.header("Session-Expires"), "1;refresher=uac");
  EXPECT_TRUE(second.text.starts_with("UPDATE "));
  EXPECT_TRUE(listener.quiet());
}

TEST_F(Offers, OwnRefreshIsAReInviteWithSdpForACallerWithoutUpdate) {
  auto settings = usual_settings();
  settings.min_session_expires = std::chrono::seconds(1);
  settings.session_expires = std::chrono::seconds(1);
  start(settings);
  auto wire = line::udp(port());
  caller phone(wire);
  const auto id = establish(phone);

  const auto refresh = phone.expect();
  phone.respond(refresh, 200, {}, sdp_offer);

  EXPECT_TRUE(refresh.text.starts_with("INVITE "));
  EXPECT_EQ(refresh.body(), sdp_answer);
  EXPECT_TRUE(phone.expect().text.starts_with("ACK "));
  EXPECT_TRUE(listener.quiet());
  edge->hang_up(id, {16, "normal_clearing"});
}

} // namespace

} // namespace plenary::sip_test
