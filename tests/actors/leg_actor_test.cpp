#include "actors/directory/directory_actor.hpp"
#include "actors/leg/leg_actor.hpp"
#include "tests/actors/actor_world.hpp"

namespace plenary {
namespace {

constexpr const char* pcmu_offer = "v=0\r\n"
                                   "o=- 1 1 IN IP4 127.0.0.9\r\n"
                                   "s=-\r\n"
                                   "c=IN IP4 127.0.0.9\r\n"
                                   "t=0 0\r\n"
                                   "m=audio 4000 RTP/AVP 0 101\r\n"
                                   "a=rtpmap:101 telephone-event/8000\r\n";

/// What a call was told by its leg.
struct call_log {
  std::vector<leave_reason> left;
  std::vector<char> digits;
};

call_actor::behavior_type scripted_call(call_actor::pointer self, std::shared_ptr<call_log> log) {
  return {
      [](const signalled&) {},
      [log](const left_room& message) { log->left.push_back(message.reason); },
      [](const media_timed_out&) {},
      [log](const digit_received& message) { log->digits.push_back(message.digit); },
      [self](const end_call&) { self->quit(); },
      [](const describe_call&) { return call_record{}; },
  };
}

class LegActor : public testing::Test {
protected:
  LegActor() {
    directory_ = world_.system().spawn(directory, directory_settings{}, &world_.edges());
    call_ = world_.system().spawn(scripted_call, log_);
    auto placed = world_.ask<result<leg_location>>(directory_, place_leg{call_id{"c1"}, daily_});
    EXPECT_TRUE(placed);
    leg_ = placed->leg;
  }

  ~LegActor() override {
    caf::anon_send(leg_, close_leg{});
    world_.settle();
    for (auto each : {caf::actor_cast<caf::actor>(call_), caf::actor_cast<caf::actor>(directory_)})
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    world_.settle();
  }

  result<described_media> open(std::optional<std::string> offer, srtp_policy srtp = srtp_policy::optional) {
    return world_.ask<result<described_media>>(leg_, open_leg{call_, std::move(offer), srtp});
  }

  result<room_joined> enter(bool end_on_exit = false) {
    return world_.ask<result<room_joined>>(leg_, enter_room{daily_, false, end_on_exit});
  }

  result<room_location> find_daily() {
    return world_.ask<result<room_location>>(directory_, find_room{daily_});
  }

  const room_key daily_{customer_id{"c"}, "daily"};
  test::actor_world world_;
  std::shared_ptr<call_log> log_ = std::make_shared<call_log>();
  directory_actor directory_;
  call_actor call_;
  leg_actor leg_;
};

TEST_F(LegActor, AnswersAnOfferWithItsOwnAddress) {
  auto answer = open(pcmu_offer);

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NE(answer->sdp.find("c=IN IP4 127.0.0.1"), std::string::npos) << answer->sdp;
  EXPECT_NE(answer->sdp.find("m=audio 20000 RTP/AVP 0 101"), std::string::npos) << answer->sdp;
  EXPECT_EQ(world_.network().session_at(0)->settings.telephone_event, 101);
}

TEST_F(LegActor, OpensNoPortForAnOfferThatDoesNotFit) {
  auto refused = open(pcmu_offer, srtp_policy::required);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_acceptable);
  EXPECT_EQ(world_.network().opened(), 0U);
}

TEST_F(LegActor, MakesAnOfferWhenThereIsNoneAndTakesTheAnswer) {
  auto offer = open(std::nullopt);
  ASSERT_TRUE(offer);

  auto taken = world_.ask<result<void>>(leg_, accept_answer{pcmu_offer});

  EXPECT_TRUE(taken) << taken.error().message;
  EXPECT_TRUE(enter());
}

TEST_F(LegActor, CreatesTheRoomThatItIsSentTo) {
  open(pcmu_offer);

  auto joined = enter();

  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_TRUE(find_daily());
  world_.beat();
  EXPECT_EQ(world_.network().take_sent().size(), 1U);
}

TEST_F(LegActor, TellsItsCallWhenItHasLeftAndTheEmptyRoomIsGone) {
  open(pcmu_offer);
  enter();

  caf::anon_send(leg_, exit_room{});
  world_.settle();

  EXPECT_EQ(log_->left, std::vector{leave_reason::requested});
  EXPECT_FALSE(find_daily());
}

TEST_F(LegActor, MayEnterAgainAfterItLeft) {
  open(pcmu_offer);
  enter();
  caf::anon_send(leg_, exit_room{});
  world_.settle();

  auto again = enter();

  EXPECT_TRUE(again);
}

TEST_F(LegActor, GoesIntoANewRoomWhenItsRoomFails) {
  open(pcmu_offer);
  enter();
  auto before = find_daily();
  ASSERT_TRUE(before);

  caf::anon_send_exit(before->room, caf::exit_reason::kill);
  world_.settle();

  auto after = find_daily();
  ASSERT_TRUE(after);
  EXPECT_GT(after->epoch, before->epoch);
  EXPECT_TRUE(log_->left.empty());
  world_.beat();
  EXPECT_EQ(world_.network().take_sent().size(), 1U);
}

TEST_F(LegActor, StopsSendingToACallerWhoHoldsAndGoesOnAfterwards) {
  open(pcmu_offer);
  enter();
  auto held = std::string{pcmu_offer} + "a=sendonly\r\n";

  auto answer = world_.ask<result<described_media>>(leg_, renegotiate{held});
  world_.beat();
  auto while_held = world_.network().take_sent().size();
  world_.ask<result<described_media>>(leg_, renegotiate{std::string{pcmu_offer}});
  world_.beat();

  ASSERT_TRUE(answer);
  EXPECT_NE(answer->sdp.find("a=recvonly"), std::string::npos) << answer->sdp;
  EXPECT_EQ(while_held, 0U);
  EXPECT_EQ(world_.network().take_sent().size(), 1U);
}

TEST_F(LegActor, SendsToTheSourceThatWasLatched) {
  open(pcmu_offer);
  enter();
  audio::endpoint behind_nat{4, {127, 0, 0, 77}, 6000};

  world_.network().session_at(0)->on_event(source_latched{behind_nat});
  world_.settle();
  world_.beat();

  auto sent = world_.network().take_sent();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].to, behind_nat);
}

TEST_F(LegActor, PassesDigitsToItsCall) {
  open(pcmu_offer);

  world_.network().session_at(0)->on_event(digit_pressed{'5', std::chrono::milliseconds{100}});
  world_.settle();

  EXPECT_EQ(log_->digits, std::vector{'5'});
}

TEST_F(LegActor, EndsWithItsCallAndGivesItsPortBack) {
  open(pcmu_offer);
  enter();

  caf::anon_send_exit(call_, caf::exit_reason::kill);
  world_.settle();

  EXPECT_FALSE(world_.network().session_at(0)->open);
  EXPECT_FALSE(find_daily());
  EXPECT_EQ(world_.meters()[gauge::participants], 0.0);
}

} // namespace
} // namespace plenary
