#include "tests/integration/live_node.hpp"
#include "tests/support/baresip_phone.hpp"

#include <signal.h>

namespace plenary::test::signalling_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Signalling : public LiveNode {
protected:
  /// The final status of an INVITE with these options.
  static int status_of(const rtp_caller_options& options) {
    rtp_caller phone(options);
    phone.invite();
    const auto answer = phone.wait_for_answer();
    return answer ? answer->status() : 0;
  }
};

/// INVITE, ACK, re-INVITE with sendonly whose answer must be recvonly, back to sendrecv, BYE.
constexpr const char* hold_scenario = R"(<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="hold">
  <send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:+15550000001@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
a=sendrecv
]]></send>
  <recv response="100" optional="true"></recv>
  <recv response="180" optional="true"></recv>
  <recv response="183" optional="true"></recv>
  <recv response="200" rrs="true"></recv>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:+15550000001@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

]]></send>
  <send retrans="500"><![CDATA[
INVITE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:+15550000001@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 INVITE
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=sipp 1 2 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
a=sendonly
]]></send>
  <recv response="100" optional="true"></recv>
  <recv response="200" rrs="true">
    <action><ereg regexp="a=recvonly" search_in="body" check_it="true" assign_to="direction"/></action>
  </recv>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:+15550000001@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 ACK
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

]]></send>
  <send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:+15550000001@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 3 BYE
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"></recv>
  <Reference variables="direction"/>
</scenario>
)";

TEST_F(Signalling, AnswersAHoldOfSippWithRecvonly) {
  start();

  const auto run = run_sipp(hold_scenario, node->sip_udp(), test_number);

  EXPECT_EQ(run.exit_status, 0) << run.output;
  EXPECT_TRUE(application.wait_for_events("call.completed", 1, seconds(5)));
}

TEST_F(Signalling, SendsNothingToACallerOnHoldAndGoesOnAfterwards) {
  start();
  rtp_caller alice(caller(440, "+15550000001"));
  rtp_caller bob(caller(700, "+15550000002"));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(alice.wait_for_tone(700));

  const auto held = alice.reinvite("sendonly");
  ASSERT_TRUE(held && held->status() == 200);
  alice.listen(milliseconds(100));
  const auto during = alice.listen(milliseconds(500));
  const auto resumed = alice.reinvite("sendrecv");

  EXPECT_NE(held->body.find("a=recvonly"), std::string::npos) << held->body;
  EXPECT_LT(heard_level(during, 700), inaudible_dbfs);
  ASSERT_TRUE(resumed && resumed->status() == 200);
  EXPECT_TRUE(alice.wait_for_tone(700));
}

TEST_F(Signalling, TellsCanceledWhenTheCallerGivesUpWhileTheAnswerUrlIsSlow) {
  start();
  application.answer_with([](const http_message&, int) {
    http_reply reply;
    reply.hang = true;
    return reply;
  });
  rtp_caller alice(caller());
  alice.invite();
  ASSERT_TRUE(application.wait_for_requests(1, seconds(5)));

  alice.cancel();

  const auto answer = alice.wait_for_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 487);
  const auto told = application.wait_for_event("call.canceled");
  ASSERT_TRUE(told);
  EXPECT_THAT(application.events_of(told->call), testing::ElementsAre("call.created", "call.canceled"));
}

TEST_F(Signalling, TakesACallWhoseInviteHasNoSdp) {
  start();
  auto options = caller(440, "+15550000001");
  options.offer_in_invite = false;
  rtp_caller alice(options);
  rtp_caller bob(caller(700, "+15550000002"));

  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());

  EXPECT_TRUE(alice.wait_for_tone(700));
  EXPECT_TRUE(bob.wait_for_tone(440));
}

TEST_F(Signalling, RefusesAnUnknownNumberWith404) {
  start();
  auto options = caller();
  options.to = "+15559999999";

  EXPECT_EQ(status_of(options), 404);
  EXPECT_TRUE(application.requests().empty());
}

TEST_F(Signalling, RefusesASourceThatIsNoTrunkWith403WhenStrangersAreAnswered) {
  plenaryd_settings settings;
  settings.lines["sip"] = "answer_strangers = true";
  start(settings);
  auto options = caller();
  options.local_address = "127.0.0.2";

  EXPECT_EQ(status_of(options), 403);
  EXPECT_TRUE(application.requests().empty());
}

TEST_F(Signalling, RefusesCallsWith503AndRetryAfterWhenFull) {
  plenaryd_settings settings;
  settings.lines["sip"] = "max_calls = 1";
  start(settings);
  rtp_caller first(caller());
  ASSERT_TRUE(first.call());
  rtp_caller second(caller());

  second.invite();

  const auto answer = second.wait_for_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 503);
  EXPECT_FALSE(answer->header("retry-after").empty());
}

TEST_F(Signalling, TakesANewCallWhenOneOfAFullNodeHasEnded) {
  plenaryd_settings settings;
  settings.lines["sip"] = "max_calls = 1";
  start(settings);
  rtp_caller first(caller());
  ASSERT_TRUE(first.call());
  ASSERT_EQ(first.hang_up(), 200);
  ASSERT_TRUE(application.wait_for_event("call.completed"));

  EXPECT_EQ(status_of(caller()), 200);
}

} // namespace

} // namespace plenary::test::signalling_test
