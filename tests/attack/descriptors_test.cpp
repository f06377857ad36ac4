#include "tests/attack/under_attack.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <filesystem>
#include <set>

namespace plenary::attack::descriptors_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::rtp_caller;

constexpr const char* refused_by_system = "plenary_media_ports_refused_total{reason=\"system\"}";

/// A node that has no descriptor left.
class Descriptors : public UnderAttack {
protected:
  /// Leaves three descriptors, which idle connections take.
  void exhaust() {
    const auto process = node->process().pid();
    ASSERT_EQ(::prlimit(process, RLIMIT_NOFILE, nullptr, &usual_), 0);
    std::set<rlim_t> used;
    for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", process)))
      used.insert(std::stoul(entry.path().filename().string()));
    rlimit scarce = usual_;
    scarce.rlim_cur = 0;
    while (used.contains(scarce.rlim_cur))
      ++scarce.rlim_cur;
    scarce.rlim_cur += 3;
    ASSERT_EQ(::prlimit(process, RLIMIT_NOFILE, &scarce, nullptr), 0);
    for (int i = 0; i < 64; ++i)
      idle_.push_back(test::connect_to(i % 8 == 0 ? node->sip_tcp() : node->http()));
  }

  void give_back() {
    idle_.clear();
    ASSERT_EQ(::prlimit(node->process().pid(), RLIMIT_NOFILE, &usual_, nullptr), 0);
  }

  /// The final answer to one more caller, who stays, is behind a NAT and sends no media: so nothing tells it
  /// from the others, and it needs a media port of its own.
  int answer_to_one_more() {
    auto options = caller(0, fmt::format("+1555000{}", 1000 + phones_.size()));
    options.sends_media = false;
    options.sdp_address = "10.9.8.7";
    phones_.push_back(std::make_unique<rtp_caller>(options));
    phones_.back()->invite();
    const auto answer = phones_.back()->wait_for_answer();
    return answer ? answer->status() : 0;
  }

  /// The first answer that is not 200: what is open already serves some.
  int first_refusal() {
    constexpr int most = 20;
    int status = 200;
    for (int i = 0; i < most && status == 200; ++i)
      status = answer_to_one_more();
    return status;
  }

  std::vector<std::unique_ptr<rtp_caller>> phones_;

private:
  rlimit usual_{};
  std::vector<test::file_descriptor> idle_;
};

TEST_F(Descriptors, ExhaustedLetCallsGoOnRefuseNewOnesAndAreTakenUpAgain) {
  test::plenaryd_settings settings;
  settings.lines["http"] = "max_connections_per_address = 100";
  begin(settings);
  const auto refused_before = metric(refused_by_system);
  ASSERT_NO_FATAL_FAILURE(exhaust());

  EXPECT_EQ(first_refusal(), 503);
  EXPECT_EQ(answer_to_one_more(), 503);
  const auto load = load_of(node->process().pid());
  EXPECT_TRUE(talkers->undisturbed());

  ASSERT_NO_FATAL_FAILURE(give_back());
  EXPECT_LT(load, 0.8) << "nothing spins while it waits for descriptors";
  EXPECT_GE(metric(refused_by_system) - refused_before, 2);
  EXPECT_TRUE(eventually([&] { return answer_to_one_more() == 200; }));
  phones_.clear();
  expect_unharmed();
}

} // namespace

} // namespace plenary::attack::descriptors_test
