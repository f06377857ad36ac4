#include "actors/leg/stream_ownership.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using verdict = stream_ownership::verdict;

const mono_time start{1h};
constexpr stream_ownership::leg_id alice = 1;
constexpr stream_ownership::leg_id bob = 2;

audio::endpoint at(const char* host, std::uint16_t port) {
  return *audio::make_endpoint(host, port);
}

/// A caller whose SDP names the address that it signals from.
media_claim open_caller(std::uint16_t port, const char* host = "192.0.2.1") {
  return {at(host, port), {}, at(host, 5060), false, nullptr};
}

/// A caller behind a NAT: its SDP names a private address.
media_claim nat_caller(std::uint16_t port, const char* public_host) {
  return {at("10.0.0.5", port), {}, at(public_host, 5060), false, nullptr};
}

/// One port and its packets, 20 ms apart.
struct port_world {
  stream_ownership machine;
  mono_time now = start;

  /// True when the leg has the packet.
  bool gives(stream_ownership::leg_id leg, const audio::endpoint& from, std::uint32_t ssrc,
             std::uint16_t number) {
    const stream_ownership::packet seen{from, ssrc, number};
    const auto asked = machine.who(seen, now);
    for (auto id : asked.all())
      if (id == leg)
        return machine.take(id, seen, now) != verdict::refused;
      else
        machine.take(id, seen, now);
    return false;
  }

  /// How many of so many packets the leg has.
  int stream(stream_ownership::leg_id leg, const audio::endpoint& from, int packets, std::uint32_t ssrc = 7,
             std::uint16_t first = 100) {
    int given = 0;
    for (int i = 0; i < packets; ++i) {
      given += gives(leg, from, ssrc, static_cast<std::uint16_t>(first + i)) ? 1 : 0;
      now += 20ms;
    }
    return given;
  }
};

TEST(StreamOwnership, TheSdpsAddressIsHeardFromItsFirstPacket) {
  port_world port;
  port.machine.add(alice, open_caller(4000), start);

  EXPECT_EQ(port.stream(alice, at("192.0.2.1", 4000), 3), 3);
  EXPECT_FALSE(port.machine.is_open(alice));
}

TEST(StreamOwnership, NobodyElseIsEverHeardForACallerWithoutNat) {
  port_world port;
  port.machine.add(alice, open_caller(4000), start);

  EXPECT_EQ(port.stream(alice, at("203.0.113.9", 9999), 500), 0);
  EXPECT_EQ(port.stream(alice, at("192.0.2.1", 4000), 3), 3);
  EXPECT_EQ(port.stream(alice, at("203.0.113.9", 9999), 500), 0);
}

TEST(StreamOwnership, TheSdpsAddressWinsAlsoAfterAnotherWasLatched) {
  port_world port;
  port.machine.add(alice, nat_caller(4000, "198.51.100.1"), start);
  ASSERT_GT(port.stream(alice, at("203.0.113.9", 9999), 10), 0);

  EXPECT_EQ(port.stream(alice, at("10.0.0.5", 4000), 3, 8), 3);
  EXPECT_EQ(port.stream(alice, at("203.0.113.9", 9999), 50, 7, 110), 0);
}

TEST(StreamOwnership, ACallerBehindNatIsHeardFromItsSignallingHostAtTheThirdPacket) {
  port_world port;
  port.machine.add(alice, nat_caller(4000, "198.51.100.1"), start);

  EXPECT_EQ(port.stream(alice, at("198.51.100.1", 61000), 5), 3);
  EXPECT_EQ(port.machine.source_of(alice), at("198.51.100.1", 61000));
}

TEST(StreamOwnership, TheSignallingHostWinsOverAGuess) {
  port_world port;
  port.machine.add(alice, nat_caller(4000, "198.51.100.1"), start);
  ASSERT_EQ(port.stream(alice, at("203.0.113.9", 9999), 6), 2);

  EXPECT_GT(port.stream(alice, at("198.51.100.1", 61000), 6, 8), 0);
  EXPECT_EQ(port.stream(alice, at("203.0.113.9", 9999), 200, 7, 106), 0);
}

TEST(StreamOwnership, AStreamThatWasThereBeforeTheCallerIsNeverItsOwn) {
  port_world port;
  port.stream(alice, at("198.51.100.1", 61000), 5);
  port.machine.add(alice, nat_caller(4000, "198.51.100.1"), port.now);

  EXPECT_EQ(port.stream(alice, at("198.51.100.1", 61000), 2000, 7, 105), 0);
  EXPECT_EQ(port.stream(alice, at("198.51.100.1", 61002), 100, 7, 105), 0) << "its SSRC from another port";
  EXPECT_GT(port.stream(alice, at("198.51.100.1", 61004), 5, 8), 0) << "the caller itself";
}

TEST(StreamOwnership, WhatALegLeavesBehindIsNobodysUntilItHasBeenSilent) {
  port_world port;
  port.machine.add(alice, nat_caller(4000, "198.51.100.1"), start);
  ASSERT_GT(port.stream(alice, at("198.51.100.1", 61000), 50), 0);
  port.machine.remove(alice, port.now);
  port.machine.add(bob, nat_caller(4000, "198.51.100.1"), port.now);

  EXPECT_EQ(port.stream(bob, at("198.51.100.1", 61000), 500, 7, 150), 0);
  EXPECT_EQ(port.stream(bob, at("198.51.100.1", 61000), 500, 9, 150), 0) << "with another SSRC";
  port.now += stream_memory::quiet;
  EXPECT_GT(port.stream(bob, at("198.51.100.1", 61000), 5), 0);
}

TEST(StreamOwnership, WhatIsGivenUpAfterAnOfferIsNoNewStreamHoweverLongItWasSilent) {
  const auto old = at("192.0.2.1", 4000);
  port_world port;
  port.machine.add(alice, open_caller(4000), start);
  ASSERT_EQ(port.stream(alice, old, 3), 3);
  port.now += 6s;
  port.machine.renew(alice, open_caller(4000, "198.51.100.3"), port.now);
  port.now += 2s;

  EXPECT_EQ(port.stream(alice, old, 1), 0);
  port.machine.add(bob, nat_caller(5000, "192.0.2.1"), port.now);

  EXPECT_EQ(port.stream(bob, old, 50), 0);
}

TEST(StreamOwnership, TwoPhonesOfOneSsrcAreToldApart) {
  port_world port;
  port.machine.add(alice, nat_caller(4000, "198.51.100.1"), start);
  ASSERT_GT(port.stream(alice, at("198.51.100.1", 61000), 10), 0);
  port.machine.add(bob, nat_caller(4000, "198.51.100.2"), port.now);

  EXPECT_EQ(port.stream(bob, at("198.51.100.2", 52000), 10), 8);
  EXPECT_EQ(port.stream(alice, at("198.51.100.1", 61000), 10, 7, 110), 10);
}

TEST(StreamOwnership, ASettledLegDoesNotTakeWhatAWaitingLegMayBeWaitingFor) {
  port_world port;
  port.machine.add(alice, nat_caller(4000, "198.51.100.1"), start);
  ASSERT_GT(port.stream(alice, at("198.51.100.1", 61000), 10), 0);
  port.machine.add(bob, nat_caller(4002, "198.51.100.1"), port.now);
  port.now += 3s; // alice is silent

  EXPECT_EQ(port.stream(bob, at("198.51.100.1", 61002), 10), 8);
  EXPECT_EQ(port.machine.source_of(alice), at("198.51.100.1", 61000));
}

TEST(StreamOwnership, WhatTwoWaitingLegsMayMeanIsGivenToNeither) {
  port_world port;
  port.machine.add(alice, open_caller(4000), start);
  port.machine.add(bob, open_caller(4002), start);

  EXPECT_EQ(port.stream(alice, at("192.0.2.1", 4444), 20), 0);
  EXPECT_EQ(port.stream(bob, at("192.0.2.1", 4002), 5, 8), 5);
  EXPECT_EQ(port.stream(alice, at("192.0.2.1", 4446), 5, 9), 3) << "only one waits now";
}

TEST(StreamOwnership, ANewPortOfTheHostIsFollowedOnceTheOldStreamHasStopped) {
  port_world port;
  port.machine.add(alice, open_caller(4000), start);
  ASSERT_EQ(port.stream(alice, at("192.0.2.1", 4000), 10), 10);

  EXPECT_EQ(port.stream(alice, at("192.0.2.1", 4010), 99, 8), 0) << "not before 2 s";
  EXPECT_GT(port.stream(alice, at("192.0.2.1", 4010), 10, 8, 199), 0);
  EXPECT_EQ(port.stream(alice, at("203.0.113.9", 4010), 500, 8, 209), 0) << "another host never";
}

TEST(StreamOwnership, ANewPortIsNotFollowedWhileTheOldStreamGoesOn) {
  port_world port;
  port.machine.add(alice, open_caller(4000), start);

  for (std::uint16_t i = 0; i < 500; ++i) {
    EXPECT_TRUE(port.gives(alice, at("192.0.2.1", 4000), 7, i));
    EXPECT_FALSE(port.gives(alice, at("192.0.2.1", 4010), 7, static_cast<std::uint16_t>(1000 + i)));
    port.now += 20ms;
  }
}

TEST(StreamOwnership, OfTwoSilentPhonesOfAHostTheOneWithTheSsrcIsFollowed) {
  port_world port;
  port.machine.add(alice, open_caller(4000), start);
  port.machine.add(bob, open_caller(4002), start);
  port.stream(alice, at("192.0.2.1", 4000), 3, 7);
  port.stream(bob, at("192.0.2.1", 4002), 3, 8);
  port.now += 3s;

  EXPECT_EQ(port.stream(alice, at("192.0.2.1", 4100), 200, 9), 0) << "either may have moved";
  EXPECT_GT(port.stream(bob, at("192.0.2.1", 4102), 10, 8), 0);
  EXPECT_EQ(port.machine.source_of(alice), at("192.0.2.1", 4000));
}

TEST(StreamOwnership, AChangedOfferMovesTheLegAndBack) {
  port_world port;
  const auto first = at("192.0.2.1", 4000), second = at("192.0.2.1", 4800);
  port.machine.add(alice, open_caller(4000), start);
  ASSERT_EQ(port.stream(alice, first, 3), 3);

  port.machine.renew(alice, open_caller(4800), port.now);
  EXPECT_EQ(port.stream(alice, first, 3, 7, 103), 3) << "until the new one speaks";
  EXPECT_EQ(port.stream(alice, second, 3, 8), 3);
  EXPECT_EQ(port.stream(alice, first, 200, 7, 106), 0) << "late packets from the earlier address";
  port.machine.renew(alice, open_caller(4000), port.now);
  EXPECT_EQ(port.stream(alice, first, 3, 7, 400), 3);
}

TEST(StreamOwnership, AfterAnOfferOfAnotherHostTheOldOneIsHeardForASecondAtMost) {
  port_world port;
  port.machine.add(alice, open_caller(4000), start);
  ASSERT_EQ(port.stream(alice, at("192.0.2.1", 4000), 3), 3);

  port.machine.renew(alice, open_caller(4000, "192.0.2.7"), port.now);

  EXPECT_EQ(port.stream(alice, at("192.0.2.1", 4000), 500, 7, 103), 50);
}

TEST(StreamOwnership, ARepeatedOfferKeepsASourceThatSpeaks) {
  port_world port;
  port.machine.add(alice, nat_caller(4000, "198.51.100.1"), start);
  ASSERT_GT(port.stream(alice, at("198.51.100.1", 61000), 10), 0);

  port.machine.renew(alice, nat_caller(4000, "198.51.100.1"), port.now);

  EXPECT_TRUE(port.machine.is_open(alice));
  EXPECT_EQ(port.stream(alice, at("198.51.100.1", 61000), 5, 7, 110), 5);
  EXPECT_FALSE(port.machine.is_open(alice));
}

TEST(StreamOwnership, ASilentCallerOnHoldIsNotReplacedByAStranger) {
  port_world port;
  port.machine.add(alice, nat_caller(4000, "198.51.100.1"), start);
  ASSERT_GT(port.stream(alice, at("198.51.100.1", 61000), 10), 0);
  auto hold = nat_caller(4000, "198.51.100.1");
  hold.media = at("0.0.0.0", 4000);

  port.machine.renew(alice, hold, port.now);
  EXPECT_EQ(port.stream(alice, at("203.0.113.9", 9999), 300, 9), 0);
  port.machine.renew(alice, nat_caller(4000, "198.51.100.1"), port.now);
  EXPECT_EQ(port.stream(alice, at("203.0.113.9", 9999), 300, 9, 400), 0);
  EXPECT_EQ(port.stream(alice, at("198.51.100.1", 61000), 5, 7, 110), 5);
}

TEST(StreamOwnership, AnEarlierCallersAddressIsNotTakenByNamingIt) {
  port_world port;
  port.machine.add(alice, nat_caller(4000, "198.51.100.1"), start);
  ASSERT_GT(port.stream(alice, at("198.51.100.1", 61000), 10), 0);

  port.machine.add(bob, open_caller(61000, "198.51.100.1"), port.now);

  EXPECT_EQ(port.stream(bob, at("198.51.100.1", 61000), 5, 7, 110), 0);
  EXPECT_EQ(port.stream(alice, at("198.51.100.1", 61000), 5, 7, 115), 5);
}

TEST(StreamOwnership, AWrongGuessIsGivenBackToWhoNamesTheAddress) {
  port_world port;
  port.machine.add(alice, nat_caller(4000, "198.51.100.1"), start);
  ASSERT_GT(port.stream(alice, at("203.0.113.9", 9999), 10), 0);

  port.machine.add(bob, open_caller(9999, "203.0.113.9"), port.now);

  EXPECT_EQ(port.stream(bob, at("203.0.113.9", 9999), 5, 7, 110), 5);
  EXPECT_TRUE(port.machine.is_open(alice));
}

TEST(StreamOwnership, ProvenPacketsNeedNoSecondOne) {
  port_world port;
  auto claim = open_caller(4000);
  claim.proves = true;
  port.machine.add(alice, claim, start);

  EXPECT_EQ(port.stream(alice, at("203.0.113.9", 9999), 3), 3);
}

TEST(StreamOwnership, AStreamFromOutsideTheTrunksNetworksIsNobodys) {
  port_world port;
  auto claim = nat_caller(4000, "198.51.100.1");
  claim.within = std::make_shared<const audio::address_blocks>(audio::address_blocks{{at("10.0.0.0", 0), 8}});
  port.machine.add(alice, claim, start);

  EXPECT_EQ(port.stream(alice, at("198.51.100.1", 61000), 20), 0);
  EXPECT_EQ(port.stream(alice, at("10.0.0.5", 4000), 3, 8), 3);
}

TEST(StreamOwnership, RtcpIsTheLegsWhoseRtpComesFromThePortBefore) {
  port_world port;
  auto claim = open_caller(4000);
  claim.control = at("192.0.2.1", 4500);
  port.machine.add(alice, claim, start);
  port.machine.add(bob, open_caller(4002, "192.0.2.2"), start);
  port.stream(bob, at("192.0.2.2", 4002), 1);

  EXPECT_EQ(port.machine.controller(at("192.0.2.1", 4001)), alice);
  EXPECT_EQ(port.machine.controller(at("192.0.2.1", 4500)), alice);
  EXPECT_EQ(port.machine.controller(at("192.0.2.2", 7777)), bob) << "the only one of its host";
  EXPECT_EQ(port.machine.controller(at("192.0.2.9", 4001)), std::nullopt);
}

TEST(StreamMemory, IsBoundedForStrangersAndForEndedStreamsAlike) {
  stream_memory memory;

  for (std::uint16_t i = 1; i <= 4000; ++i) {
    memory.see(at("192.0.2.1", i), i, start + i * 1ms);
    memory.keep(at("192.0.2.2", i), i, start + i * 1ms);
  }

  EXPECT_LE(memory.size(), stream_memory::max_strangers + stream_memory::max_ended);
  EXPECT_GE(memory.size(), (stream_memory::max_strangers + stream_memory::max_ended) / 2);
}

TEST(StreamMemory, AFloodOfStrangersDoesNotMakeItForgetWhatEnded) {
  stream_memory memory;
  memory.keep(at("192.0.2.2", 4000), 7, start);

  for (std::uint16_t i = 1; i <= 4000; ++i)
    memory.see(at("192.0.2.1", i), i, start + 1ms);

  EXPECT_LT(memory.see(at("192.0.2.2", 4000), 7, start + 1s), start);
}

} // namespace
} // namespace plenary
