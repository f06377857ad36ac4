#include "node/http/api.hpp"
#include "schema/json.hpp"
#include "tests/node/http/one_call_and_room.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::known_call;

class Api : public ::testing::Test {
protected:
  server_reply ask(std::string method, const std::string& path,
                   std::string authorization = "Bearer key-of-a") {
    server_request request;
    request.method = std::move(method);
    request.path = path.substr(0, path.find('?'));
    request.query = path.substr(std::min(path.size(), request.path.size() + 1));
    if (!authorization.empty())
      request.headers["authorization"] = std::move(authorization);
    std::optional<server_reply> answer;
    routes.handle(std::move(request), [&](server_reply reply) { answer = std::move(reply); });
    return answer.value_or(server_reply{0, "", {}, ""});
  }

  static std::string code_of(const server_reply& reply) {
    return parse_json(reply.body).value_or(json::object()).value("/error/code"_json_pointer, "");
  }

  test::one_call_and_room backend;
  api routes{
      {{{"key-of-a", {{"cust_a"}, {"app_a"}}}, {"key-of-b", {{"cust_b"}, {"app_b"}}}}, {"key-of-operator"}},
      backend,
      [] { return std::string{"plenary_build_info 1\n"}; }};
};

TEST_F(Api, ShowsACallWithEveryField) {
  auto reply = ask("GET", std::string{"/v1/calls/"} + known_call);

  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(*parse_json(reply.body), *parse_json(R"({
    "id": "call_20260529T120000.000000001_node-a", "status": "completed", "direction": "inbound",
    "from": "+15550001", "to": "+15550002", "application_id": "app_a", "customer_id": "cust_a",
    "provider_call_id": "uuid", "metadata": {}, "route_mode": "webhook", "routing_target": "app_a",
    "created_at": "2026-05-29T12:00:00.000Z", "answered_at": "2026-05-29T12:00:01.000Z",
    "ended_at": "2026-05-29T12:00:43.900Z", "duration_seconds": 42,
    "hangup_cause": {"q850": 16, "name": "normal_clearing"}, "room": null, "node": "node-a",
    "last_sequence": 3, "variables": {"k": "v"}, "sip_call_id": null, "asserted_identity": null, "privacy": null,
    "diversion": null, "headers": {}, "ended_by": null, "error": null})"));
}

TEST_F(Api, ShowsARunningCallWithNullForWhatIsNotKnown) {
  backend.call.status = call_status::in_progress;
  backend.call.ended_at.reset();
  backend.call.cause.reset();
  backend.call.room = backend.room.key;

  auto document = *parse_json(ask("GET", std::string{"/v1/calls/"} + known_call).body);

  EXPECT_EQ(document["duration_seconds"], nullptr);
  EXPECT_EQ(document["hangup_cause"], nullptr);
  EXPECT_EQ(document["room"], "daily");
}

TEST_F(Api, ShowsHowACallCameInAndHowItEnded) {
  backend.call.sip_call_id = "a84b4c76e66710@pc33";
  backend.call.caller = {"+15559990001", "id", "+15559990002", "user-busy", {{"X-Desk", "7"}}};
  backend.call.ended_by = call_ending::room;
  backend.call.error =
      call_failure{failure_code::conference_unavailable, errc::limit_reached, "the room is full"};

  auto document = *parse_json(ask("GET", std::string{"/v1/calls/"} + known_call).body);

  EXPECT_EQ(document["sip_call_id"], "a84b4c76e66710@pc33");
  EXPECT_EQ(document["asserted_identity"], "+15559990001");
  EXPECT_EQ(document["privacy"], "id");
  EXPECT_EQ(document["diversion"], *parse_json(R"({"from": "+15559990002", "reason": "user-busy"})"));
  EXPECT_EQ(document["headers"], *parse_json(R"({"X-Desk": "7"})"));
  EXPECT_EQ(document["ended_by"], "room");
  EXPECT_EQ(
      document["error"],
      *parse_json(R"({"code": "conference_unavailable", "message": "conference room could not be joined",
                           "reason": "limit_reached", "detail": "the room is full"})"));
}

TEST_F(Api, ShowsARoomWithItsParticipants) {
  auto reply = ask("GET", "/v1/rooms/daily");

  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(*parse_json(reply.body), *parse_json(R"({
    "name": "daily", "node": "node-a", "epoch": 3, "created_at": "2026-05-29T12:00:00.000Z",
    "participant_count": 1, "noise_suppression": true, "participants": [{"call_id": "call_20260529T120000.000000001_node-a",
    "muted": true, "end_on_exit": false, "label": "Ann", "from": "+15550001", "deaf": false, "hear_gain_db": 0.0, "speaking": true, "joined_at": "2026-05-29T12:00:02.000Z",
    "levelling": true, "level_db": null, "gain_db": 0.0}]})"));
}

TEST_F(Api, ListsTheRoomsOfTheCustomerAlone) {
  auto document = *parse_json(ask("GET", "/v1/rooms").body);

  ASSERT_EQ(document["rooms"].size(), 2u);
  EXPECT_EQ(document["rooms"][0]["participant_count"], 1);
  EXPECT_FALSE(document["rooms"][0].contains("participants"));
  EXPECT_EQ(document["rooms"][1], *parse_json(R"({"name": "moving", "node": "node-b", "epoch": 9,
    "created_at": null, "participant_count": null})"));
  EXPECT_EQ(document["next"], nullptr);
}

TEST_F(Api, HidesCallsAndRoomsOfOtherCustomers) {
  auto call = ask("GET", std::string{"/v1/calls/"} + known_call, "Bearer key-of-b");
  auto room = ask("GET", "/v1/rooms/daily", "Bearer key-of-b");

  EXPECT_EQ(call.status, 404);
  EXPECT_EQ(code_of(call), "call_not_found");
  EXPECT_EQ(room.status, 404);
  EXPECT_EQ(code_of(room), "room_not_found");
}

TEST_F(Api, DemandsAKeyThatItKnows) {
  for (const char* header : {"", "Bearer", "Bearer ", "Bearer key-of-c", "Bearer key-of-a1", "Bearer key-of-",
                             "Basic key-of-a", "key-of-a", "Bearer key-of-a, Bearer key-of-b"})
    for (const char* path : {"/v1/rooms", "/v1/nothing"}) {
      auto reply = ask("GET", path, header);

      EXPECT_EQ(reply.status, 401) << header;
      EXPECT_EQ(code_of(reply), "unauthorized");
      EXPECT_EQ(reply.headers.at(0).first, "WWW-Authenticate");
    }
  EXPECT_EQ(ask("GET", "/v1/rooms", "bearer  key-of-a").status, 200);
}

TEST_F(Api, KnowsItsPathsAndMethods) {
  EXPECT_EQ(ask("GET", "/").status, 404);
  EXPECT_EQ(ask("GET", "/v1").status, 404);
  EXPECT_EQ(ask("GET", "/v1/calls/").status, 404);
  EXPECT_EQ(ask("GET", "/v1/calls/a/b").status, 404);
  EXPECT_EQ(code_of(ask("GET", "/v1/calls/nonsense")), "call_not_found");
  EXPECT_EQ(code_of(ask("GET", "/v1/rooms/a%20b")), "invalid_request");
  EXPECT_EQ(ask("GET", "/v1/rooms/%zz").status, 400);
  EXPECT_EQ(ask("GET", "/v1/rooms/d%61ily").status, 200);
  EXPECT_EQ(ask("HEAD", "/v1/rooms").status, 200);
  EXPECT_EQ(ask("OPTIONS", "/v1/rooms", "").status, 204);
  auto refused = ask("DELETE", "/v1/rooms");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(code_of(refused), "method_not_allowed");
  EXPECT_EQ(refused.headers.at(0), (std::pair<std::string, std::string>{"Allow", "GET, HEAD, OPTIONS"}));
}

TEST_F(Api, TellsHowTheBackendFailedWithoutItsTexts) {
  struct row {
    errc code;
    int status;
    const char* told;
  };
  for (const auto& [code, status, told] :
       {row{errc::unavailable, 503, "unavailable"}, row{errc::conference_unavailable, 503, "moving"},
        row{errc::moving, 503, "moving"}, row{errc::moved, 503, "moving"}, row{errc::stale, 503, "moving"},
        row{errc::timeout, 504, "timeout"}, row{errc::storage, 500, "internal"},
        row{errc::unsupported, 501, "unsupported"}}) {
    backend.trouble = error{code, "inner text"};

    auto reply = ask("GET", "/v1/rooms/daily");

    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(code_of(reply), told);
    EXPECT_EQ(reply.body.find("inner text"), std::string::npos);
    if (status == 503) {
      EXPECT_EQ(reply.headers.at(0).first, "Retry-After");
    }
  }
}

TEST_F(Api, ServesMetricsAndLivenessWithoutAKey) {
  auto metrics = ask("GET", "/metrics", "");

  EXPECT_EQ(metrics.body, "plenary_build_info 1\n");
  EXPECT_EQ(metrics.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(ask("GET", "/livez", "").status, 200);
}

TEST_F(Api, IsReadyWhenEveryCheckIsAndTheNodeDoesNotDrain) {
  backend.state.checks = {{"store", true, ""}, {"sip", true, ""}};
  EXPECT_EQ(ask("GET", "/readyz", "").status, 200);

  backend.state.draining = true;
  auto draining = ask("GET", "/readyz", "");
  EXPECT_EQ(draining.status, 503);
  EXPECT_EQ((*parse_json(draining.body))["status"], "draining");

  backend.state = {false, {{"store", false, "disk full"}}};
  auto broken = ask("GET", "/readyz", "");
  EXPECT_EQ(broken.status, 503);
  EXPECT_EQ((*parse_json(broken.body))["checks"][0]["detail"], "disk full");
}

} // namespace
} // namespace plenary
