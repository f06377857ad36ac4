#include "actors/room/mixing_gate.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using verdict = mixing_gate::verdict;

TEST(MixingGate, PausesAndResumesWithThePermit) {
  mixing_gate gate{false};

  EXPECT_EQ(gate.tick(true, false), verdict::mix);
  EXPECT_EQ(gate.tick(false, false), verdict::pause);
  EXPECT_EQ(gate.tick(false, false), verdict::rest);
  EXPECT_EQ(gate.tick(true, false), verdict::resume);
  EXPECT_EQ(gate.tick(true, false), verdict::mix);
}

TEST(MixingGate, MixesAVacatedRoomUntilItsFirstPause) {
  mixing_gate gate{false};

  EXPECT_EQ(gate.tick(true, true), verdict::mix);
  EXPECT_EQ(gate.tick(false, true), verdict::pause);
  EXPECT_EQ(gate.tick(true, true), verdict::rest);
}

TEST(MixingGate, StaysSilentWhenTheRoomWasVacatedInAPause) {
  mixing_gate gate{false};
  gate.tick(false, false);

  EXPECT_EQ(gate.tick(true, true), verdict::rest);
}

TEST(MixingGate, PausesAVacatedRoomAtOnceThatMustNeverBeMixedTwice) {
  mixing_gate gate{true};

  EXPECT_EQ(gate.tick(true, false), verdict::mix);
  EXPECT_EQ(gate.tick(true, true), verdict::pause);
  EXPECT_EQ(gate.tick(true, true), verdict::rest);
}

} // namespace
} // namespace plenary
