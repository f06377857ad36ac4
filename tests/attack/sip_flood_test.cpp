#include "tests/attack/sip_senders.hpp"
#include "tests/attack/under_attack.hpp"

namespace plenary::attack {

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

TEST_F(SipFloods, OfGarbageFromOneTrunkAddressDisturbNobody) {
  begin();
  std::mt19937 random(seed());
  SCOPED_TRACE(seed());
  std::vector<shooter> one;
  one.emplace_back(node->sip_udp(), "127.0.0.1");

  flood(one, 10'000 * factor(), [&](const shooter&) { return garbage(random); });

  expect_unharmed();
  EXPECT_GT(metric("plenary_sip_messages_malformed_total"), 0);
}

} // namespace

} // namespace plenary::attack
