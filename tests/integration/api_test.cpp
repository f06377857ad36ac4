#include "tests/integration/live_node.hpp"

#include <fstream>

namespace plenary::test::api_test {

namespace {

using std::chrono::seconds;

class Api : public LiveNode {
protected:
  /// Status and error code of a GET with this key.
  std::pair<int, std::string> refusal(const std::string& target, const std::string& key) const {
    const auto answer = http_get(node->http(), target, key);
    if (!answer)
      return {0, "no answer"};
    const auto document = nlohmann::json::parse(answer->body, nullptr, false);
    return {answer->status(),
            document.is_object() ? document.value("/error/code"_json_pointer, "") : answer->body};
  }
};

TEST_F(Api, ShowsARunningAndAnEndedCall) {
  start();
  rtp_caller alice(caller(440));
  ASSERT_TRUE(alice.call());
  const auto answered = application.wait_for_event("call.answered");
  ASSERT_TRUE(answered);

  const auto running = node->get_json("/v1/calls/" + answered->call);
  ASSERT_EQ(alice.hang_up(), 200);
  ASSERT_TRUE(application.wait_for_event("call.completed"));
  const auto ended = node->get_json("/v1/calls/" + answered->call);

  ASSERT_TRUE(running.is_object());
  EXPECT_EQ(running.value("id", ""), answered->call);
  EXPECT_EQ(running.value("status", ""), "in_progress");
  EXPECT_EQ(running.value("from", ""), "+15550000001");
  ASSERT_TRUE(ended.is_object());
  EXPECT_EQ(ended.value("status", ""), "completed");
}

TEST_F(Api, ShowsRoomsAndTheirParticipants) {
  start();
  rtp_caller alice(caller(440, "+15550000001"));
  rtp_caller bob(caller(700, "+15550000002"));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(eventually([&] { return participants_in("daily_support_room") == 2; }));

  const auto rooms = node->get("/v1/rooms");
  ASSERT_EQ(alice.hang_up(), 200);
  ASSERT_EQ(bob.hang_up(), 200);

  ASSERT_TRUE(rooms);
  EXPECT_EQ(rooms->status(), 200);
  EXPECT_NE(rooms->body.find("daily_support_room"), std::string::npos) << rooms->body;
  EXPECT_TRUE(eventually([&] { return refusal("/v1/rooms/daily_support_room", test_api_key).first == 404; }));
}

TEST_F(Api, RefusesAMissingOrWrongKeyWith401AndAnErrorEnvelope) {
  start();

  for (const auto* target :
       {"/v1/rooms", "/v1/rooms/daily", "/v1/calls/call_20260101T000000.000000000_node-a"}) {
    EXPECT_EQ(refusal(target, ""), std::pair(401, std::string("unauthorized"))) << target;
    EXPECT_EQ(refusal(target, "mv_test_wrong_key"), std::pair(401, std::string("unauthorized"))) << target;
  }
}

TEST_F(Api, AnswersWith404ForWhatDoesNotExist) {
  start();

  EXPECT_EQ(refusal("/v1/rooms/nobody_here", test_api_key).first, 404);
  EXPECT_EQ(refusal("/v1/calls/call_20260101T000000.000000000_node-a", test_api_key),
            std::pair(404, std::string("call_not_found")));
  EXPECT_EQ(refusal("/v1/no_such_thing", test_api_key).first, 404);
}

TEST_F(Api, IsAliveAndReady) {
  start();

  EXPECT_EQ(http_get(node->http(), "/livez").value_or(http_message{}).status(), 200);
  EXPECT_EQ(http_get(node->http(), "/readyz").value_or(http_message{}).status(), 200);
}

TEST_F(Api, ExposesMetricsThatPromtoolFindsClean) {
  start();
  rtp_caller alice(caller(440));
  ASSERT_TRUE(alice.call());
  const auto answer = http_get(node->http(), "/metrics");
  ASSERT_TRUE(answer);
  std::ofstream(node->directory() / "metrics.txt") << answer->body;

  child_process promtool({.arguments = {"sh", "-c", "promtool check metrics < metrics.txt"},
                          .environment = {},
                          .directory = node->directory(),
                          .input = {}});

  EXPECT_EQ(promtool.wait_for_exit(seconds(30)), 0) << promtool.output();
  EXPECT_EQ(metric("plenary_calls_active"), 1);
}

class CommandLine : public ::testing::Test {
protected:
  child_process run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), plenaryd_program());
    return child_process(
        {.arguments = std::move(arguments), .environment = {}, .directory = folder.path(), .input = {}});
  }

  temporary_directory folder;
};

TEST_F(CommandLine, RefusesABadFileWithLineAndKeyAndStatus2) {
  std::ofstream(folder.path() / "bad.toml") << "[node]\nname = \"node-a\"\n[media]\nport = \"1-2\"\n";
  auto check = run({"--config", "bad.toml", "--check-config"});

  EXPECT_EQ(check.wait_for_exit(seconds(30)), 2);
  EXPECT_TRUE(check.wait_for_text("bad.toml:4: media.port", seconds(10))) << check.output();
}

TEST_F(CommandLine, RefusesAFileThatDoesNotExistWithStatus2) {
  auto check = run({"--config", "missing.toml", "--check-config"});

  EXPECT_EQ(check.wait_for_exit(seconds(30)), 2);
  EXPECT_TRUE(check.wait_for_text("missing.toml", seconds(10))) << check.output();
}

TEST_F(CommandLine, WarnsOfUrlsThatLeadInsideAndTakesThem) {
  std::ofstream(folder.path() / "inside.toml")
      << "[[application]]\nid = \"a\"\ncustomer_id = \"c\"\napi_key = \"mv_test_key\"\n"
         "answer_url = \"http://127.0.0.1:9000/answer\"\nwebhook_url = \"https://hooks.customer.com/\"\n"
         "webhook_secret = \"a_secret_of_the_test\"\n";
  auto check = run({"--config", "inside.toml", "--check-config"});

  EXPECT_EQ(check.wait_for_exit(seconds(10)), 0) << check.output();
  EXPECT_TRUE(check.wait_for_text("warning: inside.toml: application[0].answer_url leads inside", seconds(1)))
      << check.output();
}

TEST_F(CommandLine, SaysWhatThereIsAndWhatIsWorthASecondLook) {
  std::ofstream(folder.path() / "looks.toml")
      << "[http]\nlisten = \"0.0.0.0:8080\"\n"
         "[[application]]\nid = \"a\"\ncustomer_id = \"c\"\napi_key = \"mv_test_replace_this_key\"\n"
         "answer_url = \"https://customer.com/answer\"\nwebhook_url = \"https://hooks.customer.com/\"\n"
         "webhook_secret = \"a_secret_of_the_test\"\n"
         "fallback_actions = '[{\"type\":\"conference\"}]'\n"
         "[[did]]\nnumber = \"100\"\napplication = \"a\"\n"
         "[[trunk]]\nname = \"t\"\nproxy = \"sip:carrier.example\"\n";
  auto check = run({"--config", "looks.toml", "--check-config"});

  EXPECT_EQ(check.wait_for_exit(seconds(10)), 0) << check.output();
  for (const auto* words : {"ok: 1 application, 1 number, 1 trunk", "http.listen is every address",
                            "application[0].api_key is that of an example", "trunk[0].inbound_ips is empty",
                            "application[0].fallback_actions would be refused when they are needed"})
    EXPECT_TRUE(check.wait_for_text(words, seconds(1))) << words << "\n" << check.output();

  std::ofstream(folder.path() / "empty.toml") << "";
  auto empty = run({"--config", "empty.toml", "--check-config"});
  EXPECT_EQ(empty.wait_for_exit(seconds(10)), 0) << empty.output();
  EXPECT_TRUE(empty.wait_for_text("trunk stands nowhere", seconds(1))) << empty.output();
  EXPECT_TRUE(empty.wait_for_text("ok: 0 applications, 0 numbers, 0 trunks", seconds(1))) << empty.output();
}

TEST_F(CommandLine, SaysItsVersion) {
  auto version = run({"--version"});

  EXPECT_EQ(version.wait_for_exit(seconds(30)), 0);
  EXPECT_TRUE(version.wait_for_text(PLENARY_VERSION, seconds(10)));
}

} // namespace

} // namespace plenary::test::api_test
