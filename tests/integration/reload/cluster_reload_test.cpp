#include "tests/integration/live_cluster.hpp"

#include <csignal>
#include <fstream>

namespace plenary::test::cluster_reload_test {

namespace {

using std::chrono::seconds;

constexpr const char* added_number = "+15551230008";

class ClusterReload : public LiveCluster {
protected:
  void add_number(std::size_t index) {
    std::ofstream{node(index).directory() / "plenary.toml", std::ios::app}
        << fmt::format("[[did]]\nnumber = \"{}\"\napplication = \"app_demo\"\n", added_number);
  }
  bool reload(std::size_t index) {
    node(index).process().signal(SIGHUP);
    return says(index, fmt::format("\"changed\":\"did {} added\"", added_number));
  }
  bool says(std::size_t index, const std::string& words) {
    return node(index).process().wait_for_text(words, seconds(20)).has_value();
  }
  int status_of_call(std::size_t index) {
    auto options = caller(index, 0, "+15550000005");
    options.to = added_number;
    rtp_caller one(options);
    one.invite();
    const auto answer = one.wait_for_answer(seconds(5));
    return answer ? answer->status() : 0;
  }
};

TEST_F(ClusterReload, ANumberOfOneNodeOnlyIsToldAndPartsNobody) {
  start();
  rtp_caller alice(caller(0, 440, "+15550000001"));
  rtp_caller bob(caller(1, 700, "+15550000002"));
  ASSERT_TRUE(alice.call() && bob.call());

  add_number(0);
  ASSERT_TRUE(reload(0));

  EXPECT_EQ(status_of_call(0), 200);
  EXPECT_EQ(status_of_call(1), 404);
  for (const std::size_t index : {0, 1, 2})
    EXPECT_TRUE(says(index, "\"event\":\"customers_differ\"")) << index;
  EXPECT_TRUE(says(1, "\"event\":\"customers_differ\",\"peer\":\"node-a\",\"differ\":\"numbers\""));
  EXPECT_TRUE(alice.wait_for_tone(700));
  EXPECT_TRUE(bob.wait_for_tone(440));

  add_number(1);
  node(1).kill_at_once();
  ASSERT_TRUE(node(1).start()) << "a node that starts with it is let in";
  add_number(2);
  ASSERT_TRUE(reload(2));

  EXPECT_TRUE(eventually([&] { return sees_members({0, 1, 2}, node_count); }, seconds(20)));
  EXPECT_TRUE(says(0, "\"event\":\"customers_agree\",\"peer\":\"node-c\""));
  EXPECT_EQ(status_of_call(1), 200);
}

} // namespace

} // namespace plenary::test::cluster_reload_test
