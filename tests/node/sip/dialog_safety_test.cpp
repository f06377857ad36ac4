#include "live_edge.hpp"

namespace plenary::sip_test {

namespace {

constexpr const char* challenge =
    "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"abc\", qop=\"auth\"\r\n";

/// A trunk of 127.0.0.1 with a password, another one of 127.0.0.3; 127.0.0.2 is nobody's.
class DialogSafety : public live_edge {
protected:
  void start_with_password(const std::string& realm = {}) {
    auto settings = usual_settings();
    settings.trunks[0].username = "trunk";
    settings.trunks[0].password = "pw";
    settings.trunks[0].realm = realm;
    sip_trunk other;
    other.name = "other";
    other.inbound_ips = {"127.0.0.3"};
    settings.trunks.push_back(other);
    start(settings);
  }

  /// The next thing that comes here, or nothing in a short time.
  static bool is_silent(line& wire) { return !wire.receive(std::chrono::milliseconds(300)); }

  void expect_no_answer_to_a_challenge_from(const char* address) {
    start_with_password();
    auto trunk = line::udp(port());
    auto somebody = line::udp(port(), address);
    caller phone(trunk);
    edge->send_offer(establish(phone), std::string(sdp_offer));
    const auto asked = phone.expect();
    caller forger(somebody);

    forger.respond(asked, 401, challenge);

    // The ACK of the 401, or the offer once more when nobody took the 401 for an answer.
    for (int i = 0; i < 2; ++i) {
      if (const auto next = trunk.receive(std::chrono::milliseconds(700))) {
        EXPECT_EQ(next->header("Authorization"), "") << next->text;
      }
    }
    EXPECT_TRUE(is_silent(somebody));
  }

  std::string address_of(const line& wire, const char* ip) const {
    return fmt::format("sip:alice@{}:{}", ip, wire.local_port());
  }
};

TEST_F(DialogSafety, NoRequestAndNoHashGoesToAForeignContact) {
  start_with_password();
  auto trunk = line::udp(port());
  auto stranger = line::udp(port(), "127.0.0.2");
  caller phone(trunk);
  phone.contact = address_of(stranger, "127.0.0.2");
  const auto id = establish(phone);

  edge->hang_up(id, {16, "normal_clearing"});

  const auto bye = phone.expect();
  EXPECT_TRUE(bye.text.starts_with("BYE sip:alice@127.0.0.1:")) << bye.text;
  EXPECT_TRUE(is_silent(stranger));
}

TEST_F(DialogSafety, NoRequestGoesToAContactOutsideInAnySpelling) {
  start_with_password();
  auto trunk = line::udp(port());
  auto stranger = line::udp(port(), "127.0.0.2");
  const auto there = stranger.local_port();
  for (const auto& contact :
       {fmt::format("sip:127.0.0.1:{};maddr=127.0.0.2", there),
        fmt::format("sip:a@127.0.0.2:{};transport=UDP", there), std::string("sip:a@127.0.0.1:0"),
        std::string("sip:a@127.0.0.1:99999"), std::string("sip:a@[::1]:5060"),
        std::string("sip:a@nowhere.invalid"), std::string("sip:a@127.0.0.1;transport=sctp"),
        std::string("sips:a@127.0.0.1"), std::string("sip:a@0.0.0.0")}) {
    caller phone(trunk);
    phone.contact = contact;
    const auto id = establish(phone);

    edge->hang_up(id, {16, "normal_clearing"});

    const auto bye = phone.expect();
    EXPECT_EQ(bye.method(), "BYE") << contact;
    phone.respond(bye, 200);
  }
  EXPECT_TRUE(is_silent(stranger));
}

TEST_F(DialogSafety, NoRequestGoesToAForeignRoute) {
  start_with_password();
  auto trunk = line::udp(port());
  auto stranger = line::udp(port(), "127.0.0.2");
  caller phone(trunk);
  const auto route = fmt::format("<sip:127.0.0.2:{};lr>", stranger.local_port());
  const auto id = establish(phone, "Record-Route: " + route + "\r\n");

  edge->hang_up(id, {16, "normal_clearing"});

  const auto bye = phone.expect();
  EXPECT_EQ(bye.method(), "BYE");
  EXPECT_EQ(bye.header("Route"), route);
  EXPECT_TRUE(is_silent(stranger));
}

TEST_F(DialogSafety, ALaterContactMovesNoRequestOutside) {
  start_with_password();
  auto trunk = line::udp(port());
  auto stranger = line::udp(port(), "127.0.0.2");
  caller phone(trunk);
  const auto id = establish(phone);
  phone.contact = address_of(stranger, "127.0.0.2");
  phone.send({"UPDATE", {}, {}, {}, 0, true});
  EXPECT_EQ(phone.expect().status(), 200);

  edge->hang_up(id, {16, "normal_clearing"});

  EXPECT_EQ(phone.expect().method(), "BYE");
  EXPECT_TRUE(is_silent(stranger));
}

TEST_F(DialogSafety, AnswersGoToTheSourceWhateverTheViaSays) {
  start_with_password();
  auto trunk = line::udp(port());
  auto stranger = line::udp(port(), "127.0.0.2");
  for (const auto& [sent_by, parameters] : {std::pair{trunk.local_port(), std::string(";maddr=127.0.0.2")},
                                            {stranger.local_port(), std::string(";rport;maddr=127.0.0.2")},
                                            {trunk.local_port(), std::string(";received=127.0.0.2")}}) {
    caller phone(trunk);
    auto text = phone.text_of({"INVITE", {}, std::string(sdp_offer), {}, 0, true});
    const auto usual = fmt::format("127.0.0.1:{};rport", trunk.local_port());
    text.replace(text.find(usual), usual.size(), fmt::format("127.0.0.1:{}{}", sent_by, parameters));
    trunk.send(text);
    const auto id = listener.next_invite().id;

    edge->accept(id, std::string(sdp_answer));

    EXPECT_EQ(phone.expect_final().status(), 200) << parameters;
    phone.send_ack();
    listener.next<call_confirmed>(id);
  }
  EXPECT_TRUE(is_silent(stranger));
}

TEST_F(DialogSafety, RouteSetsAreTakenUpToTheirLimit) {
  start_with_password();
  auto trunk = line::udp(port());
  for (const auto& [count, status] : {std::pair{16, 200}, {17, 400}, {100, 400}}) {
    caller phone(trunk);
    std::string routes;
    for (int i = 0; i < count; ++i)
      routes += fmt::format("Record-Route: <sip:127.0.0.1:{};lr;n={}>\r\n", trunk.local_port(), i);
    phone.send({"INVITE", routes, std::string(sdp_offer), {}, 0, true});
    if (status == 200)
      edge->accept(listener.next_invite().id, std::string(sdp_answer));
    EXPECT_EQ(phone.expect_final().status(), status) << count;
  }
}

TEST_F(DialogSafety, AChallengeIsAnsweredOnlyForTheRealmOfTheTrunk) {
  start_with_password("carrier.example");
  auto trunk = line::udp(port());
  caller phone(trunk);
  const auto id = establish(phone);
  edge->send_offer(id, std::string(sdp_offer));

  phone.respond(phone.expect(), 401, challenge);

  EXPECT_EQ(phone.expect().method(), "ACK");
  EXPECT_FALSE(listener.next<offer_answered>(id).answer);
  EXPECT_TRUE(is_silent(trunk));
  EXPECT_EQ(counters[counter::digest_challenges_refused], 1U);
}

TEST_F(DialogSafety, AChallengeOfAStrangerIsNotAnswered) {
  expect_no_answer_to_a_challenge_from("127.0.0.2");
}

TEST_F(DialogSafety, AChallengeOfAnotherTrunkIsNotAnswered) {
  expect_no_answer_to_a_challenge_from("127.0.0.3");
  EXPECT_EQ(counters[counter::digest_challenges_refused], 1U);
}

TEST_F(DialogSafety, TheBetterHashIsChosenAndAStaleNonceIsReplacedOnce) {
  start_with_password("carrier");
  auto trunk = line::udp(port());
  caller phone(trunk);
  const auto id = establish(phone);
  edge->hang_up(id, {16, "normal_clearing"});
  phone.respond(
      phone.expect(), 401,
      std::string(challenge) +
          "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"sha\", algorithm=SHA-256, qop=\"auth\"\r\n");

  const auto first = phone.expect();
  phone.respond(first, 401,
                "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"new\", algorithm=SHA-256, qop=\"auth\", "
                "stale=true\r\n");
  const auto second = phone.expect();
  phone.respond(
      second, 401,
      "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"newer\", algorithm=SHA-256, stale=true\r\n");

  EXPECT_NE(first.header("Authorization").find("nonce=\"sha\""), std::string::npos) << first.text;
  EXPECT_NE(first.header("Authorization").find("algorithm=SHA-256"), std::string::npos);
  EXPECT_NE(second.header("Authorization").find("nonce=\"new\""), std::string::npos) << second.text;
  EXPECT_GT(second.cseq(), first.cseq());
  EXPECT_TRUE(is_silent(trunk));
}

TEST_F(DialogSafety, ASpentPasswordIsNotTriedOnAndOn) {
  start_with_password();
  auto trunk = line::udp(port());
  caller phone(trunk);
  const auto id = establish(phone);
  edge->hang_up(id, {16, "normal_clearing"});
  phone.respond(phone.expect(), 407,
                "Proxy-Authenticate: Digest realm=\"carrier\", nonce=\"1\", qop=\"auth\"\r\n");
  const auto again = phone.expect();
  phone.respond(again, 407, "Proxy-Authenticate: Digest realm=\"carrier\", nonce=\"2\", qop=\"auth\"\r\n");

  EXPECT_NE(again.header("Proxy-Authorization").find("nonce=\"1\""), std::string::npos);
  EXPECT_TRUE(is_silent(trunk));
}

TEST_F(DialogSafety, WhoeverKnowsTheTagsStillEndsNoCallFromOutside) {
  start_with_password();
  auto trunk = line::udp(port());
  auto stranger = line::udp(port(), "127.0.0.2");
  auto other_trunk = line::udp(port(), "127.0.0.3");
  caller phone(trunk);
  const auto id = establish(phone);

  std::uint64_t refused = 0;
  for (const char* method : {"BYE", "UPDATE", "INVITE", "ACK", "OPTIONS"}) {
    auto text = phone.text_of({method, {}, {}, {}, 0, true});
    stranger.send(text);
    other_trunk.send(text);
    if (std::string_view(method) != "ACK") {
      const auto answer = other_trunk.receive();
      ASSERT_TRUE(answer) << method;
      EXPECT_EQ(answer->status(), 403) << method;
    }
    EXPECT_TRUE(
        stranger.receive(std::chrono::milliseconds(50)).value_or(message{"SIP/2.0 403 \r\n"}).status() >=
        400);
    refused += 1;
  }
  EXPECT_TRUE(listener.quiet());
  EXPECT_GE(counters[counter::dialog_requests_refused_source], refused);

  phone.send({"BYE", {}, {}, {}, 0, false});
  EXPECT_EQ(phone.expect_final().status(), 200);
  EXPECT_TRUE(listener.next<dialog_ended>(id).by_caller);
}

TEST_F(DialogSafety, CancelOfAnotherTrunkChangesNothing) {
  start_with_password();
  auto trunk = line::udp(port());
  auto other_trunk = line::udp(port(), "127.0.0.3");
  caller phone(trunk);
  phone.dial();
  const auto id = listener.next_invite().id;

  other_trunk.send(phone.text_of({"CANCEL", {}, {}, {}, 0, false}));
  phone.send({"OPTIONS", {}, {}, {}, 0, false}); // after the CANCEL
  EXPECT_EQ(phone.expect().method(), "OPTIONS");
  edge->accept(id, std::string(sdp_answer));

  EXPECT_EQ(phone.expect_final().status(), 200);
  EXPECT_GE(counters[counter::dialog_requests_refused_source], 1U);
}

TEST_F(DialogSafety, ARequestFromAnotherAddressOfTheTrunkIsTaken) {
  auto settings = usual_settings();
  settings.trunks[0].inbound_ips = {"127.0.0.0/30"};
  start(settings);
  auto here = line::udp(port());
  auto there = line::udp(port(), "127.0.0.2");
  caller phone(here);
  const auto id = establish(phone);

  there.send(phone.text_of({"BYE", {}, {}, {}, 0, false}));

  EXPECT_EQ(there.receive().value().status(), 200);
  listener.next<dialog_ended>(id);
}

TEST_F(DialogSafety, TheContactCountsWhenTheConnectionIsGone) {
  start_with_password();
  auto elsewhere = line::udp(port());
  auto wire = std::make_unique<line>(line::tcp(port(1)));
  caller phone(*wire);
  phone.contact = address_of(elsewhere, "127.0.0.1");
  const auto id = establish(phone);
  wire.reset();

  edge->send_offer(id, std::string(sdp_offer));
  const auto offer = elsewhere.receive();
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->method(), "INVITE");
  caller there(elsewhere);
  there.respond(*offer, 488);
  EXPECT_FALSE(listener.next<offer_answered>(id).answer);
  EXPECT_TRUE(elsewhere.receive()->text.starts_with("ACK "));
  edge->hang_up(id, {16, "normal_clearing"});

  EXPECT_EQ(elsewhere.receive().value_or(message{"SIP/2.0 000 Nothing\r\n\r\n"}).method(), "BYE");
}

TEST_F(DialogSafety, AConnectionThatIsGoneOpensNoWayToAStranger) {
  start_with_password();
  auto stranger = line::udp(port(), "127.0.0.2");
  auto wire = std::make_unique<line>(line::tcp(port(1)));
  caller phone(*wire);
  phone.contact = address_of(stranger, "127.0.0.2");
  const auto id = establish(phone);
  wire.reset();

  edge->hang_up(id, {16, "normal_clearing"});

  EXPECT_TRUE(is_silent(stranger));
}

TEST_F(DialogSafety, AnAnswerOfAnotherDialogIsNoAnswer) {
  start_with_password();
  auto trunk = line::udp(port());
  caller phone(trunk);
  const auto id = establish(phone);
  edge->send_offer(id, std::string(sdp_offer));
  auto asked = phone.expect();
  const auto tag = asked.text.find(";tag=", asked.text.find("\r\nTo: "));
  asked.text.insert(tag + 5, "forked-");

  phone.respond(asked, 200, {}, sdp_answer);

  EXPECT_FALSE(listener.next<offer_answered>(id).answer);
}

} // namespace

} // namespace plenary::sip_test
