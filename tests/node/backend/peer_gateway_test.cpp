#include "node/peer_gateway.hpp"
#include "tests/actors/actor_world.hpp"
#include "tests/node/backend/scripted_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenary {
namespace {

const node_name peer_b{"node-b"};

/// A gateway to a directory that notes what it hears.
class PeerGateway : public ::testing::Test {
protected:
  PeerGateway()
      : directory(world.system().spawn(test::scripted_directory, &script)) {}
  ~PeerGateway() override {
    gateway.close();
    caf::anon_send_exit(directory, caf::exit_reason::user_shutdown);
    directory = nullptr;
    world.settle();
  }

  void link_up() {
    peer_identity peer;
    peer.name = peer_b;
    gateway.on_link_up(peer, {});
  }
  void tell_rooms() {
    gateway.on_request(peer_b, peer::rooms_changed{true, {}, {}},
                       [this](result<peer_reply> answer) { answers.push_back(std::move(answer)); });
  }

  test::actor_world world;
  test::directory_script script;
  directory_actor directory;
  peer_gateway gateway{[](const node_name&, std::uint64_t) {}};
  std::vector<result<peer_reply>> answers;
};

TEST_F(PeerGateway, PassesOnInOrderWhatPeersTellAndAskWhileTheNodeStarts) {
  link_up();
  tell_rooms(); // only once: a node that refuses it never learns that peer's rooms
  gateway.on_status(peer_b, {}, {});
  world.settle();
  const auto before = script.told;

  gateway.open(directory);
  world.settle();

  EXPECT_THAT(before, testing::IsEmpty());
  EXPECT_THAT(script.told, testing::ElementsAre("up node-b", "request node-b", "status node-b"));
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0]);
}

TEST_F(PeerGateway, RefusesRequestsOnceTheNodeStops) {
  gateway.open(directory);
  gateway.close();

  tell_rooms();

  ASSERT_EQ(answers.size(), 1U);
  ASSERT_FALSE(answers[0]);
  EXPECT_EQ(answers[0].error().code, errc::unavailable);
}

} // namespace
} // namespace plenary
