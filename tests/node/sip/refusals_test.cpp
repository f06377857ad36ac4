#include "live_edge.hpp"

#include <future>

namespace plenary::sip_test {

namespace {

class Refusals : public live_edge {};

TEST_F(Refusals, UnknownNumberGets404) {
  start();
  auto wire = line::udp(port());
  caller phone(wire, "+15559999999");

  phone.send({});

  EXPECT_EQ(phone.expect().status(), 404);
  EXPECT_EQ(counters[counter::invites_refused_unknown_did], 1U);
  EXPECT_TRUE(listener.quiet());
}

TEST_F(Refusals, NumberIsFoundWithoutItsPlus) {
  start();
  auto wire = line::udp(port());
  caller phone(wire, "15551230002");

  phone.send({});

  EXPECT_EQ(listener.next_invite().to, "+15551230002");
}

TEST_F(Refusals, UnknownExtensionGets420AndItsName) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);

  phone.send({"INVITE", "Require: 100rel, timer\r\n", {}, {}, 0, true});

  const auto refused = phone.expect();
  EXPECT_EQ(refused.status(), 420);
  EXPECT_EQ(refused.header("Unsupported"), "100rel");
}

TEST_F(Refusals, MalformedRequestGets400AndIsCounted) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);

  phone.send({"INVITE", {}, {}, {}, 0, false}); // no Contact

  EXPECT_EQ(phone.expect().status(), 400);
  EXPECT_EQ(counters[counter::invites_refused_malformed], 1U);
  EXPECT_EQ(counters[counter::sip_messages_malformed], 1U);
}

TEST_F(Refusals, UndecodablePacketIsCountedAndDropped) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);

  wire.send("this is not a SIP message at all\r\n\r\n");
  phone.send({"OPTIONS", {}, {}, {}, 0, false});

  EXPECT_EQ(phone.expect().status(), 200);
  EXPECT_EQ(counters[counter::sip_messages_malformed], 1U);
}

TEST_F(Refusals, OptionsIsAnsweredWithWhatIsSupported) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);

  phone.send({"OPTIONS", {}, {}, {}, 0, false});

  const auto ok = phone.expect();
  EXPECT_EQ(ok.status(), 200);
  EXPECT_EQ(ok.header("Allow"), "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE");
  EXPECT_EQ(ok.header("Accept"), "application/sdp");
  EXPECT_EQ(ok.header("Supported"), "timer");
}

TEST_F(Refusals, OtherMethodsGet405Or501WithAllow) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);

  phone.send({"REGISTER", {}, {}, {}, 0, true});
  const auto known = phone.expect();
  phone.send({"JUGGLE", {}, {}, {}, 0, true});
  const auto unknown = phone.expect();

  EXPECT_EQ(known.status(), 405);
  EXPECT_NE(known.header("Allow").find("INVITE"), std::string::npos);
  EXPECT_EQ(unknown.status(), 501);
}

TEST_F(Refusals, RequestsOutsideOfAnyDialogGet481) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);

  phone.send({"BYE", {}, {}, {}, 0, false});
  const auto bye = phone.expect();
  phone.send({"CANCEL", {}, {}, "z9hG4bKnone", 0, false});
  const auto cancel = phone.expect();

  EXPECT_EQ(bye.status(), 481);
  EXPECT_EQ(cancel.status(), 481);
}

TEST_F(Refusals, FullNodeGets503WithRetryAfter) {
  auto settings = usual_settings();
  settings.max_calls = 1;
  start(settings);
  auto wire = line::udp(port());
  caller first(wire);
  first.dial();
  caller second(wire);

  second.send({});

  const auto refused = second.expect();
  EXPECT_EQ(refused.status(), 503);
  EXPECT_EQ(refused.header("Retry-After"), "10");
  EXPECT_EQ(counters[counter::invites_refused_full], 1U);
}

TEST_F(Refusals, DrainingNodeTakesNothingNewAndKeepsItsCalls) {
  start();
  auto wire = line::udp(port());
  caller running(wire);
  const auto id = establish(running);
  caller late(wire);

  edge->drain();
  late.send({});
  const auto refused = late.expect();
  caller monitor(wire);
  monitor.send({"OPTIONS", {}, {}, {}, 0, false});
  const auto asked = monitor.expect();
  running.send({"BYE", {}, {}, {}, 0, false});

  EXPECT_EQ(refused.status(), 503);
  EXPECT_EQ(refused.header("Retry-After"), "10");
  EXPECT_EQ(asked.status(), 503);
  EXPECT_EQ(counters[counter::invites_refused_draining], 1U);
  EXPECT_EQ(running.expect().status(), 200);
  listener.next<dialog_ended>(id);
}

TEST_F(Refusals, NodeThatIsNotReadyTakesNothingNewAndKeepsItsCalls) {
  std::atomic<bool> ready{true};
  auto settings = usual_settings();
  settings.takes_calls = [&ready] { return ready.load(); };
  start(settings);
  auto wire = line::udp(port());
  caller running(wire);
  const auto id = establish(running);
  caller late(wire);
  caller monitor(wire);

  ready = false;
  late.send({});
  const auto refused = late.expect();
  monitor.send({"OPTIONS", {}, {}, {}, 0, false});
  const auto asked = monitor.expect();
  running.send({"OPTIONS", {}, {}, {}, 0, false});
  const auto inside = running.expect();
  ready = true;
  monitor.send({"OPTIONS", {}, {}, {}, 0, false});
  const auto again = monitor.expect();
  running.send({"BYE", {}, {}, {}, 0, false});

  EXPECT_EQ(refused.status(), 503);
  EXPECT_EQ(refused.header("Retry-After"), "10");
  EXPECT_EQ(counters[counter::invites_refused_not_ready], 1U);
  EXPECT_EQ(asked.status(), 503);
  EXPECT_EQ(asked.header("Retry-After"), "10");
  EXPECT_EQ(inside.status(), 200) << "the dialog lives";
  EXPECT_EQ(again.status(), 200);
  EXPECT_EQ(running.expect().status(), 200);
  listener.next<dialog_ended>(id);
  EXPECT_TRUE(listener.quiet()) << "nobody heard of the call that was refused";
}

TEST_F(Refusals, SessionIntervalThatIsTooSmallGets422WithMinSe) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);

  phone.send({"INVITE", "Supported: timer\r\nSession-Expires: 30\r\n", {}, {}, 0, true});

  const auto refused = phone.expect();
  EXPECT_EQ(refused.status(), 422);
  EXPECT_EQ(refused.header("Min-SE"), "90");
}

TEST_F(Refusals, OldCseqInADialogGets500) {
  start();
  auto wire = line::udp(port());
  caller phone(wire);
  phone.cseq = 100;
  establish(phone);

  phone.send({"UPDATE", {}, {}, {}, 5, true});

  EXPECT_EQ(phone.expect().status(), 500);
}

/// Holds the stack's thread inside its first INVITE.
class holding_listener final : public recording_listener {
public:
  void on_invite(incoming_invite invite) override {
    recording_listener::on_invite(invite);
    if (!std::exchange(held_, true))
      release.get_future().wait();
  }
  std::promise<void> release;

private:
  bool held_ = false;
};

TEST(Backlog, OfTooManyCommandsGets503) {
  holding_listener listener;
  test::counting_telemetry counters;
  test::silent_logger log;
  auto settings = usual_settings();
  settings.max_backlog = 2;
  auto edge = std::move(*sip_edge::start(settings, listener, counters, log));
  auto wire = line::udp(edge->addresses().at(0).port);
  caller first(wire);
  first.dial();
  const auto id = listener.next_invite().id;
  caller second(wire);

  second.send({});
  for (int i = 0; i < 3; ++i)
    edge->ring(id);
  listener.release.set_value();

  // The INVITE came before the commands, so it is read before them.
  EXPECT_EQ(second.expect().status(), 503);
  EXPECT_EQ(counters[counter::invites_refused_full], 1U);
}

TEST(Starting, FailsWithNetworkWhenTheAddressIsTaken) {
  recording_listener listener;
  test::counting_telemetry counters;
  test::silent_logger log;
  const auto first = sip_edge::start(usual_settings(), listener, counters, log);
  ASSERT_TRUE(first);
  auto settings = usual_settings();
  settings.listen = {(*first)->addresses().at(0)};

  const auto second = sip_edge::start(settings, listener, counters, log);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::network);
}

TEST(Starting, FailsWithMalformedWhenAnInboundAddressIsNone) {
  recording_listener listener;
  test::counting_telemetry counters;
  test::silent_logger log;
  auto settings = usual_settings();
  settings.trunks[0].inbound_ips = {"10.0.0.0/33"};

  const auto edge = sip_edge::start(settings, listener, counters, log);

  ASSERT_FALSE(edge);
  EXPECT_EQ(edge.error().code, errc::malformed);
}

} // namespace

} // namespace plenary::sip_test
