#include "tests/integration/live_node.hpp"

#include <algorithm>

namespace plenary::test::conference_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Conference : public LiveNode {};

TEST_F(Conference, LetsTwoCallersHearEachOtherAndNotThemselves) {
  start();
  rtp_caller alice(caller(440, "+15550000001"));
  rtp_caller bob(caller(700, "+15550000002"));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(alice.wait_for_tone(700));
  ASSERT_TRUE(bob.wait_for_tone(440));

  const auto at_alice = alice.listen(seconds(1));
  const auto at_bob = bob.listen(seconds(1));

  EXPECT_NEAR(settled_level(alice, 700), -20, loudness_tolerance_db);
  EXPECT_NEAR(settled_level(bob, 440), -20, loudness_tolerance_db);
  EXPECT_LT(heard_level(at_alice, 440), inaudible_dbfs);
  EXPECT_LT(heard_level(at_bob, 700), inaudible_dbfs);
}

TEST_F(Conference, LetsEachOfFiveCallersHearTheOtherFour) {
  start();
  const std::vector<double> tones{300, 500, 700, 1100, 1500};
  std::vector<std::unique_ptr<rtp_caller>> callers;
  for (const double tone : tones)
    callers.push_back(std::make_unique<rtp_caller>(caller(tone)));
  for (auto& each : callers)
    each->invite();
  for (auto& each : callers)
    ASSERT_EQ(each->wait_for_answer().value_or(sip_message{}).status(), 200);
  for (std::size_t i = 0; i < tones.size(); ++i)
    for (std::size_t other = 0; other < tones.size(); ++other) {
      if (other != i) {
        ASSERT_TRUE(callers[i]->wait_for_tone(tones[other])) << i << " does not hear " << other;
      }
    }

  for (std::size_t i = 0; i < tones.size(); ++i) {
    const auto heard = callers[i]->listen(milliseconds(500));
    EXPECT_LT(heard_level(heard, tones[i]), inaudible_dbfs) << i << " hears itself";
    for (std::size_t other = 0; other < tones.size(); ++other) {
      if (other != i) {
        EXPECT_NEAR(settled_level(*callers[i], tones[other]), -20, loudness_tolerance_db)
            << i << " hears " << other;
      }
    }
  }
}

TEST_F(Conference, KeepsTwoRoomsApart) {
  start();
  answer_by_caller({{"+15550000001", conference("red")}, {"+15550000002", conference("blue")}});
  rtp_caller red(caller(440, "+15550000001"));
  rtp_caller blue(caller(700, "+15550000002"));
  ASSERT_TRUE(red.call());
  ASSERT_TRUE(blue.call());

  const auto heard = red.listen(seconds(1));

  EXPECT_LT(heard_level(heard, 700), inaudible_dbfs);
}

TEST_F(Conference, GivesALoneCallerSilenceAndNotNoise) {
  start();
  rtp_caller alice(caller(440));
  ASSERT_TRUE(alice.call());

  const auto heard = alice.listen(seconds(1));

  EXPECT_LT(level_dbfs(heard), -50);
}

TEST_F(Conference, DoesNotLetACallerBeHeardWhoJoinedMuted) {
  start();
  answer_by_caller(
      {{"+15550000001", conference("daily", {{"mute", true}})}, {"+15550000002", conference("daily")}});
  rtp_caller muted(caller(440, "+15550000001"));
  rtp_caller loud(caller(700, "+15550000002"));
  ASSERT_TRUE(muted.call());
  ASSERT_TRUE(loud.call());
  ASSERT_TRUE(muted.wait_for_tone(700));

  const auto heard = loud.listen(seconds(1));

  EXPECT_LT(heard_level(heard, 440), inaudible_dbfs);
}

TEST_F(Conference, DoesNotLetDigitsBeHeard) {
  start();
  rtp_caller alice(caller(440, "+15550000001"));
  rtp_caller bob(caller(0, "+15550000002"));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(bob.wait_for_tone(440));
  alice.set_tone(0);
  ASSERT_TRUE(eventually([&] { return heard_level(bob.listen(milliseconds(200)), 440) < inaudible_dbfs; }));

  alice.press('5');
  const auto heard = bob.listen(seconds(1));

  EXPECT_LT(level_dbfs(heard), -50);
  EXPECT_LT(heard_level(heard, 770), inaudible_dbfs);
  EXPECT_LT(heard_level(heard, 1336), inaudible_dbfs);
  EXPECT_EQ(bob.received().other_payload_types, 0U);
  EXPECT_EQ(metric("plenary_media_dtmf_digits_total"), 1);
}

TEST_F(Conference, KeepsACallerAudibleWhoseNetworkJittersAndLosesPackets) {
  start();
  auto options = caller(440, "+15550000001");
  options.network = {.loss = 0.05, .jitter = milliseconds(60), .seed = 20261122};
  SCOPED_TRACE("seed 20261122");
  rtp_caller alice(options);
  rtp_caller bob(caller(0, "+15550000002"));
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.wait_for_tone(440));
  bob.listen(milliseconds(500));

  int gaps = 0;
  for (int window = 0; window < 15; ++window)
    gaps += heard_level(bob.listen(milliseconds(200)), 440) < -32 ? 1 : 0;

  EXPECT_LE(gaps, 1) << "windows of 200 ms, of 15, in which the tone was more than 12 dB too weak";
}

TEST_F(Conference, ReleasesEveryoneWhenAParticipantWithEndOnExitLeaves) {
  start();
  answer_by_caller({{"+15550000001", conference("daily", {{"end_on_exit", true}})},
                    {"+15550000002", conference("daily")}});
  rtp_caller host(caller(440, "+15550000001"));
  rtp_caller guest(caller(700, "+15550000002"));
  ASSERT_TRUE(host.call());
  ASSERT_TRUE(guest.call());
  ASSERT_TRUE(guest.wait_for_tone(440));

  ASSERT_EQ(host.hang_up(), 200);

  EXPECT_TRUE(guest.wait_for_bye());
  EXPECT_TRUE(application.wait_for_events("call.completed", 2, seconds(5)));
}

TEST_F(Conference, GoesOnWithTheNextActionsWhenTheRoomEnds) {
  start();
  auto guest_actions = conference("daily");
  guest_actions["actions"].push_back(conference("afterwards")["actions"][0]);
  answer_by_caller({{"+15550000001", conference("daily", {{"end_on_exit", true}})},
                    {"+15550000002", guest_actions},
                    {"+15550000003", conference("afterwards")}});
  rtp_caller host(caller(440, "+15550000001"));
  rtp_caller guest(caller(700, "+15550000002"));
  rtp_caller waiting(caller(1100, "+15550000003"));
  ASSERT_TRUE(waiting.call());
  ASSERT_TRUE(host.call());
  ASSERT_TRUE(guest.call());
  ASSERT_TRUE(guest.wait_for_tone(440));

  ASSERT_EQ(host.hang_up(), 200);

  EXPECT_TRUE(guest.wait_for_tone(1100));
  EXPECT_TRUE(waiting.wait_for_tone(700));
}

TEST_F(Conference, EndsACallWhoseMediaStopsWithCauseMediaTimeout) {
  plenaryd_settings settings;
  settings.lines["media"] = "timeout_s = 1";
  start(settings);
  rtp_caller alice(caller(440));
  ASSERT_TRUE(alice.call());
  alice.listen(milliseconds(500));

  alice.set_sending(false);

  EXPECT_TRUE(alice.wait_for_bye(seconds(5)));
  ASSERT_TRUE(eventually([&] { return application.webhooks().size() >= 3; }));
  EXPECT_NE(application.webhooks().back().document.dump().find("media_timeout"), std::string::npos);
}

} // namespace

} // namespace plenary::test::conference_test
