#include "tests/integration/live_node.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

namespace plenary::test::protection_test {

namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr const char* alice_number = "+15550000001";
constexpr const char* bob_number = "+15550000002";
constexpr const char* carol_number = "+15550000003";
constexpr const char* other_number = "+15551230003";
constexpr const char* room_name = "daily_support_room";

class Protection : public LiveNode {
protected:
  /// Two callers who talk in one room.
  void let_two_talk() {
    alice = std::make_unique<rtp_caller>(caller(440, alice_number));
    bob = std::make_unique<rtp_caller>(caller(700, bob_number));
    ASSERT_TRUE(alice->call());
    ASSERT_TRUE(bob->call());
    expect_talk();
  }
  void expect_talk() {
    EXPECT_TRUE(alice->wait_for_tone(700));
    EXPECT_TRUE(bob->wait_for_tone(440));
  }

  bool says(std::string_view text) { return node->process().wait_for_text(text, seconds(5)).has_value(); }
  std::filesystem::path data() const { return node->directory() / "data"; }

  std::unique_ptr<rtp_caller> alice;
  std::unique_ptr<rtp_caller> bob;
};

TEST_F(Protection, GivesAnotherCustomerItsPlaceWhenOneCustomersCallsHang) {
  const auto silent = listen_on_loopback(0); // takes connections, never answers
  plenaryd_settings settings;
  settings.lines["sip"] = "max_calls = 8";
  settings.lines["application"] = fmt::format(
      "[[application]]\nid = \"app_hanging\"\ncustomer_id = \"cust_hanging\"\napi_key = \"key_of_hanging\"\n"
      "answer_url = \"http://127.0.0.1:{}/\"\nwebhook_url = \"{}\"\nwebhook_secret = \"{}\"\n"
      "[[did]]\nnumber = \"{}\"\napplication = \"app_hanging\"\n",
      local_port(silent.get()), application.webhook_url(), test_webhook_secret, other_number);
  start(settings);
  auto to_hanging = caller(0, carol_number);
  to_hanging.to = other_number;
  std::vector<std::unique_ptr<rtp_caller>> hanging;
  for (int i = 0; i < 6; ++i) { // 75 % of 8
    hanging.push_back(std::make_unique<rtp_caller>(to_hanging));
    hanging.back()->invite();
    ASSERT_TRUE(hanging.back()->wait_for_provisional(100)) << i;
  }

  rtp_caller one_more(to_hanging);
  one_more.invite();
  const auto refused = one_more.wait_for_answer(seconds(3));

  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status(), 503);
  EXPECT_EQ(refused->header("retry-after"), "10");
  EXPECT_TRUE(says("\"event\":\"sip_limit_reached\""));
  EXPECT_EQ(metric("plenary_sip_invites_refused_total{reason=\"application_calls\"}"), 1);
  rtp_caller other(caller(440, alice_number));
  EXPECT_TRUE(other.call());
}

TEST_F(Protection, AnswersAFloodOfWrongKeysWith429) {
  start();
  std::map<int, int> answers;
  for (int i = 0; i < 200; ++i)
    ++answers[http_get(node->http(), "/v1/rooms", fmt::format("wrong_key_{}", i))
                  .value_or(http_message{})
                  .status()];

  EXPECT_GE(answers[401], 30);
  EXPECT_LE(answers[401], 40);
  EXPECT_EQ(answers[401] + answers[429], 200);
  EXPECT_TRUE(says("\"event\":\"http_limit_reached\",\"limit\":\"wrong_keys\""));
  EXPECT_EQ(metric("plenary_http_requests_limited_total{limit=\"wrong_keys\"}"), answers[429]);
  EXPECT_EQ(node->output().find("wrong_key_1"), std::string::npos) << "keys are in the log";
}

TEST_F(Protection, GoesOnWithEveryCallWhateverSignalComes) {
  start();
  let_two_talk();

  for (const int number : {SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGPIPE,
                           SIGXFSZ, SIGXCPU, SIGWINCH, SIGCHLD, SIGTSTP, SIGRTMIN, SIGRTMIN + 5, SIGRTMAX})
    node->process().signal(number);

  EXPECT_TRUE(says("\"event\":\"config_reloaded\",\"cause\":\"SIGHUP\",\"changed\":\"nothing\""));
  EXPECT_TRUE(says("\"event\":\"signal_ignored\",\"signal\":\"SIGUSR1\""));
  EXPECT_TRUE(says("\"event\":\"signal_ignored\",\"signal\":\"real-time signal\""));
  expect_talk();
  EXPECT_EQ(participants_in(room_name), 2U);
}

TEST_F(Protection, TakesTheKeysOfTheFileAtSighupAndGoesOnWithAWrongFile) {
  start();
  let_two_talk();
  const auto file = node->directory() / "plenary.toml";
  std::ifstream stream{file};
  const std::string before{std::istreambuf_iterator<char>{stream}, {}};
  auto after = before;
  after.replace(after.find(test_api_key), std::string_view{test_api_key}.size(), "a_new_key_of_cust_demo");
  const auto status = [&](const char* key) {
    return http_get(node->http(), "/v1/rooms", key).value_or(http_message{}).status();
  };

  std::ofstream{file} << "this is no configuration\n";
  node->process().signal(SIGHUP);
  EXPECT_TRUE(says("\"event\":\"config_refused\""));
  EXPECT_EQ(status(test_api_key), 200);

  std::ofstream{file} << after;
  node->process().signal(SIGHUP);
  EXPECT_TRUE(says("\"changed\":\"application app_demo: api_key\""));
  EXPECT_EQ(status("a_new_key_of_cust_demo"), 200);
  EXPECT_EQ(status(test_api_key), 401);
  expect_talk();
}

TEST_F(Protection, TakesBothKeysAndSignsWithBothSecrets) {
  plenaryd_settings settings;
  settings.lines["application"] = "second_api_key = \"second_key_of_demo\"\n"
                                  "second_webhook_secret = \"whsec_c2Vjb25kLXNlY3JldC0wMDAwMDAwMQ==\"";
  start(settings);
  rtp_caller one(caller(440, alice_number));
  ASSERT_TRUE(one.call());

  EXPECT_EQ(http_get(node->http(), "/v1/rooms", test_api_key)->status(), 200);
  EXPECT_EQ(http_get(node->http(), "/v1/rooms", "second_key_of_demo")->status(), 200);
  const auto asked = application.requests();
  ASSERT_FALSE(asked.empty());
  const auto signatures = asked[0].header("webhook-signature");
  EXPECT_EQ(std::count(signatures.begin(), signatures.end(), ' '), 1) << signatures;
}

TEST_F(Protection, ServesMetricsOnAListenerOfTheirOwn) {
  plenaryd_settings settings;
  settings.lines["http"] = "metrics_listen = \"127.0.0.1:0\"";
  start(settings);
  const auto line = node->process().wait_for_text("\"edge\":\"metrics\"", seconds(5));
  ASSERT_TRUE(line);
  const auto apart = parse_endpoint(nlohmann::json::parse(*line).value("address", ""));
  ASSERT_TRUE(apart);
  const auto status = [](const ip_endpoint& where, const char* target) {
    return http_get(where, target, test_api_key).value_or(http_message{}).status();
  };

  EXPECT_EQ(status(*apart, "/metrics"), 200);
  EXPECT_EQ(status(*apart, "/readyz"), 200);
  EXPECT_EQ(status(*apart, "/livez"), 200);
  EXPECT_EQ(status(*apart, "/v1/rooms"), 404);
  EXPECT_EQ(status(node->http(), "/metrics"), 404);
  EXPECT_EQ(status(node->http(), "/readyz"), 200);
  EXPECT_EQ(status(node->http(), "/v1/rooms"), 200);
}

TEST_F(Protection, KeepsItsFilesForItsUserAlone) {
  const auto before = ::umask(0);
  start();
  ::umask(before);

  const auto mode = [](const std::filesystem::path& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions());
  };
  EXPECT_EQ(mode(data()), 0700U);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{data()}) {
    EXPECT_EQ(mode(entry.path()), 0600U) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 2U);
  EXPECT_TRUE(says("\"event\":\"descriptor_limit\""));
}

/// A node whose data folder is a small disk of its own.
class FullDisk : public Protection {
protected:
  void SetUp() override {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0)
      GTEST_SKIP() << "needs the right to mount (root)";
  }

  /// A node that does not run yet, with 6 MiB for its data.
  void make_node() {
    node = std::make_unique<plenaryd_process>(application, plenaryd_settings{});
    std::filesystem::create_directories(data());
    ASSERT_EQ(::mount("tmpfs", data().c_str(), "tmpfs", 0, "size=6m"), 0);
    mounted_ = data();
  }

  void TearDown() override {
    LiveNode::TearDown();
    if (!mounted_.empty())
      ::umount2(mounted_.c_str(), MNT_DETACH);
  }

  std::filesystem::path filler() const { return data() / "filler"; }

  void fill_the_disk() {
    const int file = ::open(filler().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0);
    const std::string block(4096, 'x');
    while (::write(file, block.data(), block.size()) > 0) {
    }
    EXPECT_EQ(errno, ENOSPC);
    ::close(file);
  }

  std::string readiness() const {
    const auto answer = http_get(node->http(), "/readyz");
    return answer ? fmt::format("{} {}", answer->status(), answer->body) : "";
  }
  bool is_ready() const { return readiness().starts_with("200 "); }

private:
  std::filesystem::path mounted_;
};

TEST_F(FullDisk, RefusesNewCallsLetsRunningOnesTalkAndIsBackByItself) {
  make_node();
  ASSERT_TRUE(node->start()) << node->output();
  let_two_talk();
  fill_the_disk();

  ASSERT_TRUE(eventually([&] { return !is_ready(); }));
  EXPECT_THAT(readiness(), HasSubstr("nothing can be stored"));
  EXPECT_EQ(metric("plenary_store_writable"), 0);
  for (int i = 0; i < 3; ++i) {
    rtp_caller carol(caller(0, carol_number));
    carol.invite();
    const auto refused = carol.wait_for_answer(seconds(3));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status(), 503);
    EXPECT_NE(refused->header("retry-after"), "");
  }
  EXPECT_EQ(metric("plenary_sip_invites_refused_total{reason=\"store\"}"), 3);
  expect_talk();
  ASSERT_EQ(bob->hang_up(), 200);
  EXPECT_TRUE(eventually([&] { return participants_in(room_name) == 1; }));
  EXPECT_TRUE(eventually([&] { return metric("plenary_calls_active") == 1; }));

  std::filesystem::remove(filler());
  const auto freed_at = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] { return is_ready(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - freed_at, seconds(5));
  EXPECT_EQ(metric("plenary_store_writable"), 1);
  rtp_caller carol(caller(0, carol_number));
  EXPECT_TRUE(carol.call());
  const auto completed = application.wait_for_event("call.completed");
  ASSERT_TRUE(completed);
  EXPECT_EQ(completed->document.value("/call/from"_json_pointer, ""), bob_number);
  EXPECT_THAT(application.events_of(completed->call),
              testing::ElementsAre("call.created", "call.answered", "call.completed"));
}

TEST_F(FullDisk, DoesNotStartInAFolderThatCannotBeWritten) {
  make_node();
  ASSERT_EQ(::mount("tmpfs", data().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=6m"), 0);

  EXPECT_FALSE(node->start());

  EXPECT_EQ(node->process().wait_for_exit(seconds(5)), 1);
  EXPECT_THAT(node->output(), HasSubstr("\"event\":\"cannot_start\",\"code\":\"storage\""));
  EXPECT_THAT(node->output(), Not(HasSubstr("\"event\":\"ready\"")));
  node.reset();
}

} // namespace

} // namespace plenary::test::protection_test
