#include "node/net/media_ports.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

audio::endpoint phone_at(std::uint16_t port) {
  return {4, {127, 0, 0, 9}, port};
}

/// Ports that the system chooses, so that tests never clash.
std::unique_ptr<media_ports> some_ports(std::size_t max_legs_per_port = 512) {
  auto made = media_ports::make({"127.0.0.1", 0, 0, max_legs_per_port}, [](auto, int, int) {});
  EXPECT_TRUE(made);
  return std::move(*made);
}

TEST(MediaPorts, ArePairsOfAnEvenAndTheNextPort) {
  auto ports = some_ports();

  auto lease = ports->acquire(phone_at(4000));

  ASSERT_TRUE(lease) << lease.error().message;
  EXPECT_EQ(ports->told_address(lease->port).port % 2, 0);
  EXPECT_GE(ports->rtp_socket(lease->port), 0);
  EXPECT_GE(ports->rtcp_socket(lease->port), 0);
}

TEST(MediaPorts, TakeASecondLegOnlyAfterTheFirstOnesSourceIsKnown) {
  auto ports = some_ports();
  auto first = *ports->acquire(phone_at(4000));

  auto second = *ports->acquire(phone_at(4002));
  ports->settle(first);
  auto third = *ports->acquire(phone_at(4004));

  EXPECT_NE(second.port, first.port);
  EXPECT_EQ(third.port, first.port);
}

TEST(MediaPorts, NeverPutTwoLegsThatExpectOneSourceOnOnePort) {
  auto ports = some_ports();
  auto old_call = *ports->acquire(phone_at(4000));
  ports->settle(old_call);

  auto new_call = *ports->acquire(phone_at(4000));

  EXPECT_NE(new_call.port, old_call.port);
}

TEST(MediaPorts, AreFreeAgainAfterRelease) {
  auto ports = some_ports(1);
  auto first = *ports->acquire(phone_at(4000));

  ports->release(first);
  auto second = *ports->acquire(phone_at(4000));

  EXPECT_EQ(second.port, first.port);
}

TEST(MediaPorts, HoldNoMoreLegsThanTheLimit) {
  auto ports = some_ports(2);
  for (std::uint16_t i = 0; i < 2; ++i)
    ports->settle(*ports->acquire(phone_at(static_cast<std::uint16_t>(4000 + i))));

  auto third = *ports->acquire(phone_at(4010));

  EXPECT_EQ(third.port, 1);
}

TEST(MediaPorts, AreUnsettledAgainWhenALegExpectsAnotherSource) {
  auto ports = some_ports();
  auto first = *ports->acquire(phone_at(4000));
  ports->settle(first);

  ports->expect(first, phone_at(5000));
  auto second = *ports->acquire(phone_at(4002));

  EXPECT_NE(second.port, first.port);
}

TEST(MediaPorts, StaySettledWhenTheExpectedSourceIsTheSame) {
  auto ports = some_ports();
  auto first = *ports->acquire(phone_at(4000));
  ports->settle(first);

  ports->expect(first, phone_at(4000));
  auto second = *ports->acquire(phone_at(4002));

  EXPECT_EQ(second.port, first.port);
}

TEST(MediaPorts, TellTheAdvertisedAddressWithTheirOwnPort) {
  media_port_settings settings{"127.0.0.1", 0, 0};
  auto plain = *media_ports::make(settings, [](auto, int, int) {});
  settings.advertise = "203.0.113.7";
  auto behind_nat = *media_ports::make(settings, [](auto, int, int) {});

  auto own = plain->told_address(plain->acquire(phone_at(4000))->port);
  auto told = behind_nat->told_address(behind_nat->acquire(phone_at(4000))->port);

  EXPECT_EQ(own, *audio::make_endpoint("127.0.0.1", own.port));
  EXPECT_EQ(told, *audio::make_endpoint("203.0.113.7", told.port));
  EXPECT_NE(told.port, 0);
}

TEST(MediaPorts, RefuseAnAdvertisedAddressThatIsNone) {
  auto made = media_ports::make({"127.0.0.1", 0, 0, 512, "gateway"}, [](auto, int, int) {});

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::malformed);
}

TEST(MediaPorts, RunOutWithLimitReached) {
  // One pair that is certainly free: the system chose it a moment ago.
  auto probe = some_ports();
  auto free_port = probe->told_address(probe->acquire(phone_at(1))->port).port;
  probe.reset();
  auto made = media_ports::make({"127.0.0.1", free_port, static_cast<std::uint16_t>(free_port + 1), 1},
                                [](auto, int, int) {});
  ASSERT_TRUE(made);
  ASSERT_TRUE((*made)->acquire(phone_at(4000)));

  auto refused = (*made)->acquire(phone_at(4002));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::limit_reached);
}

TEST(MediaPorts, RefuseAnAddressThatIsNoIpLiteral) {
  auto made = media_ports::make({"localhost", 0, 0, 1}, [](auto, int, int) {});

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::malformed);
}

} // namespace
} // namespace plenary
