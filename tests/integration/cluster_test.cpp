#include "tests/integration/live_cluster.hpp"

#include <fmt/format.h>

namespace plenary::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr const char* room = "daily_support_room";
constexpr const char* alice_number = "+15550000001";
constexpr const char* bob_number = "+15550000002";

class Cluster : public LiveCluster {
protected:
  int control(std::size_t index, const std::string& call, const std::string& what) {
    const auto answer = node(index).post(fmt::format("/v1/rooms/{}/participants/{}/{}", room, call, what));
    return answer ? answer->status() : 0;
  }
};

TEST_F(Cluster, LetsTwoCallersOnTwoNodesMeetInOneRoom) {
  start();
  rtp_caller alice(caller(0, 440, alice_number));
  rtp_caller bob(caller(1, 700, bob_number));
  const auto began = steady_clock::now();

  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(alice.wait_for_tone(700));
  ASSERT_TRUE(bob.wait_for_tone(440));

  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
  const auto found = wait_for_room(room, 2);
  ASSERT_TRUE(found);
  fmt::print("both hear each other after {} ms; room on {} in epoch {}\n", took.count(), found->node,
             found->epoch);
  for (std::size_t index = 0; index < node_count; ++index)
    for (const auto* from : {alice_number, bob_number}) {
      const auto call = node(index).get_json("/v1/calls/" + call_of(from));
      EXPECT_EQ(call.is_object() ? call.value("room", "") : "", room) << node(index).name() << " of " << from;
    }
}

TEST_F(Cluster, ControlsCallersThroughANodeThatHoldsNeitherRoomNorCall) {
  start();
  const auto owner = owner_of_new(room);
  ASSERT_LT(owner, node_count);
  const auto [calls, third] = others(owner);
  rtp_caller alice(caller(calls, 440, alice_number));
  rtp_caller bob(caller(owner, 700, bob_number));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(bob.wait_for_tone(440));
  ASSERT_TRUE(alice.wait_for_tone(700));
  const auto hers = call_of(alice_number);

  EXPECT_EQ(control(third, hers, "mute"), 200);
  EXPECT_TRUE(eventually([&] { return !hears(bob, 440); }));
  EXPECT_EQ(control(third, hers, "unmute"), 200);
  EXPECT_TRUE(eventually([&] { return hears(bob, 440); }));
  EXPECT_EQ(control(third, hers, "kick"), 200);
  EXPECT_TRUE(alice.wait_for_bye());
  EXPECT_TRUE(wait_for_room(room, 1));
  const auto hangup = node(third).post("/v1/calls/" + call_of(bob_number) + "/hangup");
  EXPECT_EQ(hangup ? hangup->status() : 0, 200);
  EXPECT_TRUE(bob.wait_for_bye());
}

} // namespace

} // namespace plenary::test
