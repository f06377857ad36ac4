#include "tests/integration/live_node.hpp"

namespace plenary::test::answer_url_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* fallback_line = R"(fallback_actions = '[{"conference":{"room":"fallback"}}]')";

http_reply text_reply(int status, std::string body) {
  http_reply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

/// Redirect actions may lead to the test's own servers.
plenaryd_settings with_loopback_allowed() {
  plenaryd_settings settings;
  settings.lines["http_client"] = "allow_networks = [\"127.0.0.0/8\"]";
  return settings;
}

class AnswerUrl : public LiveNode {
protected:
  /// Calls, and returns the final status.
  int status_of_call(milliseconds timeout = seconds(20)) {
    rtp_caller phone(caller(440));
    phone.invite();
    const auto answer = phone.wait_for_answer(timeout);
    return answer ? answer->status() : 0;
  }

  /// Calls; true when the caller is in the room `room`.
  bool ends_up_in(const std::string& room) {
    rtp_caller phone(caller(440));
    return phone.call(seconds(20)) && eventually([&] { return participants_in(room) == 1; });
  }
};

TEST_F(AnswerUrl, IsAskedByPostWithASignedDescriptionOfTheCall) {
  start();

  ASSERT_EQ(status_of_call(), 200);

  ASSERT_EQ(application.requests().size(), 1U);
  const auto request = application.requests().front();
  const auto document = nlohmann::json::parse(request.body);
  EXPECT_EQ(request.method(), "POST");
  EXPECT_EQ(document.value("event", ""), "call.incoming");
  EXPECT_EQ(document.value("/call/from"_json_pointer, ""), "+15550000001");
  EXPECT_EQ(document.value("/call/to"_json_pointer, ""), test_number);
  EXPECT_TRUE(document.contains("variables"));
  EXPECT_TRUE(request.header("x-minivoice-signature").starts_with("v1="));
}

TEST_F(AnswerUrl, IsAskedByGetWhenTheApplicationSaysSo) {
  plenaryd_settings settings;
  settings.lines["application"] = "answer_method = \"GET\"";
  start(settings);

  ASSERT_EQ(status_of_call(), 200);

  const auto request = application.requests().front();
  EXPECT_EQ(request.method(), "GET");
  EXPECT_NE(request.target().find('?'), std::string::npos);
}

TEST_F(AnswerUrl, TakesTheKeyedAndTheTypedEncoding) {
  start();
  application.answer_with(nlohmann::json::parse(R"({"actions":[{"conference":{"room":"keyed"}}]})"));
  EXPECT_TRUE(ends_up_in("keyed"));

  application.answer_with(nlohmann::json::parse(R"({"actions":[{"type":"conference","room":"typed"}]})"));
  EXPECT_TRUE(ends_up_in("typed"));
}

TEST_F(AnswerUrl, RefusesTheCallWith503AndTellsTheCauseWhenItIsDownAndThereIsNoFallback) {
  plenaryd_settings settings;
  settings.answer_url = "http://127.0.0.1:" + std::to_string(unused_tcp_port()) + "/answer";
  start(settings);

  EXPECT_EQ(status_of_call(), 503);

  const auto failed = application.wait_for_event("call.failed");
  ASSERT_TRUE(failed);
  const auto error = failed->document.value("/data/error"_json_pointer, nlohmann::json::object());
  EXPECT_EQ(failed->document.value("/data/hangup_cause/name"_json_pointer, ""), "answer_url_failed");
  EXPECT_EQ(error.value("code", ""), "answer_url_failed") << failed->document;
  EXPECT_EQ(error.value("reason", ""), "network") << failed->document;
  EXPECT_NE(error.value("detail", ""), "");
  EXPECT_EQ(node->get_json("/v1/calls/" + failed->call)["error"], error);
}

TEST_F(AnswerUrl, IsAskedTwiceMoreWhenItAnswers500) {
  start();
  application.answer_with([](const http_message&, int number) {
    return number < 3 ? text_reply(500, "") : json_reply(conference("third_time"));
  });

  EXPECT_TRUE(ends_up_in("third_time"));
  EXPECT_EQ(application.requests().size(), 3U);
}

TEST_F(AnswerUrl, FallsBackToFallbackActionsWhenItIsDown) {
  plenaryd_settings settings;
  settings.answer_url = "http://127.0.0.1:" + std::to_string(unused_tcp_port()) + "/answer";
  settings.lines["application"] = fallback_line;
  start(settings);

  EXPECT_TRUE(ends_up_in("fallback"));
}

TEST_F(AnswerUrl, FallsBackToFallbackUrlWhenItFails) {
  plenaryd_settings settings;
  settings.lines["application"] = "fallback_url = \"" + application.url("/fallback") + "\"";
  start(settings);
  application.answer_with([](const http_message& request, int) {
    return request.target() == "/fallback" ? json_reply(conference("second_home")) : text_reply(404, "");
  });

  EXPECT_TRUE(ends_up_in("second_home"));
}

TEST_F(AnswerUrl, FallsBackWhenItIsSlowerThanFiveSeconds) {
  plenaryd_settings settings;
  settings.lines["application"] = fallback_line;
  start(settings);
  application.answer_with([](const http_message&, int) {
    http_reply reply;
    reply.hang = true;
    return reply;
  });

  EXPECT_TRUE(ends_up_in("fallback"));
}

TEST_F(AnswerUrl, FallsBackWhenTheDocumentIsInvalidAndIsNotAskedAgain) {
  plenaryd_settings settings;
  settings.lines["application"] = fallback_line;
  start(settings);
  const std::vector<std::string> documents{
      "no json",
      "{}",
      R"({"actions":[{"conference":{"room":"white space"}}]})",
      R"({"actions":[{"conference":{"room":"r"},"hold":{}}]})",
      R"({"actions":[{"conference":{"room":"r"}},{"no_such_action":{}}]})",
      R"({"actions":[{"type":"conference","room":"r","mute":"yes"}]})",
  };

  for (const auto& document : documents) {
    const auto before = application.requests().size();
    application.answer_with([&document](const http_message&, int) { return text_reply(200, document); });
    EXPECT_TRUE(ends_up_in("fallback")) << document;
    EXPECT_EQ(application.requests().size(), before + 1) << document;
    EXPECT_TRUE(eventually([&] { return participants_in("fallback") == 0; }));
  }
}

TEST_F(AnswerUrl, MayAnswerAnyTextWithoutHarmToTheNode) {
  start();
  const std::vector<std::string> documents{"{\"actions\":\"" + std::string(40000, 'x'),
                                           std::string(60000, '['),
                                           "{\"actions\":[{\"" + std::string(40000, '\\'),
                                           "\xFF\xFE{\"actions\"",
                                           R"({"actions":[{"type":")" + std::string(60000, 'a') + R"("}]})",
                                           "[1e99999]"};

  for (const auto& document : documents) {
    application.answer_with([&document](const http_message&, int) { return text_reply(200, document); });
    EXPECT_EQ(status_of_call(), 503) << document.substr(0, 40);
    const auto asked = application.requests().size();
    const auto failed = application.wait_for_event("call.failed");
    ASSERT_TRUE(failed) << asked;
    const auto message = failed->document.value("/data/error/detail"_json_pointer, "");
    EXPECT_NE(message, "");
    EXPECT_LE(message.size(), 256U);
  }
  EXPECT_TRUE(application.wait_for_events("call.failed", static_cast<int>(documents.size()), seconds(10)));
  application.answer_with(conference("still_here"));
  EXPECT_TRUE(ends_up_in("still_here"));
}

TEST_F(AnswerUrl, FallsBackWhenTheDocumentIsHuge) {
  plenaryd_settings settings;
  settings.lines["application"] = fallback_line;
  start(settings);
  auto document = conference("huge");
  document["padding"] = std::string(100 * 1024, 'x');
  application.answer_with(document);

  EXPECT_TRUE(ends_up_in("fallback"));
}

TEST_F(AnswerUrl, MayRedirectToAnotherUrl) {
  start(with_loopback_allowed());
  const auto next = application.url("/next");
  application.answer_with([next](const http_message& request, int) {
    return request.target().starts_with("/next")
               ? json_reply(conference("redirected"))
               : json_reply({{"actions", {{{"redirect", {{"url", next}, {"method", "POST"}}}}}}});
  });

  EXPECT_TRUE(ends_up_in("redirected"));
}

TEST_F(AnswerUrl, MayNotRedirectInside) {
  auto settings = plenaryd_settings{};
  settings.lines["application"] = fallback_line;
  start(settings);
  const auto next = application.url("/next");
  application.answer_with([next](const http_message& request, int) {
    return request.target().starts_with("/next")
               ? json_reply(conference("inside"))
               : json_reply({{"actions", {{{"redirect", {{"url", next}, {"method", "POST"}}}}}}});
  });

  EXPECT_TRUE(ends_up_in("fallback"));
  EXPECT_EQ(application.requests().size(), 1U);
  EXPECT_EQ(metric("plenary_http_client_failures_total{reason=\"address\"}"), 3);
}

TEST_F(AnswerUrl, FallsBackWhenARedirectFails) {
  auto settings = with_loopback_allowed();
  settings.lines["application"] = fallback_line;
  start(settings);
  const auto next = application.url("/next");
  application.answer_with([next](const http_message& request, int) {
    return request.target().starts_with("/next")
               ? text_reply(404, "")
               : json_reply({{"actions", {{{"redirect", {{"url", next}}}}}}});
  });

  EXPECT_TRUE(ends_up_in("fallback"));
}

} // namespace

} // namespace plenary::test::answer_url_test
