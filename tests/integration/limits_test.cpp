#include "tests/integration/live_node.hpp"

namespace plenary::test::limits_test {

namespace {

using std::chrono::seconds;
using testing::ElementsAre;

constexpr const char* alice_number = "+15550000001";
constexpr const char* bob_number = "+15550000002";

/// Where an event says what kept the caller out.
std::string error_code(const received_webhook& webhook) {
  return webhook.document.value("/data/error/code"_json_pointer, "");
}

class FullRoom : public LiveNode {
protected:
  void start_with_small_rooms() {
    plenaryd_settings settings;
    settings.lines["room"] = "max_participants = 1";
    start(settings);
  }
};

TEST_F(FullRoom, RefusesTheNextCallerWith503AndTellsWhy) {
  start_with_small_rooms();
  rtp_caller alice(caller(440, alice_number));
  ASSERT_TRUE(alice.call());

  rtp_caller bob(caller(700, bob_number));
  bob.invite();

  const auto refused = bob.wait_for_answer();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status(), 503);
  const auto failed = application.wait_for_event("call.failed");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->document.value("/call/from"_json_pointer, ""), bob_number);
  EXPECT_EQ(error_code(*failed), "conference_unavailable") << failed->document;
  EXPECT_THAT(application.events_of(failed->call), ElementsAre("call.created", "call.failed"));
  EXPECT_EQ(participants_in("daily_support_room"), 1U);
  ASSERT_EQ(alice.hang_up(), 200);
  EXPECT_TRUE(eventually([&] { return participants_in("daily_support_room") == 0; }));
  rtp_caller again(caller(700, bob_number));
  EXPECT_TRUE(again.call()) << "there is a place again";
}

TEST_F(FullRoom, LetsAnAnsweredCallGoOnWithItsNextAction) {
  start_with_small_rooms();
  auto three_rooms = conference("lobby");
  for (const auto* next : {"full", "overflow"})
    three_rooms["actions"].push_back(conference(next)["actions"][0]);
  answer_by_caller({{alice_number, conference("full")}, {bob_number, three_rooms}});
  rtp_caller alice(caller(440, alice_number));
  rtp_caller bob(caller(700, bob_number));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  const auto lobby = node->get_json("/v1/rooms/lobby");
  ASSERT_TRUE(lobby.is_object());
  const auto bobs = lobby.at("participants").at(0).value("call_id", "");

  const auto kicked = node->post("/v1/rooms/lobby/participants/" + bobs + "/kick");

  ASSERT_TRUE(kicked);
  EXPECT_EQ(kicked->status(), 200) << kicked->body;
  EXPECT_TRUE(eventually([&] { return participants_in("overflow") == 1; }));
  EXPECT_EQ(participants_in("full"), 1U);
  ASSERT_EQ(bob.hang_up(), 200);
  const auto completed = application.wait_for_event("call.completed", bobs);
  ASSERT_TRUE(completed);
  EXPECT_EQ(error_code(*completed), "conference_unavailable") << completed->document;
}

/// A second customer beside the usual one.
constexpr const char* other_key = "mv_test_key_of_cust_other";
constexpr const char* other_number = "+15551230003";

class OperatorKey : public LiveNode {
protected:
  static constexpr const char* operator_key = "the_operators_own_key";

  void start_with_two_customers() {
    plenaryd_settings settings;
    settings.lines["http"] = fmt::format("operator_key = \"{}\"", operator_key);
    settings.lines["application"] = fmt::format(
        "[[application]]\nid = \"app_other\"\ncustomer_id = \"cust_other\"\napi_key = \"{}\"\n"
        "answer_url = \"{}\"\nwebhook_url = \"{}\"\nwebhook_secret = \"{}\"\n"
        "[[did]]\nnumber = \"{}\"\napplication = \"app_other\"\n",
        other_key, application.answer_url(), application.webhook_url(), test_webhook_secret, other_number);
    start(settings);
  }

  int status(const std::string& target, const std::string& key) const {
    return http_get(node->http(), target, key).value_or(http_message{}).status();
  }

  /// Callers whose calls this key is shown.
  std::vector<std::string> callers(const std::string& target, const std::string& key) const {
    const auto answer = http_get(node->http(), target, key);
    const auto document = nlohmann::json::parse(answer ? answer->body : "", nullptr, false);
    std::vector<std::string> found;
    if (document.is_object())
      for (const auto& call : document.value("calls", nlohmann::json::array()))
        found.push_back(call.value("from", ""));
    return found;
  }
};

TEST_F(OperatorKey, ShowsTheCallsOfEveryCustomerAndAWrongOneNothing) {
  start_with_two_customers();
  rtp_caller alice(caller(440, alice_number));
  auto to_other = caller(700, bob_number);
  to_other.to = other_number;
  rtp_caller bob(to_other);
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(application.wait_for_events("call.answered", 2, seconds(10)));

  EXPECT_THAT(callers("/v1/calls?customer_id=cust_demo", operator_key), ElementsAre(alice_number));
  EXPECT_THAT(callers("/v1/calls?customer_id=cust_other", operator_key), ElementsAre(bob_number));
  EXPECT_THAT(callers("/v1/calls", test_api_key), ElementsAre(alice_number));
  EXPECT_THAT(callers("/v1/calls", other_key), ElementsAre(bob_number));
  for (const auto* target : {"/v1/nodes", "/v1/calls?customer_id=cust_demo"}) {
    EXPECT_EQ(status(target, operator_key), 200) << target;
    EXPECT_EQ(status(target, "not_the_operators_key"), 401) << target;
    EXPECT_EQ(status(target, ""), 401) << target;
  }
  EXPECT_EQ(status("/v1/nodes", test_api_key), 403);
  EXPECT_EQ(status("/v1/calls?customer_id=cust_other", test_api_key), 403);
  EXPECT_EQ(node->output().find(operator_key), std::string::npos) << "the key is in the log";
}

} // namespace

} // namespace plenary::test::limits_test
