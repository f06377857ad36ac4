#include "actors/edge/work_pool.hpp"
#include "tests/actors/leg_fixture.hpp"

namespace plenary {
namespace {

using test::LegActor;
using test::pcmu_offer;

TEST_F(LegActor, IsSilentWhileTheCallerHasTakenTheStreamAway) {
  open(pcmu_offer);
  enter();
  auto without = std::string{pcmu_offer};
  without.replace(without.find("m=audio 4000"), 12, "m=audio 0");

  auto answer = ask(order::renegotiate{without});
  beat();
  auto meanwhile = node_.media.take_sent().size();
  auto again = ask(order::renegotiate{std::string{pcmu_offer}});
  beat();

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NE(answer->local.find("m=audio 0 RTP/AVP 0 101"), std::string::npos) << answer->local;
  EXPECT_EQ(meanwhile, 0U);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(node_.media.take_sent().size(), 1U);
}

TEST_F(LegActor, TakesAwayNoStreamThatThereNeverWas) {
  auto without = std::string{pcmu_offer};
  without.replace(without.find("m=audio 4000"), 12, "m=audio 0");

  auto refused = open(without);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_acceptable);
  EXPECT_EQ(node_.media.opened(), 0U);
}

TEST_F(LegActor, LetsACallerInWhoOnlyPressesKeys) {
  auto keys = std::string{pcmu_offer};
  keys.replace(keys.find("RTP/AVP 0 101"), 13, "RTP/AVP 101");

  auto answer = open(keys);
  auto joined = enter();
  beat();

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(joined);
  EXPECT_EQ(node_.media.session_at(0)->settings.telephone_event, 101);
  EXPECT_EQ(node_.media.take_sent().size(), 0U);
}

/// Takes jobs and leaves them lying, until it is asked for them.
class patient_pool final : public work_pool {
public:
  bool post(std::function<void()> job) override {
    jobs.push_back(std::move(job));
    return takes;
  }

  bool takes = true;
  std::vector<std::function<void()>> jobs;
};

TEST_F(LegActor, RefusesAnOfferThatNobodyReadsInTimeAndWhatComesLate) {
  patient_pool pool;
  node_.edges.work = &pool;

  caf::scoped_actor self{world_.system()};
  auto asked = self->request(leg_, caf::infinite, leg_order{order::open{pcmu_offer, srtp_policy::off}});
  world_.settle();
  ASSERT_EQ(pool.jobs.size(), 1U) << "one reading for one offer";
  world_.pass(std::chrono::seconds{4});
  pool.jobs.front()();
  world_.settle();

  result<leg_reply> opened;
  asked.receive([&opened](const result<leg_reply>& answer) { opened = answer; },
                [](const caf::error&) { ADD_FAILURE() << "no answer"; });
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, errc::timeout);
  EXPECT_EQ(node_.media.opened(), 0U);
}

TEST_F(LegActor, RefusesAnOfferWhenTooManyWait) {
  patient_pool pool;
  pool.takes = false;
  node_.edges.work = &pool;

  auto opened = open(pcmu_offer);

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, errc::unavailable);
}

} // namespace
} // namespace plenary
