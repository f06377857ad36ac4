#include "tests/node/link/link_world.hpp"

namespace plenary::test {

TEST(Link, ComesUpOnBothSidesWhenTheSmallerNameDials) {
  linked_node b{node_settings("node-b")};

  linked_node a{node_settings("node-a", {b.address()})};

  ASSERT_TRUE(a.listener.wait_for_link("node-b"));
  ASSERT_TRUE(b.listener.wait_for_link("node-a"));
  EXPECT_EQ(b.listener.ups()[0].peer, a.network->identity());
}

TEST(Link, ComesUpWhenTheLargerNameDialsBecauseTheSmallerDialsBack) {
  linked_node a{node_settings("node-a")};

  linked_node b{node_settings("node-b", {a.address()})};

  ASSERT_TRUE(a.listener.wait_for_link("node-b"));
  ASSERT_TRUE(b.listener.wait_for_link("node-a"));
}

TEST(Link, CarriesRequestsInBothDirections) {
  linked_node a{node_settings("node-a")};
  linked_node b{node_settings("node-b", {a.address()})};
  auto place = [](const node_name&, const peer_request& what, const peer_network::callback& answer) {
    answer(peer::room_place{{std::get<peer::locate_room>(std::get<directory_request>(what)).key.name}, 7});
  };
  a.listener.answer_with(place);
  b.listener.answer_with(place);
  ASSERT_TRUE(a.listener.wait_for_link("node-b"));
  ASSERT_TRUE(b.listener.wait_for_link("node-a"));

  auto from_b = a.ask("node-b", peer::locate_room{{{"cust"}, "standup"}});
  auto from_a = b.ask("node-a", peer::locate_room{{{"cust"}, "retro"}});

  ASSERT_TRUE(from_b.has_value()) << from_b.error().message;
  ASSERT_TRUE(from_a.has_value()) << from_a.error().message;
  EXPECT_EQ(std::get<peer::room_place>(*from_b).owner.value, "standup");
  EXPECT_EQ(std::get<peer::room_place>(*from_a).owner.value, "retro");
}

TEST(Link, EndsAtOnceOnTheOtherSideWhenANodeGoes) {
  linked_node a{node_settings("node-a")};
  linked_node b{node_settings("node-b", {a.address()})};
  ASSERT_TRUE(a.listener.wait_for_link("node-b"));

  b.network.reset();

  ASSERT_TRUE(a.listener.wait_for_story("down node-b closed")) << "not silent";
  EXPECT_EQ(a.counters[counter::links_ended_closed], 1u);
}

TEST(Link, AnswersThatThereIsNone) {
  linked_node a{node_settings("node-a")};

  auto answer = a.ask("node-b", peer::drain_node{});

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, errc::unavailable);
}

} // namespace plenary::test
