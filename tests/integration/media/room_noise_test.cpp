// Noise suppression is a room's own, wherever the room lives.

#include "tests/integration/live_cluster.hpp"

#include <fmt/format.h>

namespace plenary::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double hum = 300;

nlohmann::json suppression_of(plenaryd_process& node, const std::string& room) {
  const auto document = node.get_json("/v1/rooms/" + room);
  return document.is_object() ? document.value("noise_suppression", nlohmann::json(nullptr)) : document;
}

class RoomNoise : public LiveNode {};

TEST_F(RoomNoise, IsTakenOutInTheRoomThatSaysSoAndNotInAnother) {
  start();
  answer_by_caller({{"+15550000001", conference("quiet", {{"noise_suppression", true}})},
                    {"+15550000002", conference("quiet")},
                    {"+15550000003", conference("plain", {{"noise_suppression", false}})},
                    {"+15550000004", conference("plain", {{"noise_suppression", true}})}});
  rtp_caller noisy_in_quiet(caller(hum, "+15550000001"));
  rtp_caller ear_in_quiet(caller(0, "+15550000002"));
  rtp_caller noisy_in_plain(caller(hum, "+15550000003"));
  rtp_caller ear_in_plain(caller(0, "+15550000004"));
  for (auto* each : {&noisy_in_quiet, &ear_in_quiet, &noisy_in_plain, &ear_in_plain})
    ASSERT_TRUE(each->call());

  EXPECT_TRUE(eventually([&] { return heard_level(ear_in_quiet.listen(milliseconds(200)), hum) < -32; }))
      << "what never pauses is no voice: 14 dB down";
  const double plain = settled_level(ear_in_plain, hum);
  const double quiet = heard_level(ear_in_quiet.listen(milliseconds(400)), hum);

  fmt::print("a steady tone of -20 dBFS: {:.1f} dBFS in the quiet room, {:.1f} in the plain one\n", quiet,
             plain);
  EXPECT_NEAR(plain, -20, loudness_tolerance_db);
  EXPECT_LT(quiet, plain - 12);
  EXPECT_EQ(suppression_of(*node, "quiet"), true);
  EXPECT_EQ(suppression_of(*node, "plain"), false) << "the first caller's word counts";
}

class RoomNoiseInACluster : public LiveCluster {};

TEST_F(RoomNoiseInACluster, IsStillTheRoomsAfterItsNodeHasDied) {
  constexpr const char* room = "quiet";
  const std::string host = "+15550000001";
  const std::string guest = "+15550000002";
  answer_by_caller({{host, conference(room, {{"noise_suppression", true}})}, {guest, conference(room)}});
  start();
  auto says_so = std::make_unique<rtp_caller>(caller(0, 0, host));
  const auto owner = open_room(*says_so, room);
  ASSERT_LT(owner, node_count);
  const auto survivors = others(owner);
  rtp_caller stays(caller(survivors[0], 440, guest));
  ASSERT_TRUE(stays.call());
  const std::vector<std::size_t> all{0, 1, 2};
  ASSERT_TRUE(wait_for_room(room, 2));
  for (const auto index : all)
    EXPECT_EQ(suppression_of(node(index), room), true) << node(index).name();
  ASSERT_EQ(says_so->hang_up(), 200) << "nobody who said so is left";
  ASSERT_TRUE(wait_for_room(room, 1));

  node(owner).kill_at_once();

  const std::vector<std::size_t> left{survivors[0], survivors[1]};
  const auto moved = wait_for_room(room, 1, left);
  ASSERT_TRUE(moved);
  EXPECT_NE(moved->node, node(owner).name());
  for (const auto index : left)
    EXPECT_TRUE(eventually([&] { return suppression_of(node(index), room) == true; })) << node(index).name();
  ASSERT_TRUE(node(owner).start());
}

} // namespace

} // namespace plenary::test
