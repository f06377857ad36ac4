#include "actors/audio/media_address.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

endpoint media_at(const char* host, std::uint16_t port = 4000) {
  return *make_endpoint(host, port);
}

/// A carrier in 198.51.100.0/24, a telephone system on loopback, one with media_ips; media ports of our own.
media_address_rules some_rules() {
  media_address_rules rules;
  rules.trunks["carrier"].signalling = {{media_at("198.51.100.0"), 24}};
  rules.trunks["local"].signalling = {{media_at("127.0.0.1"), 32}};
  rules.trunks["narrow"].signalling = {{media_at("203.0.113.1"), 32}};
  rules.trunks["narrow"].media_ips = {{media_at("203.0.113.0"), 24}, {media_at("2001:db8::"), 32}};
  rules.trunks["open"].signalling = {{media_at("0.0.0.0"), 0}};
  rules.own_addresses = {{media_at("192.0.2.1"), 32}};
  rules.first_own_port = 20000;
  rules.last_own_port = 29999;
  rules.own_endpoints = {media_at("192.0.2.1", 5060)};
  return rules;
}

bool may(const char* host, const char* trunk, std::uint16_t port = 4000) {
  return check_media_address(media_at(host, port), trunk, some_rules()).has_value();
}

TEST(MediaAddress, MayBeAnyMachine) {
  EXPECT_TRUE(may("198.51.100.7", "carrier"));
  EXPECT_TRUE(may("8.8.8.8", "carrier"));
  EXPECT_TRUE(may("10.0.0.5", "carrier"));
  EXPECT_TRUE(may("2001:db8::5", "carrier"));
  EXPECT_TRUE(may("8.8.8.8", "a trunk that an older node does not name"));
}

TEST(MediaAddress, IsNeverManyMachinesOrNone) {
  for (const auto* host : {"224.0.0.1", "239.255.255.255", "255.255.255.255", "240.0.0.1", "0.0.0.1",
                           "0.255.0.1", "ff02::1", "::ffff:127.0.0.1"})
    EXPECT_FALSE(may(host, "carrier")) << host;
  EXPECT_TRUE(may("223.255.255.255", "carrier"));
  EXPECT_TRUE(may("1.0.0.0", "carrier"));
}

TEST(MediaAddress, HoldsACallWhenItIsUnspecified) {
  EXPECT_TRUE(may("0.0.0.0", "narrow"));
  EXPECT_TRUE(may("::", "narrow"));
}

TEST(MediaAddress, IsLoopbackOnlyOnATrunkOfThisMachine) {
  EXPECT_FALSE(may("127.0.0.1", "carrier"));
  EXPECT_FALSE(may("127.255.0.1", "carrier"));
  EXPECT_FALSE(may("::1", "carrier"));
  EXPECT_TRUE(may("127.0.0.1", "local"));
  EXPECT_TRUE(may("127.0.0.8", "local"));
}

TEST(MediaAddress, IsNeverAPortOfThisNode) {
  EXPECT_FALSE(may("192.0.2.1", "carrier", 20000));
  EXPECT_FALSE(may("192.0.2.1", "carrier", 29999));
  EXPECT_FALSE(may("192.0.2.1", "carrier", 5060));
  EXPECT_TRUE(may("192.0.2.1", "carrier", 19999));
  EXPECT_TRUE(may("192.0.2.1", "carrier", 30000));
  EXPECT_TRUE(may("192.0.2.2", "carrier", 20000));
}

TEST(MediaAddress, IsNeverAnotherTrunksSignalling) {
  EXPECT_FALSE(may("198.51.100.7", "local"));
  EXPECT_FALSE(may("203.0.113.1", "carrier"));
  EXPECT_TRUE(may("203.0.113.2", "carrier"));
  EXPECT_TRUE(may("198.51.100.7", "open")) << "its own network holds it too";
}

TEST(MediaAddress, LiesWithinTheTrunksNetworksWhereItHasAny) {
  EXPECT_TRUE(may("203.0.113.0", "narrow"));
  EXPECT_TRUE(may("203.0.113.255", "narrow"));
  EXPECT_FALSE(may("203.0.112.255", "narrow"));
  EXPECT_FALSE(may("203.0.114.0", "narrow"));
  EXPECT_TRUE(may("2001:db8:ffff::1", "narrow"));
  EXPECT_FALSE(may("2001:db9::1", "narrow"));
}

} // namespace
} // namespace plenary::audio
