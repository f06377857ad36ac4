#include "tests/attack/under_attack.hpp"
#include "tests/integration/live_cluster.hpp"
#include "tests/support/lost_time.hpp"

#include <future>

namespace plenary::attack::freeze_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using test::rtp_caller;

constexpr const char* room = "daily_support_room";

/// What a jitter buffer, the sockets and the mixer may hold of what was said before: 100 ms windows.
constexpr int stale_windows = 6;

/// Windows of 100 ms in which the tone is heard.
int windows_with(double hertz, const std::vector<std::int16_t>& heard) {
  constexpr std::size_t window = 800;
  int count = 0;
  for (std::size_t at = 0; at + window <= heard.size(); at += window)
    count += test::heard_level({heard.begin() + static_cast<std::ptrdiff_t>(at),
                                heard.begin() + static_cast<std::ptrdiff_t>(at + window)},
                               hertz) > -35
                 ? 1
                 : 0;
  return count;
}

class FrozenNode : public UnderAttack {
protected:
  /// The caller's tone changes; how long until the listener hears it.
  static milliseconds delay(rtp_caller& talker, rtp_caller& listener, double hertz) {
    const test::lost_time machine;
    const auto start = steady_clock::now();
    talker.set_tone(hertz);
    EXPECT_TRUE(listener.wait_for_tone(hertz));
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start) - machine.so_far();
  }
};

TEST_F(FrozenNode, KeepsItsCallsForLongerThanTheMediaTimeoutAndPlaysNothingStale) {
  test::plenaryd_settings settings;
  settings.lines["media"] = "timeout_s = 2";
  begin(settings);
  rtp_caller alice(caller(2600, "+15550000011"));
  rtp_caller bob(caller(0, "+15550000012"));
  rtp_caller carol(caller(0, "+15550000013"));
  rtp_caller late(caller(0, "+15550000014"));
  ASSERT_TRUE(alice.call() && bob.call() && carol.call());
  ASSERT_TRUE(bob.wait_for_tone(2600));

  node->freeze();
  bob.listen(seconds(4));
  auto leaving = std::async(std::launch::async, [&] { return carol.hang_up(); });
  late.invite();
  alice.set_tone(3100);
  bob.listen(milliseconds(300));
  const auto before = bob.received().packets;
  const auto woken_at = steady_clock::now();
  node->thaw();
  const auto heard = bob.listen(seconds(1));
  const auto came = bob.received().packets - before;
  const auto passed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - woken_at);

  EXPECT_LE(came, static_cast<std::uint64_t>(passed / milliseconds(20)) + 10) << "no burst";
  EXPECT_LE(windows_with(2600, heard), stale_windows) << "what was said before the freeze is over";
  EXPECT_TRUE(bob.wait_for_tone(3100));
  EXPECT_EQ(leaving.get(), 200) << "a BYE that waited is answered";
  const auto answer = late.wait_for_answer();
  EXPECT_TRUE(answer && answer->status() == 200) << "an INVITE that waited is answered";
  EXPECT_LT(delay(alice, bob, 2600), milliseconds(700)) << "no delay stays";
  talkers->watch();
  bob.listen(seconds(3)); // longer than the media timeout
  for (auto* each : {&alice, &bob, &late})
    EXPECT_FALSE(each->wait_for_bye(milliseconds(0))) << "nobody was hung up";
  EXPECT_EQ(metric("plenary_media_timeouts_total"), 0);
  for (auto* each : {&alice, &bob, &late})
    EXPECT_EQ(each->hang_up(), 200);
  expect_unharmed();
}

class FrozenMember : public test::LiveCluster {};

TEST_F(FrozenMember, HasItsOwnCallersBackInTheirRoomWhenItWakes) {
  start();
  rtp_caller host(caller(0, 0, "+15550000009"));
  const auto owner = open_room(host, room);
  ASSERT_LT(owner, node_count);
  const auto other = others(owner)[0];
  rtp_caller alice(caller(owner, 440, "+15550000001"));
  rtp_caller bob(caller(other, 700, "+15550000002"));
  ASSERT_TRUE(alice.call() && bob.call());
  ASSERT_TRUE(alice.wait_for_tone(700) && bob.wait_for_tone(440));
  ASSERT_EQ(host.hang_up(), 200);
  const auto before = wait_for_room(room, 2);
  ASSERT_TRUE(before);

  node(owner).freeze();
  ASSERT_TRUE(eventually(
      [&] {
        const auto now = agreed_on(room, {other, others(owner)[1]});
        return now && now->node != before->node;
      },
      seconds(30)));
  bob.listen(seconds(1));
  node(owner).thaw();

  EXPECT_TRUE(alice.wait_for_tone(700, -35, seconds(20)));
  EXPECT_TRUE(bob.wait_for_tone(440, -35, seconds(20)));
  EXPECT_TRUE(eventually([&] { return sees_members({0, 1, 2}, node_count); }, seconds(20)));
  EXPECT_TRUE(eventually(
      [&] {
        const auto now = agreed_on(room);
        return now && now->participants == 2 && now->epoch > before->epoch;
      },
      seconds(20)));
  EXPECT_FALSE(alice.wait_for_bye(milliseconds(0)));
  EXPECT_EQ(alice.hang_up(), 200);
  EXPECT_EQ(bob.hang_up(), 200);
  for (const auto* from : {"+15550000001", "+15550000002"}) {
    const auto call = call_of(from);
    EXPECT_TRUE(application.wait_for_event("call.completed", call, seconds(30)));
    EXPECT_THAT(application.events_of(call),
                testing::ElementsAre("call.created", "call.answered", "call.completed"));
  }
}

} // namespace

} // namespace plenary::attack::freeze_test
