#include "tests/attack/under_attack.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <set>
#include <thread>

namespace plenary::attack::clock_test {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using test::received_webhook;
using test::rtp_caller;

constexpr const char* carol_number = "+15550000013";

/// A node whose wall clock the test sets.
class WallClock : public UnderAttack {
protected:
  void begin_with_clock() {
    set(seconds(0));
    test::plenaryd_settings settings;
    settings.environment["SET_CLOCK_FILE"] = file_.string();
    settings.environment["LD_PRELOAD"] = SET_CLOCK;
    const char* usual = std::getenv("ASAN_OPTIONS");
    settings.environment["ASAN_OPTIONS"] =
        fmt::format("{}verify_asan_link_order=0", usual != nullptr ? std::string(usual) + ":" : "");
    begin(settings);
  }

  /// How far the node's clock is ahead of the real one from now on.
  void set(std::chrono::nanoseconds ahead) {
    const test::file_descriptor file(::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::int64_t offset = ahead.count();
    ASSERT_EQ(::pwrite(file.get(), &offset, sizeof offset, 0), static_cast<ssize_t>(sizeof offset));
  }

  /// A short call; its id.
  std::string call_once(const std::string& from) {
    rtp_caller phone(caller(0, from));
    EXPECT_TRUE(phone.call());
    EXPECT_EQ(phone.hang_up(), 200);
    return call_of(from, "call.completed");
  }

  /// The id of the call from this number, when the event has come.
  std::string call_of(const std::string& from, const std::string& event) {
    std::string call;
    const auto deadline = steady_clock::now() + seconds(30);
    for (; call.empty() && steady_clock::now() < deadline; std::this_thread::sleep_for(milliseconds(20)))
      for (const auto& each : application.webhooks())
        if (each.event == event && each.document.value("/call/from"_json_pointer, "") == from)
          call = each.call;
    EXPECT_NE(call, "") << event << " of " << from;
    return call;
  }

  std::vector<received_webhook> events(const std::string& call) {
    std::vector<received_webhook> found;
    for (const auto& each : application.webhooks())
      if (each.call == call)
        found.push_back(each);
    return found;
  }

  /// `at_right_time`: the receiver's clock and the node's agreed when the events were sent.
  void expect_in_order(const std::string& call, bool at_right_time) {
    const auto told = events(call);
    ASSERT_EQ(told.size(), 3U) << call;
    std::string latest;
    for (std::size_t i = 0; i < told.size(); ++i) {
      EXPECT_EQ(told[i].document.value("sequence", 0), static_cast<int>(i) + 1);
      EXPECT_TRUE(told[i].fault.empty() || !at_right_time) << told[i].fault;
      const auto at = told[i].document.value("created_at", std::string{});
      EXPECT_LE(latest, at) << "times of one call do not go back";
      latest = at;
    }
  }

private:
  test::temporary_directory folder_;
  const std::filesystem::path file_ = folder_.path() / "clock";
};

TEST_F(WallClock, SetForwardAndBackEndsNoCallAndLosesNoOrder) {
  ASSERT_NO_FATAL_FAILURE(begin_with_clock());
  rtp_caller carol(caller(0, carol_number));
  ASSERT_TRUE(carol.call());
  const auto answered = steady_clock::now();
  std::vector<std::string> calls{call_once("+15550000021")};

  int number = 22;
  for (const auto ahead : {hours(1), hours(-1), hours(24 * 400), hours(0)}) {
    ASSERT_NO_FATAL_FAILURE(set(ahead));
    calls.push_back(call_once(fmt::format("+155500000{}", number++)));
  }
  EXPECT_TRUE(talkers->undisturbed());
  EXPECT_FALSE(carol.wait_for_bye(milliseconds(0)));
  EXPECT_EQ(carol.hang_up(), 200);
  const auto lasted = std::chrono::duration_cast<seconds>(steady_clock::now() - answered).count();
  calls.push_back(call_of(carol_number, "call.completed"));

  EXPECT_EQ(std::set(calls.begin(), calls.end()).size(), calls.size()) << "ids are never given twice";
  for (std::size_t i = 0; i < calls.size(); ++i)
    expect_in_order(calls[i], i == 0 || i + 2 >= calls.size());
  const auto told = events(calls.back()).back().document.value("/data/duration_seconds"_json_pointer, -1);
  EXPECT_GE(told, 0);
  EXPECT_LE(told, lasted);
  std::set<std::string> ids;
  for (const auto& each : application.webhooks())
    EXPECT_TRUE(ids.insert(each.id).second) << each.id << " came twice";
  expect_unharmed();
}

TEST_F(WallClock, SetBackDelaysNoSecondAttempt) {
  ASSERT_NO_FATAL_FAILURE(begin_with_clock());
  ASSERT_NO_FATAL_FAILURE(set(hours(1)));
  application.answer_webhooks_with(500);
  rtp_caller phone(caller(0, "+15550000021"));
  ASSERT_TRUE(phone.call());
  const auto call = call_of("+15550000021", "call.created");

  ASSERT_NO_FATAL_FAILURE(set(hours(-1)));
  application.answer_webhooks_with(200);

  EXPECT_TRUE(application.wait_for_event("call.created", call, seconds(30)))
      << "five seconds after the first attempt, not after two hours";
  EXPECT_EQ(phone.hang_up(), 200);
  EXPECT_TRUE(application.wait_for_event("call.completed", call, seconds(30)));
  expect_unharmed();
}

} // namespace

} // namespace plenary::attack::clock_test
