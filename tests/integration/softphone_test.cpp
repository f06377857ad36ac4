#include "tests/integration/live_node.hpp"
#include "tests/support/baresip_phone.hpp"

#include <signal.h>

#include <algorithm>

namespace plenary::test::softphone_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Softphones : public LiveNode {
protected:
  baresip_options phone(const std::string& name, phone_codec codec, double tone_hertz) const {
    baresip_options options;
    options.server = node->sip_udp();
    options.name = name;
    options.codec = codec;
    options.tone_hertz = tone_hertz;
    return options;
  }

  /// Level of a tone in the loudest 0.4 s of a softphone's recording from 2.5 s to 0.8 s before it hung up: a
  /// machine that is late loses sound, and makes none.
  static double late_level(const baresip_phone& phone, double hertz) {
    const auto heard = phone.heard();
    if (!heard || std::ssize(heard->samples) < heard->sample_rate * 5 / 2)
      return silence_dbfs;
    const std::span<const std::int16_t> all(heard->samples);
    const auto rate = static_cast<std::size_t>(heard->sample_rate);
    const auto late = all.subspan(all.size() - rate * 5 / 2, rate * 17 / 10);
    double loudest = silence_dbfs;
    for (std::size_t from = 0; from + rate * 2 / 5 <= late.size(); from += rate / 10)
      loudest =
          std::max(loudest, tone_level_dbfs(late.subspan(from, rate * 2 / 5), heard->sample_rate, hertz));
    return loudest;
  }
};

TEST_F(Softphones, OfFourCodecsHearEachOtherAtEqualLoudness) {
  start();
  const std::vector<double> tones{400, 600, 900, 1300};
  const std::vector<phone_codec> codecs{phone_codec::opus, phone_codec::g722, phone_codec::pcmu,
                                        phone_codec::pcma};
  std::vector<std::unique_ptr<baresip_phone>> phones;
  for (std::size_t i = 0; i < tones.size(); ++i)
    phones.push_back(
        std::make_unique<baresip_phone>(phone("phone" + std::to_string(i), codecs[i], tones[i])));
  for (auto& each : phones)
    ASSERT_TRUE(each->wait_until_established()) << each->process().output();
  rtp_caller listener(caller());
  ASSERT_TRUE(listener.call());
  for (const double tone : tones)
    ASSERT_TRUE(listener.wait_for_tone(tone)) << tone;

  const auto heard = listener.listen(seconds(3));
  for (auto& each : phones)
    each->process().signal(SIGINT);
  for (auto& each : phones)
    ASSERT_TRUE(each->hang_up());

  for (std::size_t i = 0; i < tones.size(); ++i) {
    EXPECT_NEAR(heard_level(heard, tones[i]), -20, 1.5) << "codec " << i << " at the listener";
    EXPECT_LT(late_level(*phones[i], tones[i]), inaudible_dbfs) << "phone " << i << " hears itself";
    for (std::size_t other = 0; other < tones.size(); ++other) {
      if (other != i) {
        EXPECT_NEAR(late_level(*phones[i], tones[other]), -20, 2.5) << "phone " << other << " at phone " << i;
      }
    }
  }
}

TEST_F(Softphones, HearEachOtherOverSrtpWhenTheTrunkRequiresIt) {
  plenaryd_settings settings;
  settings.srtp = "required";
  start(settings);
  auto options = phone("alice", phone_codec::opus, 440);
  options.srtp = true;
  baresip_phone alice(options);
  options = phone("bob", phone_codec::pcmu, 700);
  options.srtp = true;
  baresip_phone bob(options);
  ASSERT_TRUE(alice.wait_until_established()) << alice.process().output();
  ASSERT_TRUE(bob.wait_until_established()) << bob.process().output();
  rtp_caller clock(caller());
  clock.listen(seconds(4));

  alice.process().signal(SIGINT);
  ASSERT_TRUE(bob.hang_up());
  ASSERT_TRUE(alice.hang_up());

  EXPECT_NE(alice.process().output().find("SRTP is Enabled"), std::string::npos);
  EXPECT_NEAR(late_level(alice, 700), -20, 2.5);
  EXPECT_NEAR(late_level(bob, 440), -20, 2.5);
}

TEST_F(Softphones, AreRefusedWithoutSrtpWhenTheTrunkRequiresIt) {
  plenaryd_settings settings;
  settings.srtp = "required";
  start(settings);
  rtp_caller plain(caller(440));

  plain.invite();

  const auto answer = plain.wait_for_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 488);
  EXPECT_EQ(plain.received().packets, 0U);
}

TEST_F(Softphones, CallOverTls) {
  plenaryd_settings settings;
  settings.tls = true;
  start(settings);
  auto options = phone("alice", phone_codec::opus, 440);
  options.server = node->sip_tls();
  options.transport = phone_transport::tls;
  options.trusted_certificate = node->certificate();
  options.srtp = true;
  rtp_caller listener(caller());
  ASSERT_TRUE(listener.call());

  baresip_phone alice(options);

  ASSERT_TRUE(alice.wait_until_established()) << alice.process().output();
  EXPECT_TRUE(listener.wait_for_tone(440));
  EXPECT_TRUE(alice.hang_up());
  EXPECT_TRUE(application.wait_for_events("call.completed", 1, seconds(5)));
}

TEST_F(Softphones, CallOverTcpAndAreHungUpByTheServer) {
  start();
  answer_by_caller({{"+15550000001", conference("daily", {{"end_on_exit", true}})},
                    {"+15550000002", conference("daily")}});
  auto options = phone("+15550000002", phone_codec::g722, 440);
  options.server = node->sip_tcp();
  options.transport = phone_transport::tcp;
  rtp_caller host(caller(0, "+15550000001"));
  ASSERT_TRUE(host.call());
  baresip_phone alice(options);
  ASSERT_TRUE(alice.wait_until_established()) << alice.process().output();
  ASSERT_TRUE(host.wait_for_tone(440));

  ASSERT_EQ(host.hang_up(), 200);

  EXPECT_TRUE(alice.process().wait_for_text("session closed", seconds(20))) << alice.process().output();
}

} // namespace

} // namespace plenary::test::softphone_test
