#include "node/work/worker_pool.hpp"
#include "tests/support/fake_edges.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>

#include <future>

namespace plenary {
namespace {

TEST(WorkerPool, RunsJobsBesideEachOther) {
  test::counting_telemetry meters;
  worker_pool pool(2, meters);
  std::promise<void> first;
  std::promise<void> second;
  auto first_ran = first.get_future().share();
  auto second_ran = second.get_future();

  // The first job waits for the second one: both run at a time.
  std::promise<void> both;
  EXPECT_TRUE(pool.post([&] {
    second_ran.wait();
    both.set_value();
  }));
  EXPECT_TRUE(pool.post([&] { second.set_value(); }));

  EXPECT_EQ(both.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
}

TEST(WorkerPool, TakesAsManyJobsAsMayWaitAndNotOneMore) {
  test::counting_telemetry meters;
  worker_pool pool(1, meters);
  std::promise<void> running;
  std::promise<void> go_on;
  std::promise<void> last;
  std::atomic<std::size_t> ran{0};
  ASSERT_TRUE(pool.post([&] {
    running.set_value();
    go_on.get_future().wait();
  }));
  running.get_future().wait();

  for (std::size_t i = 1; i < worker_pool::most_waiting; ++i)
    ASSERT_TRUE(pool.post([&] { ++ran; }));
  EXPECT_TRUE(pool.post([&] { last.set_value(); }));
  EXPECT_FALSE(pool.post([&] { ++ran; }));

  EXPECT_EQ(meters[counter::work_refused], 1U);
  go_on.set_value();
  EXPECT_EQ(last.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
  EXPECT_EQ(ran, worker_pool::most_waiting - 1);
}

TEST(WorkerPool, TakesNothingOnceStopped) {
  test::counting_telemetry meters;
  worker_pool pool(2, meters);

  pool.stop();

  EXPECT_FALSE(pool.post([] { FAIL(); }));
  pool.stop();
}

TEST(WorkerPool, NeverRunsAtRealTimePriority) {
  test::counting_telemetry meters;
  worker_pool pool(1, meters);
  std::promise<int> policy;

  pool.post([&] {
    sched_param parameters{};
    int found = -1;
    pthread_getschedparam(pthread_self(), &found, &parameters);
    policy.set_value(found);
  });

  EXPECT_EQ(policy.get_future().get(), SCHED_OTHER);
}

} // namespace
} // namespace plenary
