#include "node/http/api.hpp"
#include "schema/json.hpp"
#include "tests/node/http/one_call_and_room.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenary {
namespace {

using nlohmann::json;
using test::known_call;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* customer_key = "key-of-a";
constexpr const char* operator_key = "key-of-operator";

class ApiControl : public ::testing::Test {
protected:
  server_reply ask(const std::string& method, const std::string& target,
                   const std::string& key = customer_key) {
    return ask(routes, method, target, key);
  }

  server_reply ask_with(const std::string& method, const std::string& target, const std::string& body) {
    return ask(routes, method, target, customer_key, body);
  }

  static server_reply ask(api& whom, const std::string& method, const std::string& target,
                          const std::string& key, const std::string& body = {}) {
    server_request request;
    request.body = body;
    request.method = method;
    request.path = target.substr(0, target.find('?'));
    request.query = target.substr(std::min(target.size(), request.path.size() + 1));
    request.headers["authorization"] = "Bearer " + key;
    std::optional<server_reply> answer;
    whom.handle(std::move(request), [&](server_reply reply) { answer = std::move(reply); });
    return answer.value_or(server_reply{0, "", {}, ""});
  }

  static json document_of(const server_reply& reply) {
    return parse_json(reply.body).value_or(json::object());
  }
  static std::string code_of(const server_reply& reply) {
    return document_of(reply).value("/error/code"_json_pointer, "");
  }
  static std::string participant(const std::string& action) {
    return std::string{"/v1/rooms/daily/participants/"} + known_call + "/" + action;
  }

  test::one_call_and_room backend;
  std::vector<api_credential> keys{{customer_key, {{"cust_a"}, {"app_a"}}}};
  api routes{{keys, {operator_key}}, backend, [] { return std::string{}; }};
  api without_operator{{keys, {}}, backend, [] { return std::string{}; }};
};

TEST_F(ApiControl, CarriesOutLiveControlAndNamesTheRoomsOwnerAndEpoch) {
  auto muted = ask("POST", participant("mute"));
  ask("POST", participant("unmute"));
  ask("POST", participant("kick"));
  auto ended = ask("POST", "/v1/rooms/daily/end");

  ASSERT_EQ(muted.status, 200);
  EXPECT_EQ(document_of(muted), json({{"room", "daily"},
                                      {"call_id", known_call},
                                      {"action", "mute"},
                                      {"node", "node-a"},
                                      {"epoch", 3}}));
  EXPECT_EQ(document_of(ended),
            json({{"room", "daily"}, {"action", "end"}, {"node", "node-a"}, {"epoch", 3}}));
  EXPECT_THAT(backend.told, ElementsAre("change mute", "change unmute", "kick", "end daily"));
}

TEST_F(ApiControl, ChangesWhatAParticipantMayDoByItsBody) {
  const auto path = std::string{"/v1/rooms/daily/participants/"} + known_call;

  auto changed = ask_with("PATCH", path, R"({"mute": true, "end_on_exit": false, "label": "Ann"})");
  ask_with("PATCH", path, R"({"label": "", "mute": null})");

  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(document_of(changed)["action"], "change");
  EXPECT_THAT(backend.told, ElementsAre("change mute stay label=Ann", "change label="));
}

TEST_F(ApiControl, SetsHowLoudAParticipantIsHeard) {
  const auto path = std::string{"/v1/rooms/daily/participants/"} + known_call;

  for (const auto* body : {R"({"gain_db": -20})", R"({"levelling": false})", R"({"levelling": true})"})
    EXPECT_EQ(ask_with("PATCH", path, body).status, 200) << body;

  EXPECT_THAT(backend.told, ElementsAre("change gain=-20", "change gain=0", "change levelled"));
}

TEST_F(ApiControl, SetsWhatAParticipantHears) {
  const auto path = std::string{"/v1/rooms/daily/participants/"} + known_call;

  for (const auto* body : {R"({"deaf": true})", R"({"deaf": false, "hear_gain_db": 6})"})
    EXPECT_EQ(ask_with("PATCH", path, body).status, 200) << body;

  EXPECT_THAT(backend.told, ElementsAre("change deaf", "change hears hear_gain=6"));
}

TEST_F(ApiControl, SaysWhichLimitAChangeReached) {
  backend.trouble = error{errc::limit_reached, "64 participants hear the room each in a way of their own"};

  auto reply =
      ask_with("PATCH", std::string{"/v1/rooms/daily/participants/"} + known_call, R"({"deaf":true})");

  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(document_of(reply)["error"]["code"], "limit_reached");
  EXPECT_EQ(document_of(reply)["error"]["message"], backend.trouble->message);
}

TEST_F(ApiControl, RefusesAChangeThatNamesNothingOrSomethingUnknown) {
  const auto path = std::string{"/v1/rooms/daily/participants/"} + known_call;
  const std::pair<std::string, std::string> bodies[]{
      {"", "the body is "},
      {"[]", "the body must be a JSON object"},
      {"{}", "the body names nothing to change"},
      {R"({"mute": 1})", "$.mute: must be true or false"},
      {R"({"mute": true, "volume": 3})", "$.volume: is no member"},
      {R"({"gain_db": -20.1})", "$.gain_db: must be a number from -20 to 20"},
      {R"({"gain_db": 1, "levelling": true})", "$.gain_db: is a fixed gain"},
      {R"({"deaf": 1})", "$.deaf: must be true or false"},
      {R"({"hear_gain_db": 12.1})", "$.hear_gain_db: must be a number from -20 to 12"},
      {R"({"label": ")" + std::string(65, 'x') + "\"}", "$.label: must be 1 to 64"}};
  for (const auto& [body, why] : bodies) {
    auto reply = ask_with("PATCH", path, body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_THAT(document_of(reply)["error"]["message"].get<std::string>(), testing::StartsWith(why));
  }
  EXPECT_THAT(backend.told, IsEmpty());
}

TEST_F(ApiControl, HangsUpACall) {
  auto reply = ask("POST", std::string{"/v1/calls/"} + known_call + "/hangup");

  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(document_of(reply), json({{"call_id", known_call}, {"action", "hangup"}, {"node", "node-a"}}));
  EXPECT_THAT(backend.told, ElementsAre(std::string{"hangup "} + known_call));
}

TEST_F(ApiControl, TellsWhatIsMissing) {
  const std::string other = "call_20260529T120000.000000002_node-a";
  struct row {
    std::string target;
    int status;
    const char* code;
  };
  for (const auto& [target, status, code] :
       {row{"/v1/rooms/nobody/participants/" + other + "/mute", 404, "room_not_found"},
        row{"/v1/rooms/daily/participants/" + other + "/kick", 404, "participant_not_found"},
        row{"/v1/rooms/daily/participants/nonsense/kick", 404, "participant_not_found"},
        row{"/v1/rooms/a%20b/end", 400, "invalid_request"},
        row{"/v1/rooms/nobody/end", 404, "room_not_found"},
        row{"/v1/calls/" + other + "/hangup", 404, "call_not_found"},
        row{"/v1/calls/nonsense/hangup", 404, "call_not_found"},
        row{"/v1/rooms/daily/participants/" + other + "/dance", 404, "not_found"}}) {
    auto reply = ask("POST", target);

    EXPECT_EQ(reply.status, status) << target;
    EXPECT_EQ(code_of(reply), code) << target;
  }
  EXPECT_THAT(backend.told, IsEmpty());
}

TEST_F(ApiControl, SaysMovingWithRetryAfterWhileAnObjectIsPlacedAnew) {
  backend.trouble = error{errc::moving, "inner text"};
  for (const auto& [method, target] :
       {std::pair{"GET", std::string{"/v1/rooms/daily"}}, std::pair{"POST", participant("mute")},
        std::pair{"GET", std::string{"/v1/calls/"} + known_call},
        std::pair{"POST", std::string{"/v1/calls/"} + known_call + "/hangup"}}) {
    auto reply = ask(method, target);

    EXPECT_EQ(reply.status, 503) << target;
    EXPECT_EQ(code_of(reply), "moving") << target;
    EXPECT_EQ(reply.headers.at(0), (std::pair<std::string, std::string>{"Retry-After", "1"}));
  }
}

TEST_F(ApiControl, TakesEachPathsMethodsOnly) {
  struct row {
    const char* method;
    const char* target;
    const char* allow;
  };
  for (const auto& [method, target, allow] :
       {row{"GET", "/v1/rooms/daily/end", "POST, OPTIONS"},
        row{"POST", "/v1/rooms/daily", "GET, HEAD, OPTIONS"},
        row{"PUT", "/v1/nodes/node-a/drain", "GET, HEAD, POST, DELETE, OPTIONS"}}) {
    auto reply = ask(method, target);

    EXPECT_EQ(reply.status, 405) << target;
    EXPECT_EQ(reply.headers.at(0), (std::pair<std::string, std::string>{"Allow", allow}));
  }
}

TEST_F(ApiControl, ListsCallsInPages) {
  backend.more = true;

  auto reply = ask("GET", "/v1/calls?limit=7&after=call_1");

  ASSERT_EQ(reply.status, 200);
  auto document = document_of(reply);
  ASSERT_EQ(document["calls"].size(), 1u); // the other customer's is left out
  EXPECT_EQ(document["calls"][0]["id"], known_call);
  EXPECT_EQ(document["nodes_without_answer"], json::array({"node-c"}));
  EXPECT_EQ(backend.asked_page.limit, 7u);
  EXPECT_EQ(backend.asked_page.after, "call_1");
  for (const char* wrong : {"0", "501", "-1", "x", "", "1x"})
    EXPECT_EQ(code_of(ask("GET", std::string{"/v1/rooms?limit="} + wrong)), "invalid_request") << wrong;
  EXPECT_EQ(ask("GET", "/v1/rooms?limit=%zz").status, 400);
  EXPECT_EQ(ask("GET", "/v1/rooms?limit=1&limit=2").status, 400);
}

TEST_F(ApiControl, NamesTheEntryBehindWhichTheNextPageStarts) {
  backend.more = true;

  auto document = document_of(ask("GET", "/v1/rooms"));

  EXPECT_EQ(document["next"], "moving");
}

TEST_F(ApiControl, KeepsCustomersFromOperatorsRoutes) {
  for (const auto& [method, target] :
       {std::pair{"GET", "/v1/nodes"}, std::pair{"GET", "/v1/nodes/node-a"},
        std::pair{"POST", "/v1/nodes/node-a/drain"}, std::pair{"DELETE", "/v1/nodes/node-a/drain"},
        std::pair{"GET", "/v1/nodes/node-a/drain"}}) {
    EXPECT_EQ(ask(method, target, customer_key).status, 403) << target;
    EXPECT_EQ(ask(method, target, "wrong").status, 401) << target;
    for (const char* key : {customer_key, operator_key, "wrong"}) {
      auto closed = ask(without_operator, method, target, key);
      EXPECT_EQ(closed.status, 403) << target;
      EXPECT_THAT(closed.body, ::testing::HasSubstr("operator_key"));
    }
  }
  EXPECT_THAT(backend.told, IsEmpty());
}

TEST_F(ApiControl, ShowsTheNodes) {
  backend.nodes[1].status.links.push_back(backend.nodes[0].identity);
  auto document = document_of(ask("GET", "/v1/nodes", operator_key));
  backend.nodes[1].lost_since = test::noon;
  auto lost = document_of(ask("GET", "/v1/nodes/node-b", operator_key));

  ASSERT_EQ(document["nodes"].size(), 2u);
  EXPECT_EQ(document["nodes"][0]["self"], true);
  EXPECT_EQ(document["nodes"][1], *parse_json(R"({"name": "node-b", "self": false, "address": "10.0.0.1:7400",
    "state": "live", "lost_since": null, "incarnation": "1780056000000000001",
    "started_at": "2026-05-29T12:00:00.000Z", "version": "0.1.0", "region": "eu", "weight": 1.0,
    "rooms": 2, "calls": 3, "callers": 4, "links": ["node-a"]})"));
  EXPECT_EQ(lost["state"], "lost");
  EXPECT_EQ(lost["lost_since"], "2026-05-29T12:00:00.000Z");
  EXPECT_EQ(code_of(ask("GET", "/v1/nodes/node-z", operator_key)), "node_not_found");
}

TEST_F(ApiControl, DrainsANodeAndTellsItsProgress) {
  auto started = ask("POST", "/v1/nodes/node-b/drain", operator_key);
  backend.nodes[1] = backend.node("node-b", member_phase::draining);
  auto under_way = document_of(ask("GET", "/v1/nodes/node-b/drain", operator_key));
  backend.nodes[1].status = {member_phase::draining, 0, 0, 0, {}};
  auto done = document_of(ask("GET", "/v1/nodes/node-b/drain", operator_key));
  auto cancelled = ask("DELETE", "/v1/nodes/node-b/drain", operator_key);

  EXPECT_EQ(started.status, 202);
  EXPECT_EQ(document_of(started)["draining"], true);
  EXPECT_EQ(under_way, *parse_json(R"({"node": "node-b", "state": "draining", "draining": true, "done": false,
    "rooms_left": 2, "calls_left": 3})"));
  EXPECT_EQ(done["done"], true);
  EXPECT_EQ(cancelled.status, 200);
  EXPECT_EQ(document_of(cancelled)["draining"], false);
  EXPECT_THAT(backend.told, ElementsAre("drain node-b", "undrain node-b"));
  EXPECT_EQ(ask("POST", "/v1/nodes/node-z/drain", operator_key).status, 404);
}

TEST_F(ApiControl, LetsTheOperatorNameTheCustomer) {
  auto named = ask("GET", "/v1/rooms?customer_id=cust_a", operator_key);

  EXPECT_EQ(named.status, 200);
  EXPECT_EQ(backend.asked_customer.value, "cust_a");
  EXPECT_EQ(code_of(ask("GET", "/v1/rooms", operator_key)), "invalid_request");
  EXPECT_EQ(ask("GET", "/v1/rooms?customer_id=cust_b").status, 403);
  EXPECT_EQ(ask("GET", "/v1/rooms?customer_id=cust_a").status, 200);
}

} // namespace
} // namespace plenary
