#include "node/watched_scheduler.hpp"

#include <caf/all.hpp>

#include <gmock/gmock.h>

#include <set>
#include <thread>

namespace plenary {

namespace {

constexpr std::chrono::seconds most_watching{30};

std::map<pid_t, std::uint64_t> beats_of(const heartbeats& seen) {
  std::map<pid_t, std::uint64_t> beats;
  for (const auto& each : seen.look())
    beats[each.thread] = each.beats;
  return beats;
}

/// Looks until the condition holds for the beats by thread.
bool comes_true(const heartbeats& seen,
                const std::function<bool(const std::map<pid_t, std::uint64_t>&)>& wanted) {
  const auto end = std::chrono::steady_clock::now() + most_watching;
  while (std::chrono::steady_clock::now() < end) {
    if (wanted(beats_of(seen)))
      return true;
    std::this_thread::yield();
  }
  return false;
}

/// A system of three workers whose heartbeats the test sees.
class WatchedScheduler : public ::testing::Test {
protected:
  static constexpr std::size_t workers = 3;

  WatchedScheduler() {
    watch_workers(config_, seen_);
    config_.set("scheduler.max-threads", workers);
    system_ = std::make_unique<caf::actor_system>(config_);
  }

  /// Threads other than `stuck` whose beats have grown since `before`.
  static std::size_t moved(const std::map<pid_t, std::uint64_t>& before,
                           const std::map<pid_t, std::uint64_t>& now) {
    std::size_t count = 0;
    for (const auto& [thread, beats] : now)
      count += before.contains(thread) && beats > before.at(thread) ? 1U : 0U;
    return count;
  }

  heartbeats seen_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
};

TEST_F(WatchedScheduler, EveryWorkerBeatsThoughThereIsNothingToDo) {
  ASSERT_TRUE(comes_true(seen_, [](const auto& beats) { return beats.size() == workers; }));
  const auto before = beats_of(seen_);

  EXPECT_TRUE(comes_true(seen_, [&](const auto& now) { return moved(before, now) == workers; }));
}

TEST_F(WatchedScheduler, AWorkerInAnActorThatDoesNotReturnStandsStillWhileTheOthersBeat) {
  std::atomic<pid_t> held = 0;
  std::atomic<bool> let_go = false;
  ASSERT_TRUE(comes_true(seen_, [](const auto& beats) { return beats.size() == workers; }));
  system_->spawn([&held, &let_go](caf::event_based_actor*) {
    held = ::gettid();
    while (!let_go) {
    }
  });
  ASSERT_TRUE(comes_true(seen_, [&](const auto&) { return held != 0; }));
  const auto before = beats_of(seen_);
  ASSERT_TRUE(before.contains(held));

  // Each of the others twice, and the held one not once.
  EXPECT_TRUE(comes_true(seen_, [&](const auto& now) { return moved(before, now) == workers - 1; }));
  const auto between = beats_of(seen_);
  EXPECT_TRUE(comes_true(seen_, [&](const auto& now) { return moved(between, now) == workers - 1; }));
  EXPECT_EQ(beats_of(seen_).at(held), before.at(held));

  let_go = true;
  EXPECT_TRUE(comes_true(seen_, [&](const auto& now) { return now.at(held) > before.at(held); }));
}

TEST_F(WatchedScheduler, ManyActorsAreServed) {
  constexpr int messages = 1000;
  std::atomic<int> served = 0;
  std::vector<caf::actor> actors;
  for (int i = 0; i < 50; ++i)
    actors.push_back(system_->spawn([&served]() -> caf::behavior { return {[&served](int) { ++served; }}; }));

  for (int i = 0; i < messages; ++i)
    caf::anon_send(actors[static_cast<std::size_t>(i) % actors.size()], i);

  EXPECT_TRUE(comes_true(seen_, [&](const auto&) { return served == messages; }));
}

} // namespace

} // namespace plenary
