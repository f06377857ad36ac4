#include "node/watch/heartbeats.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <future>
#include <thread>

namespace plenary {

namespace {

constexpr std::chrono::seconds most_wait{20};

/// Looks until the one member of `seen` is as wanted.
template <class Wanted>
bool looks_like(const heartbeats& seen, Wanted wanted) {
  const auto end = std::chrono::steady_clock::now() + most_wait;
  while (std::chrono::steady_clock::now() < end) {
    const auto looks = seen.look();
    if (looks.size() == 1 && wanted(looks[0]))
      return true;
    std::this_thread::yield();
  }
  return false;
}

TEST(Heartbeats, ALookNamesTheThreadAndCountsItsBeats) {
  heartbeats seen;
  auto& own = seen.join("mixing");
  own.beat();
  own.beat();

  const auto looks = seen.look();

  ASSERT_EQ(looks.size(), 1U);
  EXPECT_EQ(looks[0].name, "mixing");
  EXPECT_EQ(looks[0].thread, ::gettid());
  EXPECT_EQ(looks[0].beats, 2U);
  EXPECT_TRUE(looks[0].runnable); // it is the one that looks
}

TEST(Heartbeats, AThreadThatSleepsIsNotRunnable) {
  heartbeats seen;
  std::promise<void> end;
  std::thread sleeper([&seen, ended = end.get_future()] {
    seen.join("sleeper");
    ended.wait();
  });

  EXPECT_TRUE(looks_like(seen, [](const thread_look& it) { return !it.runnable; }));

  end.set_value();
  sleeper.join();
}

TEST(Heartbeats, AThreadThatSpinsUsesTime) {
  heartbeats seen;
  std::atomic<bool> ends = false;
  std::thread spinner([&] {
    seen.join("spinner");
    while (!ends) {
    }
  });

  EXPECT_TRUE(looks_like(seen, [](const thread_look& it) {
    return it.runnable && it.worked_time > std::chrono::milliseconds{50};
  }));

  ends = true;
  spinner.join();
}

} // namespace

} // namespace plenary
