#include "live_edge.hpp"

namespace plenary::sip_test {

namespace {

class ToldCalls : public live_edge {};

TEST_F(ToldCalls, OfOneCallIdAreDifferentWhenTagOrNumberDiffers) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  const auto first = establish(phone);
  phone.send({"BYE", {}, {}, {}, 0, false});
  EXPECT_EQ(phone.expect_final().status(), 200);
  listener.next<dialog_ended>(first);

  phone.remote_tag.clear();
  const auto second = establish(phone); // the next CSeq
  caller other(wire);
  other.call_id = phone.call_id;
  const auto third = establish(other); // another From tag, beside the second
  phone.remote_tag.clear();
  const auto fourth = establish(phone); // the next CSeq, while the second goes on

  EXPECT_EQ(edge->active_calls(), 3U);
  phone.send({"BYE", {}, {}, {}, 0, false});
  EXPECT_EQ(phone.expect_final().status(), 200);
  listener.next<dialog_ended>(fourth);
  for (const auto& id : {second, third}) {
    edge->hang_up(id, {16, "normal_clearing"});
    EXPECT_EQ(phone.expect().method(), "BYE");
  }
  phone.remote_tag.clear();
  phone.send({"OPTIONS", {}, {}, {}, 0, false}); // answered when the hang-ups are done
  EXPECT_EQ(phone.expect().method(), "OPTIONS");
  EXPECT_EQ(edge->active_calls(), 0U);
}

TEST_F(ToldCalls, TellWhoCallsAndWhatTheInviteSaysOfIt) {
  auto settings = usual_settings();
  settings.trunks[0].trusted = true;
  settings.dids["+15551230002"].headers = {"X-Desk", "X-Long", "X-Absent"};
  start(settings);
  auto wire = line::udp(port());
  caller phone(wire);
  const auto dial = [&](const std::string& from, const std::string& headers) {
    phone = caller(wire);
    auto text = phone.text_of({"INVITE", headers, std::string(sdp_offer), {}, 0, true});
    const std::string usual = "<sip:+4930123456@carrier.example>";
    text.replace(text.find(usual), usual.size(), from);
    wire.send(text);
    EXPECT_EQ(phone.expect().status(), 100);
    return listener.next_invite();
  };

  const auto bare = dial("<tel:+1-555-000-0001>", "X-Other: 1\r\n");
  EXPECT_EQ(bare.from, "+15550000001");
  EXPECT_EQ(bare.sip_call_id, phone.call_id);
  EXPECT_EQ(bare.caller, caller_details{});

  const auto full =
      dial("\"Anonymous\" <sip:anonymous@anonymous.invalid>",
           "P-Asserted-Identity: \"A, B\" <sip:desk@x>, <tel:+15550000002>\r\nPrivacy: ID;critical\r\n"
           "Diversion: <sip:+15550000003@x>;reason=user-busy;counter=1\r\n"
           "Diversion: <sip:+15550000004@x>;reason=unknown\r\n"
           "x-desk: 7\r\nX-DESK: r\xC3\xA9union\r\nX-Long: " +
               std::string(300, 'l') + "\r\n");
  EXPECT_EQ(full.from, "anonymous");
  EXPECT_EQ(full.caller.asserted_identity, "+15550000002");
  EXPECT_EQ(full.caller.privacy, "id;critical");
  EXPECT_EQ(full.caller.diverted_from, "+15550000003");
  EXPECT_EQ(full.caller.diversion_reason, "user-busy");
  EXPECT_EQ(full.caller.headers, (std::map<std::string, std::string>{{"X-Desk", "7, r\xC3\xA9union"},
                                                                     {"X-Long", std::string(256, 'l')}}));
}

TEST_F(ToldCalls, BelieveNoIdentityOfATrunkThatIsNotTrusted) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);

  phone.dial("P-Asserted-Identity: <tel:+15550000002>\r\nPrivacy: id\r\n");
  const auto invite = listener.next_invite();

  EXPECT_EQ(invite.caller.asserted_identity, "");
  EXPECT_EQ(invite.caller.privacy, "id");
}

TEST_F(ToldCalls, AreRefusedWithAWarningOfWhatDidNotFit) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.dial();
  const auto id = listener.next_invite().id;

  edge->reject(id, {488, "Not Acceptable Here", std::nullopt, "SDP offers no codec of ours"});

  const auto refused = phone.expect_final();
  EXPECT_EQ(refused.status(), 488);
  EXPECT_EQ(refused.header("Warning"),
            fmt::format("305 127.0.0.1:{} \"SDP offers no codec of ours\"", port()));
}

} // namespace

} // namespace plenary::sip_test
