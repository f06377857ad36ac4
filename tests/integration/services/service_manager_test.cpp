// A real plenaryd under a service manager of Type=notify with a watchdog: what it is told, and when it is
// not.

#include "tests/integration/live_node.hpp"
#include "tests/support/service_manager.hpp"

#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <fstream>

namespace plenary::test::service_manager_test {

namespace {

constexpr std::chrono::seconds interval{4};
constexpr std::chrono::seconds most_wait{20};

/// Threads of a process that bear this name.
std::vector<pid_t> threads_named(pid_t process, const std::string& name) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process))) {
    std::ifstream file(entry.path() / "comm");
    std::string own;
    if (std::getline(file, own) && own == name)
      found.push_back(std::stoi(entry.path().filename()));
  }
  return found;
}

/// Holds one thread of a child process, as a debugger does; lets it go when destroyed.
class held_thread {
public:
  explicit held_thread(pid_t thread)
      : thread_(thread) {
    holds_ = ::ptrace(PTRACE_SEIZE, thread_, nullptr, nullptr) == 0 &&
             ::ptrace(PTRACE_INTERRUPT, thread_, nullptr, nullptr) == 0 &&
             ::waitpid(thread_, nullptr, __WALL) == thread_;
  }
  ~held_thread() {
    if (holds_)
      ::ptrace(PTRACE_DETACH, thread_, nullptr, nullptr);
  }
  held_thread(const held_thread&) = delete;
  held_thread& operator=(const held_thread&) = delete;

  bool holds() const { return holds_; }

private:
  pid_t thread_;
  bool holds_ = false;
};

class ServiceManager : public LiveNode {
protected:
  void start_managed() {
    plenaryd_settings settings;
    settings.environment = {
        {"NOTIFY_SOCKET", manager.address()},
        {"WATCHDOG_USEC",
         std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(interval).count())}};
    start(std::move(settings));
  }

  /// Holds one thread of this name and tells whether the feeding ends with it and begins again after it.
  void expect_that_feeding_depends_on(const std::string& name) {
    const auto threads = threads_named(node->process().pid(), name);
    ASSERT_FALSE(threads.empty()) << name;
    for (const auto thread : threads) {
      {
        const held_thread held(thread);
        if (!held.holds())
          GTEST_SKIP() << "no permission to hold a thread of another process";
        while (manager.next(std::chrono::milliseconds{0})) {
        }
        // Half the interval until it counts as stuck, by looks that a busy machine may delay; one feed a look
        // at most.
        EXPECT_LE(manager.count_until_silent("WATCHDOG=1", interval), 6) << name;
        EXPECT_TRUE(node->process().wait_for_text("\"event\":\"thread_stuck\"", most_wait));
      }
      EXPECT_TRUE(manager.hears("WATCHDOG=1", most_wait)) << name << " goes on";
    }
  }

  service_manager manager;
};

TEST_F(ServiceManager, IsToldWhenTheNodeTakesCallsAndWhenItEnds) {
  start_managed();

  EXPECT_TRUE(manager.hears("READY=1", most_wait));
  EXPECT_TRUE(manager.hears("WATCHDOG=1", most_wait));
  EXPECT_TRUE(manager.hears("WATCHDOG=1", most_wait));
  node->process().signal(SIGTERM);
  EXPECT_TRUE(manager.hears("STOPPING=1", most_wait));
  EXPECT_EQ(node->process().wait_for_exit(most_wait), 0);
}

TEST_F(ServiceManager, FeedsNoWatchdogWhileAMixingThreadStandsStill) {
  start_managed();

  expect_that_feeding_depends_on("caf.multiplexer");
}

TEST_F(ServiceManager, FeedsNoWatchdogWhileTheMetronomeStandsStill) {
  start_managed();

  expect_that_feeding_depends_on("metronome");
}

TEST_F(ServiceManager, WhenItsSocketCannotBeUsedTheNodeServesAllTheSame) {
  plenaryd_settings settings;
  settings.environment = {{"NOTIFY_SOCKET", "vsock:2:1"}, {"WATCHDOG_USEC", "4000000"}};
  start(std::move(settings));

  EXPECT_NE(node->output().find("service_manager_unreachable"), std::string::npos);
  EXPECT_TRUE(node->get("/v1/rooms"));
}

} // namespace
} // namespace plenary::test::service_manager_test
