#include "tests/integration/live_node.hpp"

#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace plenary::test::media_ownership_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Somebody who sends a tone to a port of ours and listens, without any call.
class stray_talker {
public:
  stray_talker(const ip_endpoint& to, const std::string& address, double hertz, std::uint32_t ssrc = 0)
      : socket_(open_udp(address))
      , source_(4711) {
    source_.set_tone(hertz, -20);
    if (ssrc != 0)
      source_.set_ssrc(ssrc);
    thread_ = std::jthread([this, to](const std::stop_token& stop) { run(stop, to); });
  }

  std::uint64_t received() const { return received_; }

private:
  void run(const std::stop_token& stop, const ip_endpoint& to) {
    const auto address = to_sockaddr(to);
    auto next = std::chrono::steady_clock::now();
    std::mutex mutex;
    std::condition_variable_any ended;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      for (const auto& packet : source_.next())
        ::sendto(socket_.get(), packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&address),
                 sizeof address);
      std::array<char, 2048> buffer{};
      while (::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0)
        ++received_;
      next += milliseconds(20);
      ended.wait_until(lock, stop, next, [] { return false; });
    }
  }

  file_descriptor socket_;
  rtp_tone_source source_;
  std::atomic<std::uint64_t> received_{0};
  std::jthread thread_; ///< last: it uses the others
};

class MediaOwnership : public LiveNode {
protected:
  /// A caller behind a NAT: its SDP names an address that nobody sees.
  rtp_caller_options nat_caller(double hertz, const std::string& from, const std::string& inside) const {
    auto options = caller(hertz, from);
    options.sdp_address = inside;
    return options;
  }

  /// Packets that the caller gets in this time.
  static std::uint64_t packets_in(rtp_caller& who, milliseconds time) {
    const auto before = who.received().packets;
    who.listen(time);
    return who.received().packets - before;
  }
};

TEST_F(MediaOwnership, APhoneThatGoesOnAfterItsCallIsNotHeardInTheNextOneAndHearsNothingOfIt) {
  start();
  rtp_caller witness(caller(0, "+15550000009"));
  ASSERT_TRUE(witness.call());
  auto first_options = nat_caller(500, "+15550000001", "10.9.8.7");
  first_options.talks_on = true;
  rtp_caller first(first_options);
  ASSERT_TRUE(first.call());
  ASSERT_TRUE(witness.wait_for_tone(500));
  ASSERT_EQ(first.hang_up(), 200);
  witness.listen(milliseconds(700));

  rtp_caller second(nat_caller(900, "+15550000002", "10.9.8.8"));
  ASSERT_TRUE(second.call());
  EXPECT_TRUE(witness.wait_for_tone(900));
  const auto at_first = first.received().packets;
  const auto heard = witness.listen(seconds(2));

  EXPECT_NEAR(settled_level(witness, 900), -20, loudness_tolerance_db);
  EXPECT_LT(heard_level(heard, 500), inaudible_dbfs);
  EXPECT_EQ(first.received().packets, at_first);
  witness.set_tone(1300);
  EXPECT_TRUE(second.wait_for_tone(1300)) << "the second caller hears the room";
}

TEST_F(MediaOwnership, AStrangerAtThePortIsNotHeardBeforeTheCallerSpeaksNorAfterwards) {
  start();
  rtp_caller witness(caller(0, "+15550000009"));
  auto silent = caller(600, "+15550000001");
  silent.sends_media = false;
  rtp_caller victim(silent);
  ASSERT_TRUE(witness.call());
  ASSERT_TRUE(victim.call());
  stray_talker stranger(victim.media_address(), "127.0.0.66", 2500);

  const auto before = witness.listen(seconds(2));
  victim.set_sending(true);
  EXPECT_TRUE(witness.wait_for_tone(600)) << "the caller speaks from the address of its SDP";
  const auto after = witness.listen(seconds(2));

  EXPECT_LT(heard_level(before, 2500), inaudible_dbfs);
  EXPECT_LT(heard_level(after, 2500), inaudible_dbfs);
  EXPECT_NEAR(settled_level(witness, 600), -20, loudness_tolerance_db);
  EXPECT_EQ(stranger.received(), 0U);
}

TEST_F(MediaOwnership, TwoPhonesBehindNatsWithOneSsrcAreBothHeard) {
  start();
  rtp_caller witness(caller(0, "+15550000009"));
  ASSERT_TRUE(witness.call());
  auto one = nat_caller(500, "+15550000001", "10.9.8.7");
  auto two = nat_caller(900, "+15550000002", "10.9.8.8");
  one.ssrc = two.ssrc = 0x12345678;
  rtp_caller first(one);
  ASSERT_TRUE(first.call());
  ASSERT_TRUE(witness.wait_for_tone(500));

  rtp_caller second(two);
  ASSERT_TRUE(second.call());

  EXPECT_TRUE(witness.wait_for_tone(900));
  EXPECT_NEAR(settled_level(witness, 500), -20, loudness_tolerance_db);
  EXPECT_NEAR(settled_level(witness, 900), -20, loudness_tolerance_db);
  EXPECT_TRUE(second.wait_for_tone(500));
}

TEST_F(MediaOwnership, WhoNeverAcknowledgesGetsFivePacketsASecondAtMost) {
  start();
  rtp_caller talker(caller(700, "+15550000009"));
  ASSERT_TRUE(talker.call());
  auto forged = caller(0, "+15550000001");
  forged.acknowledges = false;
  forged.sends_media = false;
  forged.sdp_lines = "a=rtcp-mux\r\n";
  rtp_caller target(forged);
  ASSERT_TRUE(target.call());

  const auto packets = packets_in(target, seconds(10));

  EXPECT_LE(packets, 52U);
  EXPECT_GE(packets, 20U) << "a trickle, so that a caller hears that it works";
  EXPECT_EQ(target.reports_received(), 0U);
}

TEST_F(MediaOwnership, WhoAcknowledgesAndNeverSpeaksFallsBackToFiveASecondUntilItDoes) {
  start();
  rtp_caller talker(caller(700, "+15550000009"));
  auto mute = caller(0, "+15550000001");
  mute.sends_media = false;
  rtp_caller silent(mute);
  ASSERT_TRUE(talker.call());
  ASSERT_TRUE(silent.call());

  EXPECT_GE(packets_in(silent, seconds(3)), 130U) << "full rate at first";
  silent.listen(milliseconds(3500));
  EXPECT_LE(packets_in(silent, seconds(4)), 22U);
  EXPECT_EQ(metric("plenary_media_held_back_total"), 1);
  silent.set_sending(true);
  EXPECT_TRUE(eventually([&] { return packets_in(silent, seconds(1)) >= 45; }));
}

TEST_F(MediaOwnership, WhoSaysThatItOnlyListensIsNotHeldBack) {
  start();
  rtp_caller talker(caller(700, "+15550000009"));
  auto mute = caller(0, "+15550000001");
  mute.sends_media = false;
  rtp_caller listener(mute);
  ASSERT_TRUE(talker.call());
  ASSERT_TRUE(listener.call());
  ASSERT_EQ(listener.reinvite("recvonly").value_or(sip_message{}).status(), 200);
  listener.listen(seconds(7));

  EXPECT_GE(packets_in(listener, seconds(2)), 85U);
}

TEST_F(MediaOwnership, ComfortNoiseAloneIsLifeAndSilenceIsNone) {
  plenaryd_settings settings;
  settings.lines["media"] = "timeout_s = 2";
  start(settings);
  auto noise = caller(0, "+15550000001");
  noise.payload_type = 13;
  auto mute = caller(0, "+15550000002");
  mute.sends_media = false;
  rtp_caller dtx(noise);
  rtp_caller dead(mute);
  ASSERT_TRUE(dtx.call());
  ASSERT_TRUE(dead.call());

  EXPECT_TRUE(dead.wait_for_bye());
  EXPECT_FALSE(dtx.wait_for_bye(seconds(4)));
}

TEST_F(MediaOwnership, ACallerWhoseMediaComesFromItsSdpsAddressGetsReports) {
  start();
  auto options = caller(500);
  options.sdp_lines = "a=rtcp-mux\r\n";
  rtp_caller alice(options);
  ASSERT_TRUE(alice.call());

  alice.listen(milliseconds(5500));
  const auto early = alice.reports_received();
  alice.listen(seconds(11));
  const auto later = alice.reports_received() - early;

  EXPECT_GE(early, 3U) << "about every second in the first 5 s (RFC 3550 section 6.3: 0.41 to 1.23 s)";
  EXPECT_LE(early, 9U);
  EXPECT_GE(later, 1U) << "about every 5 s afterwards (2.05 to 6.16 s)";
  EXPECT_LE(later, 6U);
}

TEST_F(MediaOwnership, MediaMovesByReinviteAndBackWhileTheOldAddressGoesOn) {
  start();
  rtp_caller witness(caller(0, "+15550000009"));
  rtp_caller phone(caller(500, "+15550000001"));
  ASSERT_TRUE(witness.call());
  ASSERT_TRUE(phone.call());
  ASSERT_TRUE(witness.wait_for_tone(500));

  for (const char* next : {"127.0.0.8", "127.0.0.1", "127.0.0.8"}) {
    const auto answer = phone.move_media(next);
    ASSERT_TRUE(answer && answer->status() == 200) << next;
    stray_talker late(phone.media_address(), "127.0.0.7", 2500);
    phone.set_tone(900);
    EXPECT_TRUE(witness.wait_for_tone(900)) << next;
    const auto heard = witness.listen(seconds(1));
    EXPECT_LT(heard_level(heard, 2500), inaudible_dbfs) << next;
    witness.set_tone(1300);
    EXPECT_TRUE(phone.wait_for_tone(1300)) << next;
    witness.set_tone(0);
    phone.set_tone(500);
    EXPECT_TRUE(witness.wait_for_tone(500)) << next;
  }
}

TEST_F(MediaOwnership, AnAddressWhereMediaMayNotGoIsRefused) {
  start();
  for (const char* forbidden : {"224.0.0.5", "255.255.255.255", "0.1.2.3", "239.1.1.1"}) {
    auto options = caller(500);
    options.sdp_address = forbidden;
    rtp_caller attacker(options);
    attacker.invite();
    const auto answer = attacker.wait_for_answer();
    ASSERT_TRUE(answer) << forbidden;
    EXPECT_EQ(answer->status(), 488) << forbidden;
  }
  EXPECT_GE(metric("plenary_media_addresses_refused_total"), 2); // what is read as an address at all
}

TEST_F(MediaOwnership, MediaStaysWithinTheTrunksNetworks) {
  plenaryd_settings settings;
  settings.lines["trunk"] = "media_ips = [\"127.0.0.1\"]";
  start(settings);
  auto outside = caller(500);
  outside.sdp_address = "127.0.0.2";
  rtp_caller refused(outside);
  rtp_caller taken(caller(500));

  EXPECT_FALSE(refused.call());
  EXPECT_TRUE(taken.call());
}

} // namespace

} // namespace plenary::test::media_ownership_test
