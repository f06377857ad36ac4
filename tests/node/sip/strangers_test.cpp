#include "live_edge.hpp"
#include "node/sip/strangers.hpp"

namespace plenary::sip_test {

namespace {

using sip_layer::connection_count;
using sip_layer::counted_network;
using sip_layer::parse_ip;
using sip_layer::stranger_budget;

/// Keeps warnings as `event name=value ...`.
class warning_lines final : public logger {
public:
  void write(log_level level, std::string_view event, std::initializer_list<log_field> fields) override {
    if (level != log_level::warning)
      return;
    std::string line(event);
    for (const auto& field : fields) {
      line += fmt::format(" {}=", field.name);
      if (const auto* text = std::get_if<std::string_view>(&field.value))
        line += *text;
      else if (const auto* number = std::get_if<std::int64_t>(&field.value))
        line += std::to_string(*number);
    }
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

std::string stun_binding_request() {
  std::string request("\x00\x01\x00\x00\x21\x12\xa4\x42", 8);
  return request + "transaction1";
}

class Strangers : public live_edge {
protected:
  /// Everything that was sent before has been read when this returns.
  void settle() {
    auto wire = line::udp(port());
    caller known(wire);
    known.send({"OPTIONS", {}, {}, {}, 0, false});
    EXPECT_EQ(known.expect().status(), 200);
  }
  /// What came back to the stranger.
  std::vector<message> answers(line& wire) {
    settle();
    std::vector<message> all;
    while (auto next = wire.receive(std::chrono::milliseconds(0)))
      all.push_back(*next);
    return all;
  }
};

TEST_F(Strangers, HearNothingWhateverTheySend) {
  start();
  auto wire = line::udp(port(), "127.0.0.2");
  caller phone(wire);

  for (const char* method : {"INVITE", "OPTIONS", "REGISTER", "CANCEL", "BYE", "ACK", "JUGGLE", "MESSAGE"})
    phone.send({method, {}, {}, {}, 0, true});
  phone.send({"INVITE", "Require: 100rel\r\n", {}, {}, 0, true});
  phone.send({"INVITE", {}, {}, {}, 0, false});
  wire.send("OPTIONS sip:a SIP/7.0\r\nVia: SIP/2.0/UDP 127.0.0.2\r\n\r\n");
  wire.send("\r\n\r\n");
  wire.send(stun_binding_request());
  wire.send("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1\r\n\r\n");

  EXPECT_TRUE(answers(wire).empty());
  EXPECT_EQ(counters[counter::sip_strangers_ignored], 13U);
  EXPECT_EQ(counters[counter::invites_refused_source], 3U);
  EXPECT_TRUE(listener.quiet());
}

TEST_F(Strangers, AreAnsweredOnceWhenTheOperatorWantsIt) {
  auto settings = usual_settings();
  settings.answer_strangers = true;
  start(settings);
  auto wire = line::udp(port(), "127.0.0.2");
  caller phone(wire);
  const auto invite = phone.text_of({"INVITE", {}, {}, {}, 0, true});

  wire.send(invite);
  const auto heard = answers(wire);

  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].status(), 403);
  EXPECT_LE(heard[0].text.size(), invite.size());
  EXPECT_EQ(heard[0].header("Call-ID"), phone.call_id);
  EXPECT_NE(heard[0].header("To").find(";tag="), std::string::npos);
  EXPECT_EQ(counters[counter::sip_strangers_answered], 1U);
}

TEST_F(Strangers, NeverHearMoreThanTheySaid) {
  auto settings = usual_settings();
  settings.answer_strangers = true;
  start(settings);
  auto wire = line::udp(port(), "127.0.0.2");

  wire.send(
      "OPTIONS sip:a SIP/2.0\r\nv:SIP/2.0/UDP a\r\nf:<sip:a>\r\nt:<sip:b>\r\ni:c\r\nCSeq:1 OPTIONS\r\n\r\n");
  wire.send("ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a;rport\r\nX: " + std::string(500, 'x') + "\r\n\r\n");
  wire.send(stun_binding_request());
  wire.send(std::string(1000, 'x'));

  EXPECT_TRUE(answers(wire).empty());
}

TEST_F(Strangers, OfOneNetworkShareABudgetOfFiveAnswers) {
  auto settings = usual_settings();
  settings.answer_strangers = true;
  start(settings);
  std::size_t heard = 0;

  for (int host = 2; host < 12; ++host) {
    auto wire = line::udp(port(), fmt::format("127.0.7.{}", host).c_str());
    caller phone(wire);
    phone.send({"OPTIONS", {}, {}, {}, 0, true});
    heard += answers(wire).size();
  }

  EXPECT_GE(heard, 5U);
  EXPECT_LE(heard, 8U); // a further one each second
}

TEST(StrangerBudget, IsPerNetworkAndForAll) {
  const std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  stranger_budget budget(now);
  int answered = 0;

  for (int network = 0; network < 1000; ++network)
    for (int host = 0; host < 10; ++host)
      answered += budget.take(*parse_ip(fmt::format("10.{}.{}.{}", network / 250, network % 250, host)), now);

  EXPECT_EQ(answered, 100);
  EXPECT_TRUE(budget.take(*parse_ip("10.9.9.9"), now + std::chrono::seconds(1)));
}

TEST(CountedNetwork, IsA24OrA56) {
  EXPECT_EQ(counted_network(*parse_ip("192.0.2.1")), counted_network(*parse_ip("192.0.2.254")));
  EXPECT_NE(counted_network(*parse_ip("192.0.2.1")), counted_network(*parse_ip("192.0.3.1")));
  EXPECT_EQ(counted_network(*parse_ip("2001:db8:0:1::1")), counted_network(*parse_ip("2001:db8:0:ff::2")));
  EXPECT_NE(counted_network(*parse_ip("2001:db8:0:100::1")), counted_network(*parse_ip("2001:db8:0:200::1")));
}

TEST(ConnectionCount, HasALimitOfOneAddressAndOfAll) {
  connection_count count(3, 2);
  const auto a = *parse_ip("192.0.2.1");
  const auto b = *parse_ip("192.0.2.2");

  EXPECT_EQ(count.open(a), connection_count::verdict::admitted);
  EXPECT_EQ(count.open(a), connection_count::verdict::admitted);
  EXPECT_EQ(count.open(a), connection_count::verdict::address_full);
  EXPECT_EQ(count.open(b), connection_count::verdict::admitted);
  EXPECT_EQ(count.open(b), connection_count::verdict::full);
  count.close(a);
  EXPECT_EQ(count.open(b), connection_count::verdict::admitted);
  EXPECT_EQ(count.size(), 3U);
}

TEST(RefusedInvites, LeaveOneWarningWithSourceNumberReasonAndAdvice) {
  recording_listener listener;
  test::counting_telemetry counters;
  warning_lines log;
  auto edge = std::move(*sip_edge::start(usual_settings(), listener, counters, log));
  auto wire = line::udp(edge->addresses()[0].port);
  caller phone(wire, "+15559999999");

  phone.send({});
  EXPECT_EQ(phone.expect().status(), 404);

  ASSERT_EQ(log.lines().size(), 1U);
  EXPECT_EQ(log.lines()[0],
            fmt::format("sip_invite_refused call= source=127.0.0.1:{} number=+15559999999 status=404 "
                        "reason=unknown_did detail=Not Found what_to_do=If this number is yours, add a "
                        "[[did]] with it. held_back=0",
                        wire.local_port()));
}

TEST(RefusedInvites, OfOneSourceWriteThreeLinesAndAreCountedAll) {
  recording_listener listener;
  test::counting_telemetry counters;
  warning_lines log;
  auto edge = std::move(*sip_edge::start(usual_settings(), listener, counters, log));
  auto wire = line::udp(edge->addresses()[0].port);
  caller phone(wire, "+15559999999");

  for (int i = 0; i < 50; ++i) {
    phone.send({});
    EXPECT_EQ(phone.expect().status(), 404);
  }

  EXPECT_GE(log.lines().size(), 3U);
  EXPECT_LE(log.lines().size(), 5U);
  EXPECT_EQ(counters[counter::invites_refused_unknown_did], 50U);
}

} // namespace

} // namespace plenary::sip_test
