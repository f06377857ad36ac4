#include "tests/attack/sip_senders.hpp"
#include "tests/attack/under_attack.hpp"
#include "tests/support/lost_time.hpp"

#include <signal.h>

#include <map>
#include <set>
#include <thread>

namespace plenary::attack::termination_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using test::rtp_caller;

constexpr std::size_t caller_count = 50;
constexpr std::size_t most_calls = 80;
constexpr seconds drain_deadline{5};

/// The node ends while callers talk and INVITEs come as fast as one sender can make them.
class Termination : public UnderAttack {
protected:
  void fill() {
    for (std::size_t i = 0; i < caller_count; ++i) {
      auto options = caller(0, "+1555100" + std::to_string(1000 + i));
      options.sends_media = i < 4;
      phones.push_back(std::make_unique<rtp_caller>(options));
      ASSERT_TRUE(phones.back()->call()) << i;
    }
  }

  /// INVITEs of a trunk's address until the test ends it, with a breath now and then.
  void flood(const std::stop_token& stop) {
    const shooter sender(node->sip_udp(), "127.0.0.1");
    while (!stop.stop_requested()) {
      for (int i = 0; i < 20; ++i)
        sender.shoot(sound_request(sender, "INVITE", test::test_number));
      sender.received();
      std::this_thread::sleep_for(milliseconds(5));
    }
  }

  /// Ids of the events that end a call, by call; a repeated delivery has the same id.
  std::map<std::string, std::set<std::string>> ends_by_call() {
    std::map<std::string, std::set<std::string>> ends;
    for (const auto& each : application.webhooks()) {
      if (each.event == "call.created")
        ends.try_emplace(each.call);
      if (each.event == "call.completed" || each.event == "call.failed" || each.event == "call.canceled")
        ends[each.call].insert(each.id);
    }
    return ends;
  }

  bool all_told_once() {
    const auto ends = ends_by_call();
    return ends.size() >= caller_count &&
           std::ranges::all_of(ends, [](const auto& each) { return each.second.size() == 1; });
  }

  std::vector<std::unique_ptr<rtp_caller>> phones;
};

TEST_F(Termination, UnderAFloodOfInvitesEndsInTimeAndTellsTheEndOfEachCallOnce) {
  test::plenaryd_settings settings;
  settings.lines["node"] = fmt::format("drain_deadline_s = {}", drain_deadline.count());
  settings.lines["sip"] = fmt::format("max_calls = {}", most_calls);
  start(settings);
  ASSERT_NO_FATAL_FAILURE(fill());
  std::jthread flooding([this](const std::stop_token& stop) { flood(stop); });
  ASSERT_TRUE(eventually([&] { return metric("plenary_sip_invites_refused_total{reason=\"full\"}") > 100; }));

  const test::lost_time machine;
  const auto told = steady_clock::now();
  node->process().signal(SIGTERM);
  const auto status = node->process().wait_for_exit(seconds(60));
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - told);
  flooding = {};

  EXPECT_EQ(status, 0);
  EXPECT_LT(took, drain_deadline + seconds(1) + machine.so_far());
  for (auto& each : phones)
    EXPECT_TRUE(each->wait_for_bye()) << "every caller was told";
  ASSERT_TRUE(node->start()) << node->output(); // with what it had no time to tell
  const auto deadline = steady_clock::now() + seconds(30);
  while (!all_told_once() && steady_clock::now() < deadline)
    phones.front()->listen(milliseconds(100));
  EXPECT_TRUE(all_told_once());
  for (const auto& [call, ends] : ends_by_call())
    EXPECT_EQ(ends.size(), 1U) << call;
  EXPECT_TRUE(eventually([&] { return metric("plenary_outbox_pending_events") == 0; }));
}

} // namespace

} // namespace plenary::attack::termination_test
