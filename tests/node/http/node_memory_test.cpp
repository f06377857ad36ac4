#include "node/http/node_memory.hpp"
#include "tests/node/http/one_call_and_room.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using test::noon;

std::vector<node_description> members(std::vector<std::pair<std::string, member_phase>> list) {
  std::vector<node_description> made;
  for (auto& [name, phase] : list)
    made.push_back(test::one_call_and_room::node(name, phase));
  return made;
}

TEST(NodeMemory, ShowsALostMemberSinceTheFirstTimeItWasMissed) {
  node_memory memory;
  memory.update(members({{"a", member_phase::live}, {"b", member_phase::live}}), noon);

  memory.update(members({{"a", member_phase::live}}), noon + 5s);
  auto nodes = memory.update(members({{"a", member_phase::live}}), noon + 9s);

  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_FALSE(nodes[0].lost_since);
  EXPECT_EQ(nodes[1].identity.name.value, "b");
  EXPECT_EQ(nodes[1].lost_since, noon + 5s);
}

TEST(NodeMemory, ForgetsWhoReturnsWhoDrainedAndWhoIsGoneForLong) {
  node_memory memory;
  memory.update(
      members({{"a", member_phase::live}, {"b", member_phase::live}, {"c", member_phase::draining}}), noon);

  auto without_drained = memory.update(members({{"a", member_phase::live}}), noon + 1s);
  auto returned = memory.update(members({{"a", member_phase::live}, {"b", member_phase::live}}), noon + 2s);
  memory.update(members({{"a", member_phase::live}}), noon + 3s);
  auto later = memory.update(members({{"a", member_phase::live}}), noon + 3s + node_memory::patience);

  EXPECT_EQ(without_drained.size(), 2u);
  ASSERT_EQ(returned.size(), 2u);
  EXPECT_FALSE(returned[1].lost_since);
  EXPECT_EQ(later.size(), 1u);
}

TEST(NodeMemory, DoesNotMissANodeThatWasToldToLeaveAndLeftAtOnce) {
  auto both = members({{"a", member_phase::live}, {"b", member_phase::live}});
  auto one = members({{"a", member_phase::live}});
  node_memory memory;
  memory.update(both, noon);

  memory.set_leaving({"b"}, true, noon);
  auto left = memory.update(one, noon + 1s);
  memory.update(both, noon + 2s);
  auto lost_later = memory.update(one, noon + 3s);
  memory.update(both, noon + 4s);
  memory.set_leaving({"b"}, true, noon + 4s);
  memory.set_leaving({"b"}, false, noon + 5s);
  auto lost_after_cancelling = memory.update(one, noon + 6s);

  EXPECT_EQ(left.size(), 1u);
  EXPECT_EQ(lost_later.size(), 2u);
  EXPECT_EQ(lost_after_cancelling.size(), 2u);
}

} // namespace
} // namespace plenary
