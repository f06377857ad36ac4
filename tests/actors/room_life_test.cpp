#include "actors/edge/mixing_permit.hpp"
#include "schema/application.hpp"
#include "tests/actors/room_fixture.hpp"
#include "tests/support/fake_customers.hpp"

namespace plenary::test {
namespace {

class RoomLife : public room_fixture {};

/// Keeps the numbers of one kind of line.
class number_log final : public logger {
public:
  explicit number_log(std::string event)
      : event_(std::move(event)) {}

  void write(log_level, std::string_view event, std::initializer_list<log_field> fields) override {
    if (event != event_)
      return;
    auto& line = lines.emplace_back();
    for (const auto& field : fields)
      if (const auto* number = std::get_if<std::int64_t>(&field.value))
        line[std::string{field.name}] = *number;
  }

  std::vector<std::map<std::string, std::int64_t>> lines;

private:
  std::string event_;
};

TEST_F(RoomLife, TellsTheDirectoryHowManyCallersItHolds) {
  auto alice = make_caller("alice", 4000);
  auto bob = make_caller("bob", 4002);

  join(alice);
  join(bob);
  auto both = node_.callers[daily_];
  leave(alice);

  EXPECT_EQ(both, 2U);
  EXPECT_EQ(node_.callers[daily_], 1U);
}

TEST_F(RoomLife, EndsWhenNobodyComes) {
  world_.pass(std::chrono::seconds{9});
  auto waiting = lives();

  world_.pass(std::chrono::seconds{2});

  EXPECT_TRUE(waiting);
  EXPECT_FALSE(lives());
}

TEST_F(RoomLife, StaysWithACallerHoweverLongItTakes) {
  auto alice = make_caller("alice", 4000);
  join(alice);

  world_.pass(std::chrono::seconds{60});

  EXPECT_TRUE(lives());
}

TEST_F(RoomLife, MutesAndUnmutesOnOrder) {
  auto alice = make_caller("alice", 4000);
  join(alice);

  EXPECT_TRUE(control(alice, participation_change{.muted = true}));
  auto muted = describe().participants.at(0).how.muted;
  EXPECT_TRUE(control(alice, participation_change{.muted = false}));

  EXPECT_TRUE(muted);
  EXPECT_FALSE(describe().participants.at(0).how.muted);
  EXPECT_EQ(alice.log->mutes, (std::vector<bool>{true, false}));
}

TEST_F(RoomLife, HearsACallerWithTheGainOnOrderAndShowsIt) {
  auto alice = make_caller("alice", 4000);
  join(alice);

  EXPECT_TRUE(control(alice, participation_change{.level = level_setting{false, -6}}));
  auto fixed = describe().participants.at(0);
  EXPECT_TRUE(control(alice, participation_change{.level = level_setting{}}));

  EXPECT_EQ(fixed.how.level, (level_setting{false, -6}));
  EXPECT_EQ(fixed.gain_db, -6);
  EXPECT_FALSE(fixed.level_db) << "it has not spoken";
  EXPECT_EQ(describe().participants.at(0).gain_db, 0);
}

TEST_F(RoomLife, LetsACallerHearNobodyOnOrderAsLongAsThereIsAnEarForIt) {
  room_settings settings;
  settings.mixer.private_ears = 1;
  open(settings);
  auto alice = make_caller("alice", 4000);
  auto bob = make_caller("bob", 4002);
  join(alice);
  join(bob);
  ASSERT_TRUE(control(alice, participation_change{.deaf = true}));

  const auto refused = control(bob, participation_change{.hear_gain_db = 3});
  const auto unchanged = describe();
  EXPECT_TRUE(control(alice, participation_change{.deaf = false}));
  EXPECT_TRUE(control(bob, participation_change{.hear_gain_db = -3}));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::limit_reached);
  for (const auto& each : unchanged.participants)
    EXPECT_EQ(each.how.hear_gain_db, 0);
  for (const auto& each : describe().participants)
    EXPECT_EQ(each.how.hear_gain_db, each.call == bob.id ? -3 : 0);
}

TEST_F(RoomLife, KicksOnOrder) {
  auto alice = make_caller("alice", 4000);
  auto bob = make_caller("bob", 4002);
  join(alice);
  join(bob);

  EXPECT_TRUE(control(alice, kick{}));

  EXPECT_EQ(alice.log->removals, std::vector{leave_reason::kicked});
  EXPECT_EQ(describe().participants.size(), 1U);
}

TEST_F(RoomLife, KnowsNothingOfACallThatIsNotInIt) {
  auto alice = make_caller("alice", 4000);

  auto refused = control(alice, participation_change{.muted = true});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_found);
}

TEST_F(RoomLife, EndsForEverybodyOnOrder) {
  auto alice = make_caller("alice", 4000);
  join(alice);

  caf::anon_send(room_, end_room{});
  world_.settle();

  EXPECT_EQ(alice.log->removals, std::vector{leave_reason::room_ended});
  EXPECT_FALSE(lives());
}

TEST_F(RoomLife, SendsEverybodyAwayWhenItLivesElsewhereAndMixesUntilTheyHaveGone) {
  auto host = make_caller("host", 4000);
  auto guest = make_caller("guest", 4002);
  auto late = make_caller("late", 4004);
  join(host, false, true);
  join(guest);

  caf::anon_send(room_, vacate_room{{node_name{"node-b"}, 9}});
  world_.settle();
  auto refused = join(late);
  leave(host);
  world_.beat();

  ASSERT_EQ(guest.log->relocations.size(), 1U);
  EXPECT_EQ(guest.log->relocations[0].owner, node_name{"node-b"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::moved);
  EXPECT_TRUE(guest.log->removals.empty()) << "a host that moves does not end the room";
  EXPECT_EQ(world_.network().take_sent().size(), 1U);
  leave(guest);
  EXPECT_FALSE(lives());
}

TEST_F(RoomLife, FallsSilentAtOnceWhenItsSuccessorMustBeTheOnlyOneToMix) {
  room_settings settings;
  settings.never_twice = true;
  open(settings);
  auto alice = make_caller("alice", 4000);
  auto bob = make_caller("bob", 4002);
  join(alice);
  join(bob);
  world_.beat();
  const auto before = world_.network().take_sent().size();

  caf::anon_send(room_, vacate_room{{node_name{"node-b"}, 9}});
  world_.settle();
  world_.beat();

  EXPECT_GT(before, 0U);
  EXPECT_TRUE(world_.network().take_sent().empty());
}

TEST_F(RoomLife, EndsWhenSomebodyDoesNotMoveAway) {
  auto alice = make_caller("alice", 4000);
  join(alice);
  world_.pass(std::chrono::seconds{8});
  caf::anon_send(room_, vacate_room{{node_name{"node-b"}, 9}});
  world_.settle();

  world_.pass(std::chrono::seconds{9});
  auto waiting = lives();
  world_.pass(std::chrono::seconds{2});

  EXPECT_TRUE(waiting);
  EXPECT_FALSE(lives());
  EXPECT_EQ(alice.log->removals, std::vector{leave_reason::room_lost});
}

TEST_F(RoomLife, TakesANewerLegOfACallInsteadOfTheOlderOne) {
  auto old = make_caller("alice", 4000);
  auto next = make_caller("alice", 4002);
  join(old);

  auto joined = join(next);

  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(old.log->removals, std::vector{leave_reason::requested});
  EXPECT_EQ(describe().participants.size(), 1U);
  EXPECT_EQ(world_.meters()[gauge::participants], 1.0);
}

TEST_F(RoomLife, IsSilentWithoutPermissionToMix) {
  mixing_permit permit;
  world_.edges().permit = &permit;
  auto alice = make_caller("alice", 4000);
  join(alice);

  permit.hold_until(mono_time{});
  world_.beat();
  world_.beat();
  auto without = world_.network().take_sent().size();
  permit.hold_until(mono_time::max());
  world_.beat();
  world_.edges().permit = nullptr;

  EXPECT_EQ(without, 0U);
  EXPECT_EQ(world_.network().take_sent().size(), 1U);
  EXPECT_EQ(world_.meters()[counter::mixing_pauses], 1U);
}

TEST_F(RoomLife, StaysSilentWhenItLearnsInAPauseThatItLivesElsewhere) {
  mixing_permit permit;
  world_.edges().permit = &permit;
  auto alice = make_caller("alice", 4000);
  join(alice);
  permit.hold_until(mono_time{}); // as after a freeze
  world_.beat();

  caf::anon_send(room_, vacate_room{{node_name{"node-b"}, 9}});
  world_.settle();
  permit.hold_until(mono_time::max());
  world_.beat();
  world_.beat();
  world_.edges().permit = nullptr;

  EXPECT_TRUE(world_.network().take_sent().empty());
}

TEST_F(RoomLife, MeasuresTheGapWhenTheFirstCallerIsBackAfterALoss) {
  room_settings settings;
  settings.reason = open_reason::owner_lost;
  settings.lost_for = std::chrono::milliseconds{400};
  open(settings);
  auto alice = make_caller("alice", 4000);
  auto bob = make_caller("bob", 4002);

  join(alice);
  join(bob);

  EXPECT_EQ(world_.meters()[histogram::recovery_gap], 1U);
}

TEST_F(RoomLife, TellsTheApplicationsThatAskedForIt) {
  record_keeper store;
  application app;
  app.customer = daily_.customer;
  app.webhook_url = "http://customer/webhooks";
  app.events = {"room.*", "participant.*"};
  world_.edges().store = &store;
  fake_customers customers{{applications_by_id({app}), nullptr}};
  world_.edges().customers = &customers;
  open({});
  auto alice = make_caller("alice", 4000);

  join(alice);
  leave(alice);
  world_.edges().customers = nullptr;

  std::vector<std::string> names;
  for (const auto& each : store.events)
    names.push_back(fmt::format("{} {}", each.sequence, each.name));
  EXPECT_EQ(names, (std::vector<std::string>{"1 room.started", "2 participant.joined", "3 participant.left",
                                             "4 room.ended"}));
}

TEST_F(RoomLife, LogsTheStretchThatItMixedWhenItStops) {
  number_log log{"room_mixed"};
  auto* silent = world_.edges().log;
  world_.edges().log = &log;
  room_settings settings;
  settings.tick_log = true;
  open(settings);
  auto alice = make_caller("alice", 4000);
  join(alice);

  world_.beat();
  world_.beat();
  leave(alice);
  world_.edges().log = silent;

  ASSERT_FALSE(log.lines.empty());
  EXPECT_EQ(log.lines.back().at("epoch"), 7);
  EXPECT_LE(log.lines.front().at("first_ns"), log.lines.back().at("last_ns"));
}

} // namespace
} // namespace plenary::test
