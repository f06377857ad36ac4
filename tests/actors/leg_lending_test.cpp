// A leg and the rooms that it lends its stream to.
#include "tests/actors/leg_fixture.hpp"

#include <gmock/gmock.h>

namespace plenary {
namespace {

using test::LegActor;
using test::pcmu_offer;

/// Refuses who wants in, but not before `end_room`.
struct slow_room {
  caf::typed_response_promise<result<room_joined>> waiting;
  std::shared_ptr<audio::duplex_stream> seen;
  int leaves = 0;
};

room_actor::behavior_type slow_room_of(room_actor::pointer self, slow_room* shared) {
  return {
      [self, shared](const join_room& message) -> caf::result<result<room_joined>> {
        shared->seen = message.stream;
        shared->waiting = self->make_response_promise<result<room_joined>>();
        return shared->waiting;
      },
      [shared](const leave_room&) { ++shared->leaves; },
      [](const change_stream&) { return false; },
      [](const mix_tick&) {},
      [](const describe_room&) { return room_snapshot{}; },
      [](const control_participant&) -> result<void> { return {}; },
      [shared](const end_room&) {
        shared->waiting.deliver(result<room_joined>{fail(errc::limit_reached, "full")});
      },
      [](const vacate_room&) {},
      [](const half_joins&) {},
      [](const room_timeout&) {},
  };
}

TEST_F(LegActor, MakesAChangeItselfThatItsRoomHadNoChanceToMake) {
  open(pcmu_offer);
  enter();
  const audio::endpoint behind_nat{4, {127, 0, 0, 77}, 6000};

  // The leg hears of the new source before it hears that it is out.
  caf::anon_send(node_.rooms.at(daily_).room, control_participant{call_id{"c1"}, kick{}});
  hear_at(behind_nat, offer_known());
  const auto again = enter();
  beat();

  EXPECT_EQ(log_->all<report::left_room>(), std::vector{report::left_room{leave_reason::kicked}});
  ASSERT_TRUE(again) << again.error().message;
  const auto sent = node_.media.take_sent();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].to, behind_nat);
}

TEST_F(LegActor, HasItsStreamBackWhenARoomRefusesItAfterItsCallHasGivenUp) {
  open(pcmu_offer);
  slow_room slow;
  node_.rooms[daily_] = {world_.system().spawn(slow_room_of, &slow), 1};
  caf::scoped_actor self{world_.system()};
  auto asked = self->request(leg_, caf::infinite, leg_order{order::enter{daily_, {}, 1}});
  world_.settle();
  world_.pass(std::chrono::seconds{5});

  result<leg_reply> answer;
  asked.receive([&answer](const result<leg_reply>& got) { answer = got; },
                [](const caf::error&) { ADD_FAILURE() << "no answer"; });
  const auto meanwhile = enter();
  caf::anon_send(node_.rooms.at(daily_).room, end_room{});
  world_.settle();
  caf::anon_send_exit(node_.rooms.at(daily_).room, caf::exit_reason::kill);
  node_.rooms.erase(daily_);
  const auto afterwards = enter();

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::conference_unavailable);
  EXPECT_EQ(slow.leaves, 1);
  EXPECT_FALSE(meanwhile) << "the room may still let it in";
  EXPECT_TRUE(afterwards) << afterwards.error().message;
  EXPECT_THAT(log_->all<report::left_room>(), testing::IsEmpty());
}

} // namespace
} // namespace plenary
