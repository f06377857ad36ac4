#include "node/directory_backend.hpp"
#include "tests/actors/actor_world.hpp"
#include "tests/node/backend/scripted_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const customer_id customer{"cust_a"};
const room_key daily{customer, "daily"};
const call_id call_on_b{"call_20260529T120000.000000001_node-b"};
const call_id call_on_a{"call_20260529T120000.000000002_node-a"};

member_view member(std::string name, member_phase phase, bool self = false) {
  member_view made;
  made.identity.name.value = std::move(name);
  made.status.phase = phase;
  made.self = self;
  return made;
}

call_record record(const call_id& id) {
  call_record made;
  made.id = id;
  made.customer = customer;
  return made;
}

room_snapshot snapshot(std::uint64_t epoch) {
  room_snapshot made;
  made.key = daily;
  made.node.value = "node-b";
  made.epoch = epoch;
  made.participants.push_back({call_on_b, {}, false, {}});
  return made;
}

/// The backend of node-a; node-b is another member.
class DirectoryBackend : public ::testing::Test {
protected:
  DirectoryBackend() {
    script.members.members = {member("node-a", member_phase::live, true),
                              member("node-b", member_phase::live)};
    script.owners = {peer::room_place{{"node-b"}, 7}};
    directory = world.system().spawn(test::scripted_directory, &script);
    backend.open({{"node-z"}, directory, {}}); // it asks for nothing of its own
    alone.open({{"node-z"}, directory, {}});
  }
  ~DirectoryBackend() override {
    backend.close();
    alone.close();
    caf::anon_send_exit(directory, caf::exit_reason::user_shutdown);
    directory = nullptr;
    world.settle();
  }

  /// Runs everything, simulated time included, until the answer is there.
  template <class T>
  result<T> answer_to(const std::function<void(api_backend::callback<T>)>& question) {
    std::optional<result<T>> answer;
    question([&](result<T> got) { answer = std::move(got); });
    world.settle();
    for (int i = 0; i < 100 && !answer; ++i)
      world.pass(100ms);
    return answer.value_or(fail(errc::internal, "there was no answer at all"));
  }

  result<std::optional<call_record>> found_call(const call_id& id, directory_backend& by) {
    return answer_to<std::optional<call_record>>([&](auto done) { by.find_call(customer, id, done); });
  }
  result<std::optional<room_snapshot>> found_room() {
    return answer_to<std::optional<room_snapshot>>([&](auto done) { backend.find_room(daily, done); });
  }
  result<control_outcome> muted(const call_id& id) {
    return answer_to<control_outcome>([&](auto done) {
      backend.control_participant(daily, id, participation_change{.muted = true}, done);
    });
  }
  readiness readiness_now() {
    auto answer = answer_to<readiness>(
        [&](auto done) { backend.ready([done](readiness state) { done(std::move(state)); }); });
    return answer.value_or(readiness{});
  }

  test::actor_world world;
  test::directory_script script;
  test::call_book store;
  directory_actor directory;
  directory_backend backend{world.system(), store, true};
  directory_backend alone{world.system(), store, false};
};

TEST_F(DirectoryBackend, AsksTheNodeThatACallIdNames) {
  script.nodes = [](const ask_node&) -> result<peer_reply> {
    return peer_reply{std::optional{record(call_on_b)}};
  };

  auto found = found_call(call_on_b, backend);

  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, call_on_b);
  EXPECT_EQ(script.asked.at(0).node.value, "node-b");
}

TEST_F(DirectoryBackend, BelievesOnlyTheNodeThatMustKnowThatACallDoesNotExist) {
  script.nodes = [](const ask_node& message) -> result<peer_reply> {
    if (message.node.value == "node-b")
      return fail(errc::unavailable, "not reachable");
    return peer_reply{std::optional<call_record>{}};
  };

  EXPECT_EQ(found_call(call_on_a, backend), result<std::optional<call_record>>{std::nullopt});
  EXPECT_EQ(found_call(call_on_b, backend).error().code, errc::moving);
  store.is_shared = true;
  EXPECT_EQ(found_call(call_on_b, backend).error().code, errc::moving);
  EXPECT_EQ(found_call(call_on_b, alone), result<std::optional<call_record>>{std::nullopt});
}

TEST_F(DirectoryBackend, ReadsCallsOfAnUnreachableNodeFromASharedStore) {
  script.nodes = [](const ask_node&) -> result<peer_reply> { return fail(errc::unavailable, ""); };
  store.calls[call_on_b] = record(call_on_b);

  auto own_file = found_call(call_on_b, backend);
  store.is_shared = true;
  auto shared = found_call(call_on_b, backend);
  store.calls[call_on_b].customer.value = "cust_b";
  auto of_another_customer = found_call(call_on_b, backend);

  EXPECT_EQ(own_file.error().code, errc::moving);
  EXPECT_TRUE(shared && *shared);
  EXPECT_EQ(of_another_customer, result<std::optional<call_record>>{std::nullopt});
}

TEST_F(DirectoryBackend, SaysMovingWhenANodeDoesNotAnswer) {
  script.silent = true;

  EXPECT_EQ(found_call(call_on_b, backend).error().code, errc::moving);
  EXPECT_EQ(found_room().error().code, errc::moving);
}

TEST_F(DirectoryBackend, AsksOnceMoreWhenARoomHasJustMoved) {
  script.owners = {peer::room_place{{"node-b"}, 7}, peer::room_place{{"node-c"}, 8}};
  script.nodes = [](const ask_node& message) -> result<peer_reply> {
    const auto& asked = std::get<peer::control_participant>(std::get<node_request>(message.what));
    if (asked.epoch == 7)
      return fail(errc::stale, "the room's epoch is 8");
    return peer_reply{peer::done{}};
  };

  auto outcome = muted(call_on_b);

  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->what, control_outcome::kind::done);
  EXPECT_EQ(outcome->place.epoch, 8u);
  EXPECT_EQ(script.asked.at(1).node.value, "node-c");
}

TEST_F(DirectoryBackend, SaysThatARoomMovesUntilItsOwnerIsKnown) {
  script.nodes = [](const ask_node&) -> result<peer_reply> { return fail(errc::moved, ""); };
  EXPECT_EQ(found_room().error().code, errc::moved);

  script.owners = {fail(errc::moving, "")};
  EXPECT_EQ(found_room().error().code, errc::moving);

  script.owners = {fail(errc::not_found, "")};
  EXPECT_EQ(*found_room(), std::nullopt);
}

TEST_F(DirectoryBackend, TellsAMissingRoomFromAMissingParticipant) {
  script.nodes = [](const ask_node& message) -> result<peer_reply> {
    if (std::holds_alternative<peer::describe_room>(std::get<node_request>(message.what)))
      return peer_reply{snapshot(7)};
    return fail(errc::not_found, "");
  };

  auto nobody = muted(call_on_a);
  auto just_came = muted(call_on_b);
  script.nodes = [](const ask_node&) -> result<peer_reply> { return fail(errc::not_found, ""); };
  auto nowhere = muted(call_on_a);

  EXPECT_EQ(nobody->what, control_outcome::kind::no_participant);
  EXPECT_EQ(just_came.error().code, errc::moving);
  EXPECT_EQ(nowhere->what, control_outcome::kind::no_room);
}

TEST_F(DirectoryBackend, ListsRoomsOfAllNodesInPagesAndKeepsThoseWhoseOwnerIsSilent) {
  for (const char* name : {"c", "a", "d", "b", "gone"})
    script.rooms.rooms.push_back({room_key{customer, name}, {{"node-b"}, 1}});
  script.nodes = [](const ask_node& message) -> result<peer_reply> {
    const auto& name = std::get<peer::describe_room>(std::get<node_request>(message.what)).key.name;
    if (name == "gone")
      return fail(errc::not_found, "");
    if (name == "d")
      return fail(errc::unavailable, "");
    return peer_reply{snapshot(1)};
  };

  auto first = answer_to<room_listing>([&](auto done) { backend.list_rooms(customer, {"", 2}, done); });
  auto rest = answer_to<room_listing>([&](auto done) { backend.list_rooms(customer, {"b", 100}, done); });

  ASSERT_EQ(first->rooms.size(), 2u);
  EXPECT_EQ(first->rooms[1].key.name, "b");
  EXPECT_TRUE(first->more);
  ASSERT_EQ(rest->rooms.size(), 2u);
  EXPECT_TRUE(rest->rooms[0].details);
  EXPECT_EQ(rest->rooms[1].key.name, "d");
  EXPECT_FALSE(rest->rooms[1].details);
  EXPECT_FALSE(rest->more);
}

TEST_F(DirectoryBackend, ListsCallsOfAllNodesAndNamesThoseThatDoNotAnswer) {
  script.members.members.push_back(member("node-c", member_phase::live));
  script.nodes = [](const ask_node& message) -> result<peer_reply> {
    if (message.node.value == "node-c")
      return fail(errc::timeout, "");
    return peer_reply{std::vector{record(message.node.value == "node-a" ? call_on_a : call_on_b)}};
  };

  auto listing = answer_to<call_listing>([&](auto done) { backend.list_calls(customer, {"", 100}, done); });

  ASSERT_TRUE(listing);
  ASSERT_EQ(listing->calls.size(), 2u);
  EXPECT_EQ(listing->calls[0].id, call_on_b); // the older one
  ASSERT_EQ(listing->silent.size(), 1u);
  EXPECT_EQ(listing->silent[0].value, "node-c");
}

TEST_F(DirectoryBackend, HangsUpWhereTheCallIs) {
  script.nodes = [](const ask_node&) -> result<peer_reply> { return peer_reply{peer::done{}}; };
  EXPECT_TRUE(answer_to<void>([&](auto done) { backend.hang_up(customer, call_on_b, done); }));
  EXPECT_EQ(std::get<peer::hang_up_call>(std::get<node_request>(script.asked.at(0).what)).call, call_on_b);

  script.nodes = [](const ask_node&) -> result<peer_reply> { return fail(errc::unavailable, ""); };
  auto unreachable = answer_to<void>([&](auto done) { backend.hang_up(customer, call_on_b, done); });
  auto no_cluster = answer_to<void>([&](auto done) { alone.hang_up(customer, call_on_b, done); });

  EXPECT_EQ(unreachable.error().code, errc::moving);
  EXPECT_EQ(no_cluster.error().code, errc::not_found);
}

TEST_F(DirectoryBackend, RemembersLostMembers) {
  using nodes = std::vector<node_description>;
  answer_to<nodes>([&](auto done) { backend.list_nodes(done); });
  script.members.members.pop_back();

  auto now = answer_to<nodes>([&](auto done) { backend.list_nodes(done); });

  ASSERT_EQ(now->size(), 2u);
  EXPECT_TRUE((*now)[0].self);
  EXPECT_TRUE((*now)[1].lost_since);
}

TEST_F(DirectoryBackend, IsReadyWhenTheNodeIsLiveAndItsStoreAnswers) {
  auto live = readiness_now();
  script.members.members[0].status.phase = member_phase::held;
  auto held = readiness_now();
  script.members.members[0].status.phase = member_phase::draining;
  auto draining = readiness_now();

  ASSERT_EQ(live.checks.size(), 3u);
  for (const auto& check : live.checks) {
    EXPECT_TRUE(check.ok) << check.name;
    if (check.name == "cluster") {
      EXPECT_EQ(check.detail, "live, 2 members");
    }
  }
  EXPECT_TRUE(
      std::any_of(held.checks.begin(), held.checks.end(), [](const auto& check) { return !check.ok; }));
  EXPECT_FALSE(held.draining);
  EXPECT_TRUE(draining.draining);
}

TEST_F(DirectoryBackend, SaysThatItDrainsUntilItTakesCallsAgain) {
  backend.drain();
  auto leaving = readiness_now();
  backend.drain(false);
  auto back = readiness_now();

  EXPECT_TRUE(leaving.draining);
  EXPECT_FALSE(back.draining);
}

TEST_F(DirectoryBackend, IsNotReadyWhileItsRoomsMayNotMixThoughItsDirectoryHasYetToNotice) {
  script.members.members[0].status.phase = member_phase::live;
  bool holds = true;
  backend.watch_permit([&holds] { return holds; });
  const auto ok = [](const readiness& state) {
    return std::all_of(state.checks.begin(), state.checks.end(), [](const auto& check) { return check.ok; });
  };

  const auto before = readiness_now();
  holds = false; // the process stood still
  const auto frozen = readiness_now();
  holds = true;
  const auto after = readiness_now();

  EXPECT_TRUE(ok(before));
  EXPECT_FALSE(ok(frozen));
  EXPECT_TRUE(ok(after));
}

TEST_F(DirectoryBackend, StaysReadyWithoutASharedDatabaseButNotWithoutItsOwnStore) {
  auto store_is_ok = [this] {
    auto state = readiness_now();
    auto check = std::find_if(state.checks.begin(), state.checks.end(),
                              [](const auto& each) { return each.name == "store"; });
    return check != state.checks.end() && check->ok;
  };
  store.away = true;

  EXPECT_FALSE(store_is_ok());
  store.is_shared = true;
  EXPECT_TRUE(store_is_ok());
}

TEST_F(DirectoryBackend, AnswersForItsOwnNodeWhileTheDirectoryIsBusy) {
  script.silent = true;
  auto own = world.system().spawn([](responder_actor::pointer) -> responder_actor::behavior_type {
    return {
        [](const serve_peer&) -> result<peer_reply> { return peer_reply{std::optional{record(call_on_a)}}; }};
  });
  directory_backend busy{world.system(), store, true};
  busy.open({{"node-a"}, directory, own});

  auto found = found_call(call_on_a, busy);

  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, call_on_a);
  EXPECT_TRUE(script.asked.empty());
  busy.close();
  caf::anon_send_exit(own, caf::exit_reason::user_shutdown);
  own = nullptr;
  world.settle();
}

TEST_F(DirectoryBackend, AnswersUnavailableWhileTheNodeStartsOrStops) {
  backend.close();

  EXPECT_EQ(found_call(call_on_b, backend).error().code, errc::unavailable);
  EXPECT_EQ(found_room().error().code, errc::unavailable);
}

} // namespace
} // namespace plenary
