#include "actors/call/answer_request.hpp"
#include "schema/json.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

call_record sample() {
  call_record call;
  call.id = {"call_1_n"};
  call.customer = {"cust"};
  call.application = {"app"};
  call.provider_call_id = "uuid";
  call.status = call_status::ringing;
  call.from = "+15550001";
  call.to = "sip:a b@x";
  call.variables = {{"tier", "gold & co"}};
  return call;
}

TEST(AnswerRequest, PostsTheCallAsJson) {
  auto request = make_answer_request({1, flow::fetch_kind::answer, "http://c/answer", "POST", 1}, sample());

  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://c/answer");
  auto body = parse_json(request.body);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ((*body)["event"], "call.incoming");
  EXPECT_EQ((*body)["call"]["from"], "+15550001");
  EXPECT_EQ((*body)["call"]["status"], "ringing");
  EXPECT_EQ((*body)["call"]["routing_target"], "app");
  EXPECT_EQ((*body)["variables"]["tier"], "gold & co");
}

TEST(AnswerRequest, GetsWithTheSameFieldsAsQuery) {
  auto request =
      make_answer_request({1, flow::fetch_kind::redirect, "http://c/next?menu=1#top", "GET", 1}, sample());

  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.body, "");
  EXPECT_EQ(request.url,
            "http://c/next?menu=1&event=call.redirected&call.application_id=app&call.customer_id=cust"
            "&call.direction=inbound&call.from=%2B15550001&call.id=call_1_n&call.provider_call_id=uuid"
            "&call.route_mode=webhook&call.routing_target=app&call.status=ringing"
            "&call.to=sip%3Aa%20b%40x&variables.tier=gold%20%26%20co");
}

TEST(AnswerRequest, TellsWhatTheSignallingSaidOfTheCallerInBothForms) {
  auto call = sample();
  call.caller.diverted_from = "+15559990002";
  call.caller.headers = {{"X-Desk", "a b"}};

  auto posted = make_answer_request({1, flow::fetch_kind::answer, "http://c/a", "POST", 1}, call);
  auto got = make_answer_request({1, flow::fetch_kind::answer, "http://c/a", "GET", 1}, call);

  auto body = parse_json(posted.body);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ((*body)["call"]["diversion"], nlohmann::json({{"from", "+15559990002"}}));
  EXPECT_EQ((*body)["call"]["headers"]["X-Desk"], "a b");
  EXPECT_NE(got.url.find("&call.diversion.from=%2B15559990002&"), std::string::npos) << got.url;
  EXPECT_NE(got.url.find("&call.headers.X-Desk=a%20b&"), std::string::npos) << got.url;
}

TEST(AnswerRequest, StartsAQueryWhereThereIsNone) {
  auto request = make_answer_request({1, flow::fetch_kind::answer, "http://c/a", "GET", 1}, sample());

  EXPECT_EQ(request.url.substr(0, 36), "http://c/a?event=call.incoming&call.");
}

TEST(PercentEncode, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ9-._~"), "aZ9-._~");
  EXPECT_EQ(percent_encode(" %\xC3\xA9/?"), "%20%25%C3%A9%2F%3F");
}

} // namespace
} // namespace plenary
