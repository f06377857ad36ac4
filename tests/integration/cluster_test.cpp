#include "tests/integration/live_cluster.hpp"

#include <fmt/format.h>

namespace plenary::test::cluster_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr const char* room = "daily_support_room";
constexpr const char* alice_number = "+15550000001";
constexpr const char* bob_number = "+15550000002";
constexpr const char* host_number = "+15550000009";

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
  rtp_caller host(caller(0, 0, host_number));
  const auto owner = open_room(host, room);
  ASSERT_LT(owner, node_count);
  const auto [calls, third] = others(owner);
  rtp_caller alice(caller(calls, 440, alice_number));
  rtp_caller bob(caller(owner, 700, bob_number));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(bob.wait_for_tone(440));
  ASSERT_TRUE(alice.wait_for_tone(700));
  ASSERT_EQ(host.hang_up(), 200);
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

TEST_F(Cluster, MakesOneRoomOfAHundredNewNamesThatTwoNodesJoinAtOnce) {
  constexpr int rooms = 100;
  constexpr int rooms_at_once = 10;
  std::map<std::string, nlohmann::json> documents;
  const auto name_of = [](int number) { return fmt::format("fresh-{}", number); };
  const auto from = [](int number, int side) { return fmt::format("+1555{}{:04}", side, number); };
  for (int number = 0; number < rooms; ++number)
    for (const int side : {1, 2})
      documents[from(number, side)] = conference(name_of(number));
  answer_by_caller(documents);
  start();
  const auto began = steady_clock::now();
  int whole = 0;
  std::map<std::string, int> owned;

  for (int first = 0; first < rooms; first += rooms_at_once) {
    std::vector<std::unique_ptr<rtp_caller>> callers;
    for (int number = first; number < first + rooms_at_once; ++number)
      for (const int side : {1, 2}) {
        const auto at = static_cast<std::size_t>(number + side) % node_count;
        callers.push_back(std::make_unique<rtp_caller>(caller(at, 0, from(number, side))));
      }
    for (auto& each : callers)
      each->invite();
    for (auto& each : callers)
      ASSERT_EQ(each->wait_for_answer().value_or(sip_message{}).status(), 200);
    for (int number = first; number < first + rooms_at_once; ++number)
      if (const auto found = wait_for_room(name_of(number), 2)) {
        ++whole;
        ++owned[found->node];
      }
    for (auto& each : callers)
      EXPECT_EQ(each->hang_up(), 200);
  }

  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
  fmt::print("{} of {} rooms hold both callers, {} ms\n", whole, rooms, took.count());
  for (const auto& [name, count] : owned)
    fmt::print("{} owned {} of them\n", name, count);
  EXPECT_EQ(whole, rooms);
}

} // namespace

} // namespace plenary::test::cluster_test
