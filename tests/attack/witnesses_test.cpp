#include "tests/attack/under_attack.hpp"

namespace plenary::attack::witnesses_test {

namespace {

using std::chrono::milliseconds;

test::time_span span(int from, int to) {
  const std::chrono::steady_clock::time_point zero{};
  return {zero + milliseconds(from), zero + milliseconds(to)};
}

TEST(LostTime, CountsOnceInAPauseAndInWhatAJitterBufferHoldsBeforeIt) {
  const auto pause = span(1000, 1200);

  EXPECT_EQ(covered(pause, {}), milliseconds(0));
  EXPECT_EQ(covered(pause, {span(1050, 1100)}), milliseconds(50));
  EXPECT_EQ(covered(pause, {span(1050, 1100), span(1060, 1120)}), milliseconds(70));
  EXPECT_EQ(covered(pause, {span(1150, 1300), span(600, 800)}), milliseconds(150));
  EXPECT_EQ(covered(pause, {span(0, 690), span(1200, 1400)}), milliseconds(0));
}

class Witnesses : public UnderAttack {};

TEST_F(Witnesses, NoticeANodeThatStandsStill) {
  begin();
  test::rtp_caller clock(caller());

  // What the machine took from the witnesses meanwhile is no pause of the node's: on a busy one, try again.
  constexpr int most_tries = 10;
  for (int i = 0; i < most_tries && talkers->longest() <= milliseconds(150); ++i) {
    talkers->watch();
    node->freeze();
    clock.listen(milliseconds(300)); // of its own ticks; nothing comes in
    node->thaw();
    EXPECT_TRUE(talkers->hear_each_other());
  }

  EXPECT_GT(talkers->longest(), milliseconds(150));
  EXPECT_FALSE(talkers->undisturbed());
}

TEST_F(Witnesses, AreUndisturbedWhenNothingHappens) {
  begin();
  test::rtp_caller clock(caller());

  clock.listen(milliseconds(1000));

  expect_unharmed();
}

} // namespace

} // namespace plenary::attack::witnesses_test
