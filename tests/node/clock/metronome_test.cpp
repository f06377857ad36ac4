#include "node/clock/metronome.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <vector>

namespace plenary {
namespace {

using namespace std::chrono_literals;

/// Collects beats and waits for their number.
class beats {
public:
  void add(mono_time due, std::uint64_t number) {
    std::lock_guard lock(mutex_);
    due_.push_back(due);
    numbers_.push_back(number);
    changed_.notify_all();
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return numbers_.size() >= count; });
  }
  std::vector<mono_time> due() {
    std::lock_guard lock(mutex_);
    return due_;
  }
  std::vector<std::uint64_t> numbers() {
    std::lock_guard lock(mutex_);
    return numbers_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<mono_time> due_;
  std::vector<std::uint64_t> numbers_;
};

TEST(Metronome, BeatsOnAnExactGridOfTwentyMilliseconds) {
  metronome clock{false};
  beats heard;

  auto subscription = clock.subscribe([&](mono_time due, std::uint64_t number) { heard.add(due, number); });

  ASSERT_TRUE(heard.wait_for(5));
  auto due = heard.due();
  auto numbers = heard.numbers();
  for (std::size_t i = 1; i < 5; ++i) {
    EXPECT_EQ(due[i] - due[i - 1], tick_period);
    EXPECT_EQ(numbers[i], numbers[i - 1] + 1);
  }
}

TEST(Metronome, SpreadsSubscribersOverItsSlots) {
  metronome clock{false};
  beats first;
  beats second;

  auto one = clock.subscribe([&](mono_time due, std::uint64_t number) { first.add(due, number); });
  auto two = clock.subscribe([&](mono_time due, std::uint64_t number) { second.add(due, number); });

  ASSERT_TRUE(first.wait_for(1));
  ASSERT_TRUE(second.wait_for(1));
  auto phase = (second.due()[0] - first.due()[0]) % tick_period;
  EXPECT_NE(phase, 0ns);
}

TEST(Metronome, IsSilentAfterTheSubscriptionEnded) {
  metronome clock{false};
  beats kept;
  int heard = 0;
  auto stays = clock.subscribe([&](mono_time due, std::uint64_t number) { kept.add(due, number); });

  auto subscription = clock.subscribe([&](mono_time, std::uint64_t) { ++heard; });
  subscription.reset();
  auto after_reset = heard;

  ASSERT_TRUE(kept.wait_for(3));
  EXPECT_EQ(heard, after_reset);
}

} // namespace
} // namespace plenary
