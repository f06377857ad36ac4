#include "node/watch/liveness.hpp"

#include <gtest/gtest.h>

namespace plenary {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience{2000};
constexpr milliseconds look_pause{250};

/// Two threads under watch over simulated time.
class Liveness : public ::testing::Test {
protected:
  /// Looks `times` times, a pause apart, while `change` says what the threads do meanwhile.
  template <class Change>
  std::optional<stuck_thread> look(int times, Change change) {
    std::optional<stuck_thread> said;
    for (int i = 0; i < times; ++i) {
      now_ += look_pause;
      change();
      said = judge_.step(now_, looks_);
    }
    return said;
  }

  void beat(std::size_t which) { ++looks_[which].beats; }

  liveness::time_point now_{std::chrono::hours{1}};
  std::vector<thread_look> looks_{{"metronome", 11, 0, false, {}}, {"mixing", 12, 0, false, {}}};
  liveness judge_{patience, 2 * look_pause};
};

TEST_F(Liveness, ThreadsThatBeatAreAlive) {
  const auto said = look(1000, [&] {
    beat(0);
    beat(1);
  });

  EXPECT_FALSE(said);
}

TEST_F(Liveness, AThreadThatStandsStillIsNamedOnceThePatienceIsOver) {
  look(1, [] {});

  const auto at_limit = look(8, [&] { beat(0); });
  const auto above = look(1, [&] { beat(0); });

  EXPECT_FALSE(at_limit);
  ASSERT_TRUE(above);
  EXPECT_EQ(above->name, "mixing");
  EXPECT_EQ(above->thread, 12);
  EXPECT_EQ(above->since, patience + look_pause);
}

TEST_F(Liveness, AStillMetronomeIsNotMadeUpForByBusyWorkers) {
  const auto said = look(20, [&] { beat(1); });

  ASSERT_TRUE(said);
  EXPECT_EQ(said->name, "metronome");
}

TEST_F(Liveness, AnEndlessLoopIsNoProgress) {
  looks_[1].runnable = true;

  const auto said = look(20, [&] {
    beat(0);
    looks_[1].worked_time += look_pause;
  });

  ASSERT_TRUE(said);
  EXPECT_EQ(said->name, "mixing");
}

TEST_F(Liveness, AThreadThatWaitsForAProcessorIsNotStuck) {
  looks_[1].runnable = true;

  const auto said = look(1000, [&] { beat(0); });

  EXPECT_FALSE(said);
}

TEST_F(Liveness, OneBeatEndsTheSuspicion) {
  ASSERT_TRUE(look(20, [&] { beat(0); }));

  const auto said = look(1, [&] {
    beat(0);
    beat(1);
  });

  EXPECT_FALSE(said);
}

TEST_F(Liveness, AProcessThatWasStoppedAsAWholeIsNotTakenForStuck) {
  look(2, [&] {
    beat(0);
    beat(1);
  });
  now_ += std::chrono::hours{2};

  const auto said = look(1, [] {});

  EXPECT_FALSE(said);
}

TEST_F(Liveness, OfSeveralStillThreadsTheLongestIsNamed) {
  look(4, [&] { beat(1); });

  const auto said = look(9, [] {});

  ASSERT_TRUE(said);
  EXPECT_EQ(said->name, "metronome");
}

} // namespace

} // namespace plenary
