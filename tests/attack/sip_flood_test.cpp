#include "tests/attack/sip_senders.hpp"
#include "tests/attack/under_attack.hpp"

namespace plenary::attack::sip_flood_test {

namespace {

using test::test_number;

class SipFloods : public UnderAttack {
protected:
  /// Shoots what `make` returns `count` times, from each shooter in turn.
  static void flood(const std::vector<shooter>& shooters, int count,
                    const std::function<std::string(const shooter&)>& make) {
    for (int i = 0; i < count; ++i) {
      const auto& from = shooters[static_cast<std::size_t>(i) % shooters.size()];
      from.shoot(make(from));
    }
  }

  /// Shooters of one address, or of addresses that all differ and none of which is a trunk's.
  std::vector<shooter> strangers(int count) const {
    std::vector<shooter> all;
    for (int i = 0; i < count; ++i)
      all.emplace_back(node->sip_udp(), fmt::format("127.{}.{}.2", 1 + i / 200, i % 200));
    return all;
  }
};

TEST_F(SipFloods, OfGarbageFromATrunkDisturbNobody) {
  begin();
  std::mt19937 random(seed());
  SCOPED_TRACE(seed());
  std::vector<shooter> one;
  one.emplace_back(node->sip_udp(), "127.0.0.1");

  flood(one, 10'000 * factor(), [&](const shooter&) { return garbage(random); });

  expect_unharmed();
  EXPECT_GT(metric("plenary_sip_messages_malformed_total"), 0);
}

TEST_F(SipFloods, OfOptionsFromATrunkDisturbNobody) {
  begin();
  std::vector<shooter> one;
  one.emplace_back(node->sip_udp(), "127.0.0.1");

  flood(one, 10'000 * factor(),
        [](const shooter& from) { return sound_request(from, "OPTIONS", test_number); });

  expect_unharmed();
  EXPECT_GT(one[0].received(), 0U);
}

TEST_F(SipFloods, OfInvitesToUnknownNumbersLeaveAFewLinesInTheLog) {
  begin();
  std::vector<shooter> one;
  one.emplace_back(node->sip_udp(), "127.0.0.1");

  flood(one, 5'000 * factor(),
        [](const shooter& from) { return sound_request(from, "INVITE", "+15559999999"); });

  expect_unharmed();
  EXPECT_GT(metric("plenary_sip_invites_refused_total{reason=\"unknown_did\"}"), 0);
  const auto lines = node->process().lines();
  const auto refusals = std::ranges::count_if(
      lines, [](const auto& line) { return line.find("sip_invite_refused") != std::string::npos; });
  EXPECT_GE(refusals, 1);
  EXPECT_LE(refusals, 10 * factor());
}

TEST_F(SipFloods, OfManyStrangersAreNotAnswered) {
  begin();
  const auto many = strangers(500);
  std::mt19937 random(seed());
  SCOPED_TRACE(seed());

  flood(many, 10'000 * factor(), [&](const shooter& from) {
    switch (random() % 4) {
    case 0:
      return sound_request(from, "INVITE", test_number);
    case 1:
      return sound_request(from, "OPTIONS", test_number);
    case 2:
      return damaged(sound_request(from, "REGISTER", test_number), random);
    default:
      return garbage(random);
    }
  });

  expect_unharmed();
  for (const auto& each : many)
    EXPECT_EQ(each.received(), 0U) << each.address();
  EXPECT_GT(metric("plenary_sip_strangers_total{outcome=\"ignored\"}"), 0);
}

TEST_F(SipFloods, OfStrangersWhoAreAnsweredNeverGetMoreThanTheySent) {
  test::plenaryd_settings settings;
  settings.lines["sip"] = "answer_strangers = true";
  begin(settings);
  const auto many = strangers(200);

  flood(many, 2'000 * factor(),
        [](const shooter& from) { return sound_request(from, "OPTIONS", test_number); });

  expect_unharmed();
  const auto sent = sound_request(many[0], "OPTIONS", test_number).size() * 10;
  std::size_t all = 0;
  for (const auto& each : many) {
    const auto received = each.received();
    EXPECT_LE(received, sent * static_cast<std::size_t>(factor()));
    all += received;
  }
  EXPECT_GT(all, 0U);
}

} // namespace

} // namespace plenary::attack::sip_flood_test
