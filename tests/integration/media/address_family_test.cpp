#include "tests/integration/live_cluster.hpp"

#include <csignal>

namespace plenary::test::address_family_test {

namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class AddressFamilies : public LiveNode {
protected:
  /// A node with an address of each IP version.
  void start_with_both() {
    plenaryd_settings settings;
    settings.second_address = "::1";
    start(std::move(settings));
  }

  /// Signals and talks by IPv6 alone.
  rtp_caller_options v6_caller(double hertz, const std::string& from) const {
    auto options = caller(hertz, from);
    options.server = node->sip_udp_v6();
    options.local_address = "::1";
    return options;
  }

  static void expect_to_hear_each_other(rtp_caller& a, double tone_of_a, rtp_caller& b, double tone_of_b) {
    ASSERT_TRUE(a.wait_for_tone(tone_of_b));
    ASSERT_TRUE(b.wait_for_tone(tone_of_a));
    EXPECT_NEAR(settled_level(a, tone_of_b), -20, loudness_tolerance_db);
    EXPECT_NEAR(settled_level(b, tone_of_a), -20, loudness_tolerance_db);
  }
};

TEST_F(AddressFamilies, MeetInOneRoomAndEachIsAnsweredWithAnAddressOfItsOwn) {
  start_with_both();
  rtp_caller alice(caller(440, "+15550000001"));
  rtp_caller bob(v6_caller(700, "+15550000002"));

  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());

  const auto to_alice = alice.wait_for_answer()->body;
  const auto to_bob = bob.wait_for_answer()->body;
  EXPECT_THAT(to_alice, HasSubstr(" IN IP4 127.0.0.1\r\ns="));
  EXPECT_THAT(to_alice, HasSubstr("c=IN IP4 127.0.0.1\r\n"));
  EXPECT_THAT(to_bob, HasSubstr(" IN IP6 ::1\r\ns="));
  EXPECT_THAT(to_bob, HasSubstr("c=IN IP6 ::1\r\n"));
  expect_to_hear_each_other(alice, 440, bob, 700);
  EXPECT_EQ(alice.hang_up(), 200);
  EXPECT_EQ(bob.hang_up(), 200);
}

TEST_F(AddressFamilies, AreThoseOfTheSignallingWhenTheCallerLeavesTheOfferToUs) {
  start_with_both();
  auto asks = v6_caller(700, "+15550000002");
  asks.offer_in_invite = false;
  rtp_caller alice(caller(440, "+15550000001"));
  rtp_caller bob(asks);

  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());

  EXPECT_EQ(bob.media_address().address, "::1");
  expect_to_hear_each_other(alice, 440, bob, 700);
}

TEST_F(AddressFamilies, AreThoseOfTheMediaWhateverTheSignallingCameBy) {
  start_with_both();
  auto mixed = caller(700, "+15550000002");
  mixed.media_address = "::1";
  rtp_caller alice(caller(440, "+15550000001"));
  rtp_caller bob(mixed);

  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());

  EXPECT_EQ(alice.media_address().address, "127.0.0.1");
  EXPECT_EQ(bob.media_address().address, "::1");
  expect_to_hear_each_other(alice, 440, bob, 700);
}

TEST_F(AddressFamilies, MayChangeWithinACall) {
  start_with_both();
  rtp_caller alice(caller(440, "+15550000001"));
  rtp_caller bob(v6_caller(700, "+15550000002"));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());

  const auto moved = bob.move_media("::1");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->status(), 200);
  expect_to_hear_each_other(alice, 440, bob, 700);
  const auto changed = bob.move_media("127.0.0.1");

  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->status(), 200);
  EXPECT_EQ(bob.media_address().address, "127.0.0.1");
  expect_to_hear_each_other(alice, 440, bob, 700);
  const auto back = bob.move_media("::1");
  ASSERT_TRUE(back);
  EXPECT_EQ(bob.media_address().address, "::1");
  expect_to_hear_each_other(alice, 440, bob, 700);
  EXPECT_EQ(bob.hang_up(), 200);
}

TEST_F(AddressFamilies, ACallerOfIpv6WhoseSdpNamesAnotherAddressIsHeardWhereItSendsFrom) {
  start_with_both();
  auto translated = v6_caller(700, "+15550000002");
  translated.sdp_address = "2001:db8::77";
  rtp_caller alice(caller(440, "+15550000001"));
  rtp_caller bob(translated);
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());

  expect_to_hear_each_other(alice, 440, bob, 700);
  EXPECT_GT(bob.received().packets, 0U);
}

TEST_F(AddressFamilies, StayWhereTheNodeHasNoOther) {
  start();
  rtp_caller alice(caller(440, "+15550000001"));
  rtp_caller bob(caller(700, "+15550000002"));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());

  const auto changed = bob.move_media("::1");
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->status(), 488);
  EXPECT_THAT(changed->header("warning"), HasSubstr("SDP names an IPv6 address, and this node has"));
  const auto back = bob.move_media("127.0.0.1");

  ASSERT_TRUE(back);
  EXPECT_EQ(back->status(), 200);
  expect_to_hear_each_other(alice, 440, bob, 700);
}

TEST_F(AddressFamilies, RefuseACallerOfTheOneThatTheNodeDoesNotHave) {
  start();
  auto options = caller(700, "+15550000002");
  options.sdp_address = "::1";
  rtp_caller bob(options);

  EXPECT_FALSE(bob.call());

  const auto answer = bob.wait_for_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 488);
  EXPECT_THAT(answer->header("warning"), HasSubstr("this node has media addresses of IPv4 alone"));
}

/// Three nodes, each with an address of each IP version.
class AddressFamiliesOfACluster : public LiveCluster {
protected:
  void configure(std::size_t /*index*/, plenaryd_settings& settings) override {
    settings.second_address = "::1";
  }
};

TEST_F(AddressFamiliesOfACluster, StayWhenACallMovesToAnotherNode) {
  start({{"node", "drain_deadline_s = 20"}});
  rtp_caller host(caller(0, 0, "+15550000009"));
  const auto owner = open_room(host, "daily_support_room");
  ASSERT_LT(owner, node_count);
  rtp_caller alice(caller(others(owner)[0], 440, "+15550000001"));
  auto mixed = caller(others(owner)[1], 700, "+15550000002");
  mixed.media_address = "::1"; // signals by IPv4: only the session tells the new node of IPv6
  rtp_caller bob(mixed);
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(alice.wait_for_tone(700));
  ASSERT_TRUE(bob.wait_for_tone(440));
  ASSERT_EQ(host.hang_up(), 200);
  const auto before = bob.media_address();

  node(owner).process().signal(SIGTERM);
  EXPECT_EQ(node(owner).process().wait_for_exit(seconds(20)), 0);

  EXPECT_TRUE(eventually([&] { return hears(alice, 700) && hears(bob, 440); }));
  EXPECT_GE(bob.offers_taken(), 1);
  EXPECT_NE(bob.media_address(), before);
  EXPECT_EQ(bob.media_address().address, "::1");
  EXPECT_EQ(alice.media_address().address, "127.0.0.1");
}

} // namespace

} // namespace plenary::test::address_family_test
