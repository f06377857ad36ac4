#include "node/sip/mailbox.hpp"
#include "node/sip/timers.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace plenary::sip_layer {

namespace {

/// Runs the stack's own polling loop on a thread of its own until `body`'s timers call re_cancel.
template <class Body>
void in_polling_loop(Body body) {
  std::thread thread([&] {
    libre_init();
    re_thread_init();
    fd_setsize(1024);
    poll_method_set(METHOD_EPOLL);
    body();
    re_thread_close();
  });
  thread.join();
}

TEST(Timers, OfTheStackAreThoseOfThisProgram) {
  in_polling_loop([] { EXPECT_TRUE(check_timers()); });
}

TEST(Timers, FireInOrderOfTheirTimeAndNotWhenCancelled) {
  in_polling_loop([] {
    std::string fired;
    stack_timer late([&] {
      fired += "late ";
      re_cancel();
    });
    stack_timer cancelled([&] { fired += "cancelled "; });
    stack_timer early([&] { fired += "early "; });

    late.start(std::chrono::milliseconds(20));
    cancelled.start(std::chrono::milliseconds(10));
    early.start(std::chrono::milliseconds(5));
    cancelled.cancel();
    re_main(nullptr);

    EXPECT_EQ(fired, "early late ");
    EXPECT_EQ(armed_timers(), 0U);
    EXPECT_FALSE(late.running());
  });
}

TEST(Mailbox, KeepsTheOrderOfEachOfManyThreads) {
  constexpr int threads = 4;
  constexpr int posts = 10'000;
  mailbox commands;
  std::array<int, threads> next{};
  bool ordered = true;
  std::vector<std::thread> producers;

  for (std::size_t who = 0; who < threads; ++who)
    producers.emplace_back([&, who] {
      for (int i = 0; i < posts; ++i)
        commands.post([&, who, i] { ordered = ordered && next[who]++ == i; });
    });
  while (std::any_of(next.begin(), next.end(), [&](int seen) { return seen < posts; }))
    commands.drain();
  for (auto& producer : producers)
    producer.join();

  EXPECT_TRUE(ordered);
  EXPECT_EQ(commands.backlog(), 0U);
}

} // namespace

} // namespace plenary::sip_layer
