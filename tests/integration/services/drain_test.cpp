#include "tests/integration/services/services_cluster.hpp"

namespace plenary::test::drain_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr const char* room = "daily_support_room";
/// As in a planned restart: callers hear at most this silence while their room moves.
constexpr milliseconds most_silence{1000};

/// A room on one node with a caller at each; who drains that node asks another one.
class DrainOverTheApi : public ServicesCluster {
protected:
  void meet_everywhere() {
    start({{"node", "drain_deadline_s = 60"}});
    rtp_caller host(caller(0, 0, number_of(9)));
    leaving = open_room(host, room);
    ASSERT_LT(leaving, node_count);
    staying = {others(leaving)[0], others(leaving)[1]};
    alice = std::make_unique<rtp_caller>(caller(staying[0], 440, number_of(1)));
    bob = std::make_unique<rtp_caller>(caller(staying[1], 700, number_of(2)));
    ASSERT_TRUE(alice->call());
    ASSERT_TRUE(bob->call());
    ASSERT_TRUE(meet(*alice, 440, *bob, 700));
    ASSERT_EQ(host.hang_up(), 200);
    ASSERT_TRUE(wait_for_room(room, 2));
    alice->watch_silence();
    bob->watch_silence();
  }

  const std::string& name() { return node(leaving).name(); }
  /// The status of the answer.
  int ask_for_drain(std::size_t asked, const std::string& method) {
    return as_operator(asked, method, "/v1/nodes/" + name() + "/drain").value_or(http_message{}).status();
  }

  /// Waits until these nodes say that the room lives on another node than the leaving one.
  bool has_moved(const std::vector<std::size_t>& asked, std::size_t participants) {
    return eventually(
        [&] {
          const auto found = agreed_on(room, asked);
          return found && found->node != name() && found->participants == participants;
        },
        seconds(10));
  }

  int readiness(std::size_t index, const std::string& wanted) {
    const auto answer = http_get(node(index).http(), "/readyz");
    return answer && answer->body.find('"' + wanted + '"') != std::string::npos ? answer->status() : 0;
  }

  /// New rooms, each opened by a caller at this node; those that live on the leaving node.
  int new_rooms_on_the_leaving_node(std::size_t at, int first, int rooms) {
    int there = 0;
    for (int i = first; i < first + rooms; ++i) {
      rtp_caller phone(caller(at, 0, number_of(i)));
      EXPECT_TRUE(phone.call()) << i;
      const auto found = wait_for_room(room_of(i), 1);
      EXPECT_TRUE(found) << room_of(i);
      there += found && found->node == name();
      EXPECT_EQ(phone.hang_up(), 200);
    }
    return there;
  }

  /// Asks every way there is, also with so many new rooms from this caller's number on.
  void expect_nothing_new_is_taken(int first, int rooms) {
    rtp_caller late(caller(leaving, 0, number_of(4)));
    late.invite();
    const auto refused = late.wait_for_answer();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status(), 503);
    EXPECT_FALSE(refused->header("retry-after").empty());
    EXPECT_EQ(readiness(leaving, "draining"), 503);
    EXPECT_EQ(readiness(staying[0], "ready"), 200);
    for (const auto index : staying)
      EXPECT_TRUE(eventually([&] { return told_of(index, name(), "state") == "draining"; }));
    EXPECT_EQ(metric(leaving, "plenary_drain_rooms_left"), 0);
    EXPECT_EQ(metric(leaving, "plenary_drain_calls_left"), 1);
    EXPECT_EQ(new_rooms_on_the_leaving_node(staying[1], first, rooms), 0);
  }

  static std::string room_of(int caller) { return fmt::format("new-{}", caller); }

  void TearDown() override {
    alice.reset();
    bob.reset();
    LiveCluster::TearDown();
  }

  std::size_t leaving = node_count;
  std::vector<std::size_t> staying;
  std::unique_ptr<rtp_caller> alice;
  std::unique_ptr<rtp_caller> bob;
};

TEST_F(DrainOverTheApi, AskedOnAnotherNodeMovesTheRoomTakesNothingNewAndCanBeCancelled) {
  constexpr int rooms = 12;
  std::map<std::string, nlohmann::json> documents;
  for (int i = 100; i < 100 + 2 * rooms; ++i)
    documents[number_of(i)] = conference(room_of(i));
  answer_by_caller(documents);
  ASSERT_NO_FATAL_FAILURE(meet_everywhere());
  rtp_caller dave(caller(leaving, 1100, number_of(3)));
  ASSERT_TRUE(dave.call());
  ASSERT_TRUE(wait_for_room(room, 3));
  alice->watch_silence();
  dave.watch_silence();

  const auto began = steady_clock::now();
  EXPECT_EQ(ask_for_drain(staying[0], "POST"), 202);
  EXPECT_TRUE(has_moved({0, 1, 2}, 3));
  const auto moved_ms = since(began);
  EXPECT_TRUE(eventually([&] { return hears(*alice, 700) && hears(*bob, 440) && hears(dave, 440); }));
  fmt::print("drain: room elsewhere after {} ms, silence of {}, {} and {} ms\n", moved_ms,
             alice->longest_silence().count(), bob->longest_silence().count(),
             dave.longest_silence().count());
  EXPECT_LT(alice->longest_silence(), most_silence);
  EXPECT_LT(bob->longest_silence(), most_silence);
  EXPECT_LT(dave.longest_silence(), most_silence);

  expect_nothing_new_is_taken(100, rooms);

  EXPECT_EQ(ask_for_drain(staying[1], "DELETE"), 200);
  EXPECT_TRUE(eventually([&] { return readiness(leaving, "ready") == 200; }));
  for (const auto index : staying)
    EXPECT_TRUE(eventually([&] { return told_of(index, name(), "state") == "live"; }));
  EXPECT_EQ(short_call(leaving, number_of(5)), 200);
  const auto there = new_rooms_on_the_leaving_node(staying[1], 100 + rooms, rooms);
  fmt::print("drain cancelled: {} of {} new rooms are on the node again\n", there, rooms);
  EXPECT_GT(there, 0);
  EXPECT_TRUE(hears(dave, 440));
  EXPECT_EQ(dave.hang_up(), 200);
}

TEST_F(DrainOverTheApi, ByPlenaryctlEndsANodeWithoutCallsOfItsOwn) {
  ASSERT_NO_FATAL_FAILURE(meet_everywhere());

  const auto began = steady_clock::now();
  const auto drained = ctl(staying[0], {"drain", name(), "--wait=20"});
  const auto waited_ms = since(began);

  EXPECT_EQ(drained.status, 0) << drained.output;
  EXPECT_THAT(drained.output, testing::AnyOf(HasSubstr("drained"), HasSubstr("it has left")));
  EXPECT_EQ(node(leaving).process().wait_for_exit(seconds(20)), 0);
  EXPECT_TRUE(has_moved(staying, 2));
  EXPECT_TRUE(eventually([&] { return hears(*alice, 700) && hears(*bob, 440); }));
  fmt::print("plenaryctl drain --wait: {} ms, the process has left after {} ms, silence of {} and {} ms\n",
             waited_ms, since(began), alice->longest_silence().count(), bob->longest_silence().count());
  EXPECT_LT(alice->longest_silence(), most_silence);
  EXPECT_LT(bob->longest_silence(), most_silence);
  EXPECT_FALSE(alice->wait_for_bye(milliseconds(0)));
  EXPECT_EQ(ctl(staying[0], {"drain", "node-x"}).status, 4) << "there is no such node";
}

TEST_F(DrainOverTheApi, IsSeenByPlenaryctlAsTheClusterIs) {
  ASSERT_NO_FATAL_FAILURE(meet_everywhere());
  const auto hers = call_of(number_of(1));
  const auto third = staying[1];

  const auto nodes = ctl(third, {"nodes"});
  const auto story = ctl(third, {"explain", hers, "--customer", "cust_demo"});
  const auto rooms = ctl(third, {"rooms", "--customer", "cust_demo"});
  const auto calls = ctl(third, {"calls", "--customer", "cust_demo", "--json"});
  std::vector<std::string> top{"top", "--once", "--json"};
  for (std::size_t index = 0; index < node_count; ++index)
    top.insert(top.end(),
               {"--node", fmt::format("{}=http://{}", node(index).name(), to_string(node(index).http()))});
  const auto table = ctl(third, top);

  for (const auto* each : {&nodes, &story, &rooms, &calls, &table})
    EXPECT_EQ(each->status, 0) << each->output;
  fmt::print("{}{}{}", nodes.output, story.output, rooms.output);
  for (std::size_t index = 0; index < node_count; ++index)
    EXPECT_THAT(nodes.output, HasSubstr(node(index).name()));
  EXPECT_THAT(story.output,
              HasSubstr(fmt::format("its signalling is on {} (live)", node(staying[0]).name())));
  EXPECT_THAT(story.output, HasSubstr(fmt::format("it is in room {}: owner {} (live)", room, name())));
  EXPECT_THAT(story.output, HasSubstr("its media goes straight to the room's node"));
  EXPECT_THAT(rooms.output, HasSubstr(room));
  EXPECT_EQ(nlohmann::json::parse(calls.output).at("calls").size(), 2U);
  const auto rows = nlohmann::json::parse(table.output).at("nodes");
  double participants = 0;
  for (const auto& row : rows) {
    EXPECT_EQ(row.at("state"), "live");
    EXPECT_TRUE(row.at("cpu_percent").is_number()) << row;
    participants += row.at("participants").get<double>();
  }
  EXPECT_EQ(participants, 2);
}

} // namespace

} // namespace plenary::test::drain_test
