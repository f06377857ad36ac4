#include "node/net/media_ports.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const mono_time ports_start{1h};

/// Nobody reads the sockets.
result<void> no_watcher(audio::port_index, int, int) {
  return {};
}

/// A caller whose SDP names the address that it signals from; every one on a host of its own.
media_claim phone_at(std::uint16_t port) {
  const auto host = static_cast<std::uint8_t>(port % 250);
  const audio::endpoint media{4, {127, 0, 9, host}, port};
  return {media, media, media, false, nullptr};
}

/// A caller of the same host.
media_claim neighbour_at(std::uint16_t port) {
  const audio::endpoint media{4, {127, 0, 9, 1}, port};
  return {media, media, media, false, nullptr};
}

/// A caller behind the NAT at this address.
media_claim nat_phone(std::uint8_t host) {
  const audio::endpoint media{4, {10, 0, 0, host}, 4000};
  return {media, media, {4, {127, 0, 9, host}, 5060}, false, nullptr};
}

/// Ports that the system chooses, so that tests never clash.
std::unique_ptr<media_ports> some_ports(std::size_t max_legs_per_port = 512) {
  auto made = media_ports::make({"127.0.0.1", 0, 0, max_legs_per_port}, no_watcher);
  EXPECT_TRUE(made);
  return std::move(*made);
}

TEST(MediaPorts, ArePairsOfAnEvenAndTheNextPort) {
  auto ports = some_ports();

  auto lease = ports->acquire(phone_at(4000), ports_start);

  ASSERT_TRUE(lease) << lease.error().message;
  EXPECT_EQ(ports->told_address(lease->port).port % 2, 0);
  EXPECT_GE(ports->rtp_socket(lease->port), 0);
  EXPECT_GE(ports->rtcp_socket(lease->port), 0);
}

TEST(MediaPorts, TakeLegsOfDifferentHostsAtOnce) {
  auto ports = some_ports();

  auto first = *ports->acquire(phone_at(4000), ports_start);
  auto second = *ports->acquire(phone_at(4002), ports_start);
  auto third = *ports->acquire(nat_phone(77), ports_start);

  EXPECT_EQ(second.port, first.port);
  EXPECT_EQ(third.port, first.port);
}

TEST(MediaPorts, TakeTwoLegsBehindNatsTogetherOnlyOnceTheFirstOnesSourceIsKnown) {
  auto ports = some_ports();
  auto first = *ports->acquire(nat_phone(1), ports_start);

  auto second = *ports->acquire(nat_phone(2), ports_start);
  ports->settle(first, {4, {127, 0, 9, 1}, 61000}, 0);
  auto third = *ports->acquire(nat_phone(3), ports_start);

  EXPECT_NE(second.port, first.port);
  EXPECT_EQ(third.port, first.port);
}

TEST(MediaPorts, NeverPutTwoLegsThatExpectOneSourceOnOnePort) {
  auto ports = some_ports();
  auto old_call = *ports->acquire(phone_at(4000), ports_start);
  ports->settle(old_call, phone_at(4000).media, 0);

  auto new_call = *ports->acquire(phone_at(4000), ports_start);

  EXPECT_NE(new_call.port, old_call.port);
}

TEST(MediaPorts, NeverGiveALegTheAddressThatAnothersMediaComesFrom) {
  auto ports = some_ports();
  auto behind_nat = *ports->acquire(nat_phone(1), ports_start);
  ports->settle(behind_nat, phone_at(4000).media, 0);

  auto new_call = *ports->acquire(phone_at(4000), ports_start);

  EXPECT_NE(new_call.port, behind_nat.port);
}

TEST(MediaPorts, AreFreeAgainAfterRelease) {
  auto ports = some_ports(1);
  auto first = *ports->acquire(phone_at(4000), ports_start);

  ports->release(first, ports_start);
  auto second = *ports->acquire(phone_at(4000), ports_start);

  EXPECT_EQ(second.port, first.port);
}

TEST(MediaPorts, RestForCallersBehindNatsUntilTheyAreQuiet) {
  auto ports = some_ports();
  auto first = *ports->acquire(nat_phone(1), ports_start);
  ports->settle(first, {4, {127, 0, 9, 1}, 61000}, 0);
  ports->release(first, ports_start);

  auto at_once = *ports->acquire(nat_phone(2), ports_start + 1s);
  auto without_nat = *ports->acquire(phone_at(4000), ports_start + 1s);
  ports->disturb(first.port, ports_start + 20s);
  auto disturbed = *ports->acquire(nat_phone(3), ports_start + 24s);
  auto quiet = *ports->acquire(nat_phone(4), ports_start + 25s);

  EXPECT_NE(at_once.port, first.port);
  EXPECT_EQ(without_nat.port, first.port);
  EXPECT_NE(disturbed.port, first.port);
  EXPECT_EQ(quiet.port, first.port);
}

TEST(MediaPorts, RestForTheHostOfAStreamThatTheyHaveJustLetGoOf) {
  auto ports = some_ports();
  auto first = *ports->acquire(neighbour_at(4000), ports_start);
  ports->settle(first, neighbour_at(4444).media, 0);
  ports->release(first, ports_start);

  auto again = *ports->acquire(neighbour_at(4000), ports_start + 4s);
  auto another = *ports->acquire(phone_at(4000), ports_start + 4s);
  auto later = *ports->acquire(neighbour_at(4002), ports_start + 5s);

  EXPECT_NE(again.port, first.port);
  EXPECT_EQ(another.port, first.port);
  EXPECT_EQ(later.port, first.port);
}

TEST(MediaPorts, RestNoLongerThanTheBound) {
  auto ports = some_ports();
  auto first = *ports->acquire(nat_phone(1), ports_start);
  ports->release(first, ports_start);
  for (int second = 0; second <= 30; ++second)
    ports->disturb(first.port, ports_start + std::chrono::seconds(second));

  auto within = *ports->acquire(nat_phone(2), ports_start + 29s);
  auto after = *ports->acquire(nat_phone(3), ports_start + 30s);

  EXPECT_NE(within.port, first.port);
  EXPECT_EQ(after.port, first.port);
}

TEST(MediaPorts, HoldNoMoreLegsThanTheLimit) {
  auto ports = some_ports(2);
  ASSERT_TRUE(ports->acquire(phone_at(4000), ports_start));
  ASSERT_TRUE(ports->acquire(phone_at(4001), ports_start));

  auto third = *ports->acquire(phone_at(4010), ports_start);

  EXPECT_EQ(third.port, 1);
}

TEST(MediaPorts, TakeThousandsOfCallersOfOneHostWhoNeverSendAnything) {
  auto ports = some_ports();

  for (std::uint16_t i = 0; i < 5000; ++i)
    ASSERT_TRUE(ports->acquire(neighbour_at(static_cast<std::uint16_t>(20000 + i)), ports_start)) << i;

  EXPECT_LE(ports->open_pairs(), 64U);
}

TEST(MediaPorts, AreUnsettledAgainWhenALegExpectsAnotherSource) {
  auto ports = some_ports();
  auto first = *ports->acquire(neighbour_at(4000), ports_start);
  ports->settle(first, neighbour_at(4000).media, 0);
  auto second = *ports->acquire(neighbour_at(4002), ports_start);
  ports->settle(second, neighbour_at(4002).media, 0);

  ports->expect(first, neighbour_at(5000));
  auto third = *ports->acquire(neighbour_at(4004), ports_start);

  EXPECT_EQ(second.port, first.port);
  EXPECT_NE(third.port, first.port);
}

/// A range of so many pairs that are certainly free: the system chose them a moment ago.
std::unique_ptr<media_ports> range_of(std::size_t pairs) {
  for (;;) {
    auto probe = some_ports();
    const auto first = probe->told_address(probe->acquire(phone_at(1), ports_start)->port).port;
    probe.reset();
    auto made = media_ports::make(
        {"127.0.0.1", first, static_cast<std::uint16_t>(first + pairs * 2 - 1), 512}, no_watcher);
    std::vector<port_lease> all;
    bool free = true;
    for (std::uint16_t i = 0; i < pairs; ++i) {
      auto lease = (*made)->acquire(phone_at(4000), ports_start);
      free = free && (lease || i >= pairs / 2);
      if (lease)
        all.push_back(*lease);
    }
    if (free)
      return std::move(*media_ports::make(
          {"127.0.0.1", first, static_cast<std::uint16_t>(first + pairs * 2 - 1), 512}, no_watcher));
  }
}

TEST(MediaPorts, GiveCallersWhomNothingTellsApartHalfOfThePairsAtMost) {
  auto ports = range_of(8);
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(ports->acquire(nat_phone(1), ports_start)) << i;

  auto refused = ports->acquire(nat_phone(1), ports_start);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::limit_reached);
  EXPECT_TRUE(ports->acquire(phone_at(4000), ports_start)) << "others still find a place";
}

TEST(MediaPorts, ThatTheSystemCannotOpenCostOneCallAndNoPort) {
  auto ports = range_of(2);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = dup(0); // the lowest free descriptor
  close(next);
  auto none = before;
  none.rlim_cur = static_cast<rlim_t>(next);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);

  std::vector<errc> codes;
  for (int i = 0; i < 10; ++i)
    if (auto refused = ports->acquire(phone_at(4000), ports_start); !refused)
      codes.push_back(refused.error().code);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);

  EXPECT_EQ(codes, std::vector<errc>(10, errc::network));
  EXPECT_EQ(ports->open_pairs(), 0U);
  EXPECT_TRUE(ports->acquire(phone_at(4000), ports_start));
}

TEST(MediaPorts, CloseAfterAPeak) {
  auto ports = some_ports(1);
  std::vector<port_lease> peak;
  for (std::uint16_t i = 0; i < 40; ++i)
    peak.push_back(*ports->acquire(phone_at(static_cast<std::uint16_t>(4000 + i)), ports_start));
  for (const auto& lease : peak)
    ports->release(lease, ports_start);

  const auto early = ports->take_idle(ports_start + 9s);
  const auto idle = ports->take_idle(ports_start + 11s);
  for (const auto& each : idle) {
    close(each.rtp);
    close(each.rtcp);
  }

  EXPECT_TRUE(early.empty());
  EXPECT_EQ(idle.size(), 40 - media_ports::kept_pairs);
  EXPECT_EQ(ports->open_pairs(), media_ports::kept_pairs);
  EXPECT_EQ(ports->rtp_socket(39), -1);
  for (std::uint16_t i = 0; i < 40; ++i)
    EXPECT_TRUE(ports->acquire(phone_at(static_cast<std::uint16_t>(4000 + i)), ports_start + 12s));
}

TEST(MediaPorts, TellTheAdvertisedAddressWithTheirOwnPort) {
  media_port_settings settings{"127.0.0.1", 0, 0};
  auto plain = *media_ports::make(settings, no_watcher);
  settings.advertise = "203.0.113.7";
  auto behind_nat = *media_ports::make(settings, no_watcher);

  auto own = plain->told_address(plain->acquire(phone_at(4000), ports_start)->port);
  auto told = behind_nat->told_address(behind_nat->acquire(phone_at(4000), ports_start)->port);

  EXPECT_EQ(own, *audio::make_endpoint("127.0.0.1", own.port));
  EXPECT_EQ(told, *audio::make_endpoint("203.0.113.7", told.port));
  EXPECT_NE(told.port, 0);
}

TEST(MediaPorts, FailTheCallWhosePairCannotBeWatchedAndNoOther) {
  bool watches = false;
  auto ports = *media_ports::make({"127.0.0.1", 0, 0}, [&watches](audio::port_index, int, int) {
    return watches ? result<void>{} : fail(errc::network, "no watch left");
  });

  auto refused = ports->acquire(phone_at(4000), ports_start);
  const auto open_then = ports->open_pairs();
  watches = true;
  auto taken = ports->acquire(phone_at(4000), ports_start);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::network);
  EXPECT_EQ(open_then, 0U);
  EXPECT_TRUE(taken);
}

TEST(MediaPorts, GoOnWaitingWhenTheSourceOfAnEarlierOfferIsTold) {
  auto ports = some_ports();
  auto moved = *ports->acquire(nat_phone(1), ports_start);
  auto claim = nat_phone(1);
  claim.offer = 2;
  ports->expect(moved, claim);

  ports->settle(moved, {4, {127, 0, 9, 1}, 61000}, 1);
  auto beside_one_who_waits = *ports->acquire(nat_phone(2), ports_start);
  ports->settle(moved, {4, {127, 0, 9, 1}, 61000}, 2);
  auto beside_one_who_is_known = *ports->acquire(nat_phone(3), ports_start);

  EXPECT_NE(beside_one_who_waits.port, moved.port);
  EXPECT_EQ(beside_one_who_is_known.port, moved.port);
}

TEST(MediaPorts, RefuseAnAdvertisedAddressThatIsNone) {
  auto made = media_ports::make({"127.0.0.1", 0, 0, 512, "gateway"}, no_watcher);

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::malformed);
}

TEST(MediaPorts, RunOutWithLimitReached) {
  auto ports = range_of(1);
  ASSERT_TRUE(ports->acquire(phone_at(4000), ports_start));

  auto refused = ports->acquire(phone_at(4000), ports_start);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::limit_reached);
}

TEST(MediaPorts, RefuseAnAddressThatIsNoIpLiteral) {
  auto made = media_ports::make({"localhost", 0, 0, 1}, no_watcher);

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::malformed);
}

} // namespace
} // namespace plenary
