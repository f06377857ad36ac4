#include "node/ctl/ctl_program.hpp"
#include "node/http/api.hpp"
#include "node/http/http_server.hpp"
#include "tests/node/http/one_call_and_room.hpp"
#include "tests/support/fake_edges.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace plenary {
namespace {

using nlohmann::json;
using test::known_call;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// plenaryctl against the real HTTP server and routes, with objects in memory behind them.
class Ctl : public ::testing::Test {
protected:
  Ctl() {
    http_server_options options;
    server = std::move(*http_server::start(options, routes, meters, log));
    environment["PLENARY_URL"] = "http://127.0.0.1:" + std::to_string(server->port());
    environment["PLENARY_KEY"] = "key-of-operator";
  }
  ~Ctl() override { server->stop(); }

  static api_options with_customers() {
    api_options options;
    options.customers = [] {
      return std::vector<customer_summary>{{{"cust_a"}, {{{"app_a"}, 2, 7}}}, {{"cust_b"}, {}}};
    };
    return options;
  }

  ctl_status run(std::vector<const char*> words) {
    out.str("");
    err.str("");
    return run_ctl(words, environment, out, err);
  }

  test::one_call_and_room backend;
  api routes{{{{"key-of-a", {{"cust_a"}, {"app_a"}}}}, {"key-of-operator"}},
             backend,
             [] { return std::string{"plenary_rooms_active 2\nprocess_cpu_seconds_total 1\n"}; },
             with_customers()};
  test::counting_telemetry meters;
  test::silent_logger log;
  std::unique_ptr<http_server> server;
  std::map<std::string, std::string> environment;
  std::ostringstream out;
  std::ostringstream err;
};

TEST_F(Ctl, ShowsNodesAsTableAndAsJson) {
  EXPECT_EQ(run({"nodes"}), ctl_status::done);
  auto table = out.str();
  EXPECT_EQ(run({"nodes", "--json"}), ctl_status::done);
  auto document = json::parse(out.str());

  EXPECT_THAT(table, StartsWith("NAME      STATE  ROOMS  CALLERS  CALLS"));
  EXPECT_THAT(table, HasSubstr("\nnode-a *  live       2        4      3"));
  EXPECT_EQ(document["nodes"].size(), 2u);
}

TEST_F(Ctl, ShowsRoomsAndCallsOfTheCustomerThatTheOperatorNames) {
  EXPECT_EQ(run({"rooms", "--customer", "cust_a"}), ctl_status::done);
  EXPECT_THAT(out.str(), HasSubstr("\ndaily   node-a      3             1  2026-05-29T12:00:00.000Z\n"));
  EXPECT_EQ(backend.asked_page.limit, 500u);
  EXPECT_EQ(run({"room", "daily", "--customer", "cust_a"}), ctl_status::done);
  EXPECT_THAT(out.str(), HasSubstr(known_call));
  EXPECT_EQ(run({"calls", "--customer", "cust_a"}), ctl_status::done);
  EXPECT_THAT(out.str(), HasSubstr("calls of \"node-c\" are missing"));
  EXPECT_EQ(run({"call", known_call, "--customer", "cust_a"}), ctl_status::done);
  EXPECT_THAT(out.str(), HasSubstr("hangup_cause      normal_clearing"));
}

TEST_F(Ctl, ShowsTheOperatorEverybodysRoomsAndCallsAndFindsTheirOwners) {
  EXPECT_EQ(run({"customers"}), ctl_status::done);
  EXPECT_THAT(out.str(), HasSubstr("\ncust_a    app_a              2           7\n"));
  EXPECT_EQ(run({"rooms"}), ctl_status::done) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("\ncust_a    daily"));
  EXPECT_EQ(run({"calls"}), ctl_status::done);
  EXPECT_THAT(out.str(), HasSubstr(std::string{"cust_a    "} + known_call));
  EXPECT_EQ(run({"room", "daily"}), ctl_status::done) << err.str();
  EXPECT_EQ(run({"call", known_call}), ctl_status::done) << err.str();
  EXPECT_EQ(run({"mute", "daily", known_call}), ctl_status::done) << err.str();
  EXPECT_EQ(run({"room", "nobody"}), ctl_status::not_found);
  EXPECT_EQ(run({"names", "rooms"}), ctl_status::done);
  EXPECT_THAT(out.str(), StartsWith("daily\n"));
  EXPECT_EQ(run({"names", "customers"}), ctl_status::done);
  EXPECT_EQ(out.str(), "cust_a\ncust_b\n");
  EXPECT_EQ(run({"names", "dogs"}), ctl_status::wrong_usage);
}

TEST_F(Ctl, KeepsCustomersToTheirOwn) {
  environment["PLENARY_KEY"] = "key-of-a";
  EXPECT_EQ(run({"customers"}), ctl_status::failed);
  EXPECT_EQ(run({"rooms"}), ctl_status::done);
  EXPECT_THAT(out.str(), StartsWith("ROOM"));
}

TEST_F(Ctl, SaysItsVersion) {
  EXPECT_EQ(run({"--version"}), ctl_status::done);
  EXPECT_EQ(out.str(), "plenaryctl " PLENARY_VERSION "\n");
}

TEST_F(Ctl, ControlsWithTheCustomersOwnKeyOutOfAFile) {
  test::temporary_directory folder;
  auto file = (folder.path() / "key").string();
  std::ofstream(file) << "key-of-a\n";

  for (auto words :
       {std::vector<const char*>{"mute", "daily", known_call},
        std::vector<const char*>{"unmute", "daily", known_call},
        std::vector<const char*>{"kick", "daily", known_call}, std::vector<const char*>{"end", "daily"},
        std::vector<const char*>{"hangup", known_call}}) {
    words.insert(words.end(), {"--key-file", file.c_str()});
    EXPECT_EQ(run(words), ctl_status::done) << err.str();
    EXPECT_EQ(out.str(), "done\n");
  }

  EXPECT_THAT(backend.told, ElementsAre("change mute", "change unmute", "kick", "end daily",
                                        std::string{"hangup "} + known_call));
}

TEST_F(Ctl, SaysByItsStatusWhatWentWrong) {
  environment["PLENARY_KEY"] = "key-of-a";
  EXPECT_EQ(run({"room", "nobody"}), ctl_status::not_found);
  EXPECT_EQ(err.str(), "plenaryctl: there is no room of that name now (404 room_not_found)\n");
  EXPECT_EQ(run({"nodes"}), ctl_status::failed);
  EXPECT_EQ(run({"dance"}), ctl_status::wrong_usage);
  EXPECT_EQ(run({"nodes", "--key-file", "/nonexistent"}), ctl_status::wrong_usage);
  backend.trouble = error{errc::moving, ""};
  EXPECT_EQ(run({"room", "daily"}), ctl_status::try_again);
  EXPECT_EQ(run({"room", "daily", "--url", "http://127.0.0.1:1"}), ctl_status::no_answer);
  EXPECT_THAT(out.str(), IsEmpty());
}

TEST_F(Ctl, DrainsAndWaitsUntilTheNodeHasNothingLeft) {
  EXPECT_EQ(run({"drain", "node-b"}), ctl_status::done);
  EXPECT_THAT(out.str(), HasSubstr("node-b: draining, 2 rooms and 3 calls left"));
  backend.nodes[1] = backend.node("node-b", member_phase::draining);
  EXPECT_EQ(run({"drain", "node-b", "--wait=1"}), ctl_status::try_again);
  backend.nodes[1].status = {member_phase::draining, 0, 0, 0, {}};
  EXPECT_EQ(run({"drain", "node-b", "--wait"}), ctl_status::done);
  EXPECT_THAT(out.str(), HasSubstr("node-b: drained, 0 rooms and 0 calls left"));
  EXPECT_EQ(run({"drain", "node-b", "--cancel"}), ctl_status::done);
  EXPECT_THAT(out.str(), HasSubstr("node-b: not draining"));
  EXPECT_EQ(run({"drain", "node-z"}), ctl_status::not_found);

  EXPECT_THAT(backend.told, ElementsAre("drain node-b", "drain node-b", "drain node-b", "undrain node-b"));
}

TEST_F(Ctl, WaitsNoLongerForANodeThatIsGone) {
  backend.nodes[1].lost_since = test::noon;

  EXPECT_EQ(run({"drain", "node-b", "--wait"}), ctl_status::done);

  EXPECT_THAT(out.str(), HasSubstr("node-b: it has left"));
}

TEST_F(Ctl, NoticesThatADrainIsCancelledByOthers) {
  EXPECT_EQ(run({"drain", "node-b", "--wait"}), ctl_status::failed);
  EXPECT_THAT(err.str(), HasSubstr("cancelled"));
}

TEST_F(Ctl, ExplainsACall) {
  backend.call.status = call_status::in_progress;
  backend.call.ended_at.reset();
  backend.call.cause.reset();
  backend.call.room = backend.room.key;

  EXPECT_EQ(run({"explain", known_call, "--customer", "cust_a"}), ctl_status::done);

  EXPECT_THAT(out.str(), HasSubstr("it is in room daily: owner node-a (live), epoch 3, 1 participants"));
}

TEST_F(Ctl, ShowsEveryNodesFiguresOnce) {
  auto own = "node-b=" + environment["PLENARY_URL"];

  EXPECT_EQ(run({"top", "--once", "--node", own.c_str()}), ctl_status::done);
  auto table = out.str();
  EXPECT_EQ(run({"top", "--once", "--json", "--node", own.c_str()}), ctl_status::done);
  auto document = json::parse(out.str());

  EXPECT_THAT(table, HasSubstr("\nnode-a  live       2"));
  EXPECT_THAT(table, HasSubstr("\nnode-b  live       2"));
  EXPECT_EQ(document["nodes"][0]["cpu_percent"], 0.0);
}

} // namespace
} // namespace plenary
