#include "tests/integration/live_cluster.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <ctime>

namespace plenary::test::cluster_loss_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::IsSubsetOf;

constexpr const char* room = "daily_support_room";
constexpr const char* alice_number = "+15550000001";
constexpr const char* bob_number = "+15550000002";
constexpr const char* carol_number = "+15550000003";
constexpr const char* dave_number = "+15550000004";
constexpr const char* host_number = "+15550000009";

/// Within this time callers hear each other again when the room's node is gone.
constexpr milliseconds most_silence = seconds(3);

std::int64_t boot_clock_ns() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

/// Pairs of stretches of two nodes that share a moment.
int overlaps_of(const std::vector<mixed_stretch>& stretches) {
  int overlaps = 0;
  for (const auto& one : stretches)
    for (const auto& other : stretches)
      overlaps += one.node < other.node && one.first_ns <= other.last_ns && other.first_ns <= one.last_ns;
  return overlaps;
}

/// Two callers whose signalling is on the nodes that do not own the room.
class LossOfTheOwner : public LiveCluster {
protected:
  void meet() {
    rtp_caller host(caller(0, 0, host_number));
    owner = open_room(host, room);
    ASSERT_LT(owner, node_count);
    staying = {others(owner)[0], others(owner)[1]};
    alice = std::make_unique<rtp_caller>(caller(staying[0], 440, alice_number));
    bob = std::make_unique<rtp_caller>(caller(staying[1], 700, bob_number));
    ASSERT_TRUE(alice->call());
    ASSERT_TRUE(bob->call());
    ASSERT_TRUE(alice->wait_for_tone(700));
    ASSERT_TRUE(bob->wait_for_tone(440));
    ASSERT_EQ(host.hang_up(), 200);
  }

  void agree_before(std::size_t participants) {
    const auto found = wait_for_room(room, participants);
    ASSERT_TRUE(found);
    before = *found;
    ASSERT_EQ(before.node, node(owner).name());
    alice->watch_silence();
    bob->watch_silence();
  }

  /// Waits until both hear each other in audio that comes in now.
  bool both_hear() {
    return eventually([&] { return hears(*alice, 700) && hears(*bob, 440); });
  }

  void print_silence(const char* what) {
    fmt::print("{}: silence of {} ms at one and {} ms at the other caller, {} and {} re-INVITEs\n", what,
               alice->longest_silence().count(), bob->longest_silence().count(), alice->offers_taken(),
               bob->offers_taken());
  }

  /// Gives the time of the waking on the boot clock.
  std::int64_t freeze_for(milliseconds duration) {
    const auto frozen_at = steady_clock::now();
    node(owner).freeze();
    EXPECT_TRUE(both_hear());
    print_silence("freeze");
    alice->listen(std::chrono::duration_cast<milliseconds>(frozen_at + duration - steady_clock::now()));
    const auto woken_at = boot_clock_ns();
    node(owner).thaw();
    return woken_at;
  }

  /// All nodes name the same new owner, and no two of them ever mixed the room at the same time.
  void expect_one_owner_since(std::int64_t woken_at) {
    EXPECT_TRUE(eventually([&] { return sees_members({0, 1, 2}, node_count); }));
    const auto after = wait_for_room(room, 2);
    ASSERT_TRUE(after);
    EXPECT_GT(after->epoch, before.epoch);
    EXPECT_NE(after->node, before.node);
    EXPECT_TRUE(both_hear());
    alice->listen(seconds(1));
    const auto stretches = mixed(room);
    const auto by_woken = std::ranges::count_if(stretches, [&](const mixed_stretch& each) {
      return each.node == before.node && each.last_ns > woken_at;
    });
    fmt::print("freeze: epoch {} -> {}, {} stretches mixed, {} by the woken node, {} overlap\n", before.epoch,
               after->epoch, stretches.size(), by_woken, overlaps_of(stretches));
    const auto recovered = application.wait_for_event("room.recovered");
    fmt::print("freeze: told as {}\n",
               recovered ? recovered->document.value("data", nlohmann::json{}).dump() : "nothing");
    ASSERT_TRUE(recovered);
    EXPECT_GE(recovered->document.value("/data/gap_ms"_json_pointer, 0), 1500) << "the silence counts";
    EXPECT_GT(stretches.size(), 10U);
    EXPECT_EQ(by_woken, 0);
    EXPECT_EQ(overlaps_of(stretches), 0);
  }

  void TearDown() override {
    alice.reset();
    bob.reset();
    LiveCluster::TearDown();
  }

  std::size_t owner = node_count;
  std::vector<std::size_t> staying;
  agreed_room before;
  std::unique_ptr<rtp_caller> alice;
  std::unique_ptr<rtp_caller> bob;
};

TEST_F(LossOfTheOwner, ByAKillLetsCallersOnOtherNodesHearEachOtherAgain) {
  answer_by_caller({{carol_number, conference(room, {{"mute", true}, {"label", "Carol"}})}});
  start();
  ASSERT_NO_FATAL_FAILURE(meet());
  rtp_caller carol(caller(staying[0], 1500, carol_number));
  rtp_caller dave(caller(owner, 0, dave_number));
  ASSERT_TRUE(carol.call());
  ASSERT_TRUE(dave.call());
  ASSERT_NO_FATAL_FAILURE(agree_before(4));
  const auto daves = call_of(dave_number);
  const auto carols = call_of(carol_number);
  const auto renamed =
      node(staying[1])
          .patch(fmt::format("/v1/rooms/{}/participants/{}", room, carols), {{"label", "Carol of sales"}});
  ASSERT_TRUE(renamed && renamed->status() == 200) << (renamed ? renamed->body : "no answer");

  node(owner).kill_at_once();
  const auto statuses =
      statuses_until([&] { return agreed_on(room, staying) && sees_members(staying, node_count - 1); },
                     std::string("/v1/rooms/") + room, staying);

  ASSERT_TRUE(both_hear());
  EXPECT_THAT(statuses, IsSubsetOf({200, 503})) << "a room that moves is never said to be gone";
  ASSERT_NE(daves, "");
  const auto unknown = node(staying[0]).get("/v1/calls/" + daves);
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->status(), 503) << "its node may come back, but: " << unknown->body << " of " << daves;
  print_silence("kill");
  EXPECT_LT(alice->longest_silence(), most_silence);
  EXPECT_LT(bob->longest_silence(), most_silence);
  const auto after = wait_for_room(room, 3, staying);
  ASSERT_TRUE(after);
  EXPECT_GT(after->epoch, before.epoch);
  EXPECT_NE(after->node, before.node);
  const auto carol_after = participant(staying[1], room, carols);
  ASSERT_TRUE(carol_after.is_object());
  EXPECT_TRUE(carol_after.value("muted", false));
  EXPECT_EQ(carol_after.value("label", ""), "Carol of sales") << "what the API changed moves along";
  EXPECT_EQ(carol_after.value("from", ""), carol_number);
  EXPECT_FALSE(hears(*bob, 1500));
  const auto recovered = application.wait_for_event("room.recovered");
  ASSERT_TRUE(recovered);
  fmt::print("kill: epoch {} -> {}, told as {}\n", before.epoch, after->epoch,
             recovered->document.value("data", nlohmann::json{}).dump());
  ASSERT_TRUE(node(owner).start()) << node(owner).output();
  const auto failed = application.wait_for_event("call.failed", daves);
  EXPECT_TRUE(failed);
}

TEST_F(LossOfTheOwner, ByAFreezeDoesNotLetTheWokenNodeMix) {
  start({{"cluster", "tick_log = true"}});
  ASSERT_NO_FATAL_FAILURE(meet());
  ASSERT_NO_FATAL_FAILURE(agree_before(2));

  const auto woken_at = freeze_for(seconds(3));

  EXPECT_LT(alice->longest_silence(), most_silence);
  EXPECT_LT(bob->longest_silence(), most_silence);
  expect_one_owner_since(woken_at);
}

TEST_F(LossOfTheOwner, ByAFreezeNeverMakesTwoNodesMixUnderHold) {
  start({{"cluster", "tick_log = true\non_partition = \"hold\""}});
  ASSERT_NO_FATAL_FAILURE(meet());
  ASSERT_NO_FATAL_FAILURE(agree_before(2));

  const auto woken_at = freeze_for(seconds(4));

  expect_one_owner_since(woken_at);
}

TEST_F(LossOfTheOwner, ByADrainDropsNobody) {
  start({{"node", "drain_deadline_s = 20"}});
  ASSERT_NO_FATAL_FAILURE(meet());
  ASSERT_NO_FATAL_FAILURE(agree_before(2));

  const auto began = steady_clock::now();
  node(owner).process().signal(SIGTERM);
  const auto status = node(owner).process().wait_for_exit(seconds(20));

  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(both_hear());
  print_silence("drain");
  fmt::print("drain: the node left after {} ms\n", took.count());
  EXPECT_LT(alice->longest_silence(), seconds(1));
  EXPECT_LT(bob->longest_silence(), seconds(1));
  const auto after = wait_for_room(room, 2, staying);
  ASSERT_TRUE(after);
  EXPECT_GT(after->epoch, before.epoch);
  EXPECT_NE(after->node, before.node);
  EXPECT_FALSE(alice->wait_for_bye(milliseconds(0)));
  EXPECT_FALSE(bob->wait_for_bye(milliseconds(0)));
}

class RollingRestart : public LiveCluster {};

TEST_F(RollingRestart, KeepsTheCallsOfTheStayingNodeAndLosesNoEvent) {
  start({{"node", "drain_deadline_s = 10"}});
  rtp_caller host(caller(0, 0, host_number));
  const auto owner = open_room(host, room);
  ASSERT_LT(owner, node_count);
  const auto [staying, other] = others(owner);
  rtp_caller alice(caller(staying, 440, alice_number));
  rtp_caller bob(caller(staying, 700, bob_number));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(alice.wait_for_tone(700));
  ASSERT_TRUE(bob.wait_for_tone(440));
  ASSERT_EQ(host.hang_up(), 200);
  ASSERT_TRUE(wait_for_room(room, 2));
  alice.watch_silence();
  bob.watch_silence();

  for (const auto leaving : {owner, other}) {
    EXPECT_EQ(node(leaving).terminate(), 0);
    ASSERT_TRUE(node(leaving).start()) << node(leaving).output();
    ASSERT_TRUE(eventually([&] { return sees_members({0, 1, 2}, node_count); }));
    ASSERT_TRUE(wait_for_room(room, 2));
    EXPECT_TRUE(hears(alice, 700) && hears(bob, 440));
  }

  fmt::print("rolling restart: silence of {} and {} ms, {} and {} re-INVITEs\n",
             alice.longest_silence().count(), bob.longest_silence().count(), alice.offers_taken(),
             bob.offers_taken());
  EXPECT_LT(alice.longest_silence(), seconds(1));
  EXPECT_LT(bob.longest_silence(), seconds(1));
  EXPECT_GE(alice.offers_taken(), 1) << "the room was on the node that left first";
  EXPECT_EQ(alice.hang_up(), 200);
  EXPECT_EQ(bob.hang_up(), 200);
  for (const auto* from : {alice_number, bob_number}) {
    const auto call = call_of(from);
    EXPECT_TRUE(application.wait_for_event("call.completed", call));
    EXPECT_THAT(application.events_of(call), ElementsAre("call.created", "call.answered", "call.completed"));
  }
}

} // namespace

} // namespace plenary::test::cluster_loss_test
