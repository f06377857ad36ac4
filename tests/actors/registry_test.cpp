#include "actors/directory/registry_actor.hpp"
#include "tests/actors/actor_world.hpp"

namespace plenary::test {
namespace {

using namespace std::chrono_literals;

/// What a scripted call heard.
struct call_log {
  std::vector<std::string> heard;
};

/// A call that writes down what it hears, and ends when it is told to, unless it is stubborn.
call_actor scripted_call(caf::actor_system& system, std::shared_ptr<call_log> log, bool stubborn = false) {
  return caf::actor_cast<call_actor>(system.spawn([log, stubborn](caf::event_based_actor* self) {
    return caf::behavior{
        [log](const signalled& message) {
          log->heard.push_back(fmt::format("signalled {}", message.event.index()));
        },
        [self, log, stubborn](const end_call& message) {
          log->heard.push_back("end " + message.cause);
          if (!stubborn)
            self->quit();
        },
    };
  }));
}

/// A registry and the calls that a test starts.
class Registry : public ::testing::Test {
protected:
  Registry() {
    registry_settings settings;
    settings.live = live;
    settings.failed = [this](const call_id& id) { failed.push_back(id.value); };
    calls = world.system().spawn(registry, std::move(settings), &world.edges());
  }

  ~Registry() override {
    for (auto& [id, call] : handles)
      caf::anon_send_exit(call, caf::exit_reason::kill);
    handles.clear();
    caf::anon_send_exit(calls, caf::exit_reason::kill);
    calls = nullptr;
    world.settle();
  }

  void start(const std::string& id, const std::string& customer = "c", bool stubborn = false) {
    handles[id] = scripted_call(world.system(), logs[id] = std::make_shared<call_log>(), stubborn);
    caf::anon_send(calls, register_call{{id}, {customer}, handles[id]});
    world.settle();
  }

  bool finds(const std::string& id) {
    return world.ask<result<call_location>>(calls, find_call{{id}}).has_value();
  }

  actor_world world;
  std::shared_ptr<live_calls> live = std::make_shared<live_calls>(0);
  std::vector<std::string> failed;
  std::map<std::string, std::shared_ptr<call_log>> logs;
  std::map<std::string, call_actor> handles;
  registry_actor calls;
};

TEST_F(Registry, FindsACallWhileItLives) {
  start("a");
  EXPECT_TRUE(finds("a"));
  EXPECT_EQ(*live, 1U);

  caf::anon_send(handles["a"], end_call{"normal_clearing"});
  world.settle();

  EXPECT_FALSE(finds("a"));
  EXPECT_EQ(*live, 0U);
  EXPECT_TRUE(failed.empty());
}

TEST_F(Registry, ListsTheCallsOfOneCustomer) {
  start("a");
  start("b", "other");
  start("c");

  EXPECT_EQ(world.ask<listed_calls>(calls, list_calls{{"c"}}).calls.size(), 2U);
}

TEST_F(Registry, PassesOnWhatTheSignallingTellsInOrderAndToNobodyOnceTheCallIsOver) {
  start("a");
  const std::vector<signalling_event> told{call_confirmed{}, offer_answered{std::string{}}, call_confirmed{}};

  for (const auto& each : told)
    caf::anon_send(calls, call_signalled{{"a"}, each});
  caf::anon_send(calls, call_signalled{{"stranger"}, call_confirmed{}});
  world.settle();

  std::vector<std::string> expected;
  for (const auto& each : told)
    expected.push_back(fmt::format("signalled {}", each.index()));
  EXPECT_EQ(logs["a"]->heard, expected);
}

TEST_F(Registry, TellsOfACallThatFailed) {
  start("a");
  start("b");

  caf::anon_send_exit(handles["a"], caf::exit_reason::unhandled_exception);
  world.settle();

  EXPECT_EQ(failed, std::vector<std::string>{"a"});
  EXPECT_TRUE(finds("b"));
}

TEST_F(Registry, DrainsWhenTheLastCallIsGoneAndEndsTheLateOnesToo) {
  start("a");
  std::optional<drained> answer;
  world.system().spawn([this, &answer](caf::event_based_actor* self) {
    self->request(calls, caf::infinite, drain{5s}).then([&answer](const drained& done) { answer = done; });
  });
  world.settle();

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->calls_left, 0U);
  EXPECT_EQ(logs["a"]->heard, std::vector<std::string>{"end node_draining"});
}

TEST_F(Registry, GivesUpADrainAtItsDeadlineAndSaysHowManyAreLeft) {
  start("a", "c", true);
  std::optional<drained> answer;
  world.system().spawn([this, &answer](caf::event_based_actor* self) {
    self->request(calls, caf::infinite, drain{5s}).then([&answer](const drained& done) { answer = done; });
  });
  world.settle();
  EXPECT_FALSE(answer);

  world.pass(5s);

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->calls_left, 1U);
}

} // namespace
} // namespace plenary::test
