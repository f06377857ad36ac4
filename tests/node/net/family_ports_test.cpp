#include "node/net/family_ports.hpp"
#include "node/net/udp_socket.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const mono_time families_start{1h};

/// Nobody reads the sockets.
result<void> no_family_watcher(audio::port_index, int, int) {
  return {};
}

media_claim claim_at(const char* media, const char* signalling = "127.0.9.1") {
  const auto where = *audio::make_endpoint(media, 4000);
  return {where, where, *audio::make_endpoint(signalling, 5060), false, nullptr};
}

/// Nobody has said where media comes from.
media_claim claim_of_caller_at(const char* signalling) {
  return {{}, {}, *audio::make_endpoint(signalling, 5060), false, nullptr};
}

std::unique_ptr<family_ports> both_families(std::size_t max_legs_per_port = 512) {
  auto made = family_ports::make(
      {{"127.0.0.1", 0, 0, max_legs_per_port, "203.0.113.7"}, {"::1", 0, 0, max_legs_per_port}},
      no_family_watcher);
  EXPECT_TRUE(made);
  return std::move(*made);
}

TEST(FamilyPorts, GiveAPlaceOfTheIpVersionOfTheMedia) {
  auto ports = both_families();

  auto v4 = ports->acquire(claim_at("127.0.9.1", "::1"), 6, families_start);
  auto v6 = ports->acquire(claim_at("::1"), 4, families_start);

  ASSERT_TRUE(v4 && v6);
  EXPECT_NE(v4->port, v6->port);
  EXPECT_EQ(audio::address_text(ports->told_address(v4->port)), "203.0.113.7");
  EXPECT_EQ(audio::address_text(ports->told_address(v6->port)), "::1");
  EXPECT_NE(ports->rtp_socket(v4->port), ports->rtp_socket(v6->port));
  EXPECT_GE(ports->rtcp_socket(v6->port), 0);
}

TEST(FamilyPorts, FollowThePreferenceAndThenTheSignallingWhenNoMediaAddressIsNamed) {
  auto ports = both_families();
  const auto family_for = [&](const media_claim& claim, std::uint8_t preferred) {
    auto lease = ports->acquire(claim, preferred, families_start);
    return lease ? ports->told_address(lease->port).family : 0;
  };

  EXPECT_EQ(family_for(claim_of_caller_at("127.0.9.1"), 0), 4);
  EXPECT_EQ(family_for(claim_of_caller_at("::1"), 0), 6);
  EXPECT_EQ(family_for(claim_of_caller_at("127.0.9.1"), 6), 6);
  EXPECT_EQ(family_for(claim_at("0.0.0.0", "::1"), 0), 6) << "a hold says nothing of the version";
  EXPECT_EQ(family_for({}, 0), 4) << "the first";
}

TEST(FamilyPorts, RefuseMediaOfAVersionThatTheNodeHasNoAddressOf) {
  auto ports = *family_ports::make({{"127.0.0.1", 0, 0}}, no_family_watcher);

  auto refused = ports->acquire(claim_at("2001:db8::1"), 0, families_start);
  auto unnamed = ports->acquire(claim_of_caller_at("::1"), 6, families_start);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_acceptable);
  EXPECT_EQ(refused.error().message,
            "SDP names an IPv6 address, and this node has media addresses of IPv4 alone");
  ASSERT_TRUE(unnamed);
  EXPECT_EQ(ports->told_address(unnamed->port).family, 4);
}

TEST(FamilyPorts, RunOutApartFromEachOther) {
  // Two pairs of each version, both in the same range.
  std::unique_ptr<family_ports> ports;
  for (std::uint16_t first = 40000; !ports && first < 60000; first = static_cast<std::uint16_t>(first + 4)) {
    const auto last = static_cast<std::uint16_t>(first + 3);
    const std::vector<media_port_settings> families{{"127.0.0.1", first, last, 1}, {"::1", first, last, 1}};
    ports = *family_ports::make(families, no_family_watcher);
    std::vector<port_lease> all;
    for (const auto* host : {"127.0.9.1", "127.0.9.2", "::1", "::2"})
      if (auto lease = ports->acquire(claim_at(host, host), 0, families_start))
        all.push_back(*lease);
    if (all.size() < 4) { // somebody else has one of these ports
      ports.reset();
      continue;
    }
    ports->release(all[2], families_start);
    ports->release(all[3], families_start);
  }
  ASSERT_TRUE(ports);

  auto v4 = ports->acquire(claim_at("127.0.9.3", "127.0.9.3"), 0, families_start + 60s);
  auto v6 = ports->acquire(claim_at("::3", "::3"), 0, families_start + 60s);
  auto second_v6 = ports->acquire(claim_at("::4", "::4"), 0, families_start + 60s);
  auto third_v6 = ports->acquire(claim_at("::5", "::5"), 0, families_start + 60s);

  ASSERT_FALSE(v4);
  EXPECT_EQ(v4.error().code, errc::limit_reached);
  EXPECT_TRUE(v6 && second_v6) << "the pairs of the other version are free";
  ASSERT_FALSE(third_v6);
  EXPECT_EQ(third_v6.error().code, errc::limit_reached);
}

TEST(FamilyPorts, NameAndCloseEachPairByAnIndexOfItsOwn) {
  std::set<audio::port_index> opened;
  auto ports =
      *family_ports::make({{"127.0.0.1", 0, 0, 1}, {"::1", 0, 0, 1}}, [&opened](auto port, int, int) {
        opened.insert(port);
        return result<void>{};
      });
  std::vector<port_lease> leases;
  for (int i = 1; i <= 8; ++i)
    for (const auto& host : {fmt::format("127.0.9.{}", i), fmt::format("::{}", i)})
      leases.push_back(*ports->acquire(claim_at(host.c_str(), host.c_str()), 0, families_start));
  EXPECT_EQ(opened.size(), 16U);
  EXPECT_EQ(ports->open_pairs(), 16U);
  for (const auto& lease : leases)
    ports->release(lease, families_start);

  std::set<audio::port_index> closed;
  for (const auto& pair : ports->take_idle(families_start + 60s)) {
    closed.insert(pair.port);
    EXPECT_EQ(ports->rtp_socket(pair.port), -1);
    close(pair.rtp);
    close(pair.rtcp);
  }

  EXPECT_EQ(closed.size(), 16 - 2 * media_ports::kept_pairs);
  EXPECT_EQ(ports->open_pairs(), 2 * media_ports::kept_pairs);
  for (auto port : closed)
    EXPECT_TRUE(opened.contains(port)) << port;
}

TEST(FamilyPorts, RefuseTwoAddressesOfOneVersionAndAToldOneOfTheOther) {
  auto twice = family_ports::make({{"127.0.0.1", 0, 0}, {"127.0.0.2", 0, 0}}, no_family_watcher);
  auto crossed = family_ports::make({{"127.0.0.1", 0, 0, 512, "2001:db8::1"}}, no_family_watcher);

  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, errc::malformed);
  ASSERT_FALSE(crossed);
  EXPECT_EQ(crossed.error().code, errc::malformed);
}

TEST(FamilyPorts, MayHaveOnePortAtTheWildcardAddressesOfBothVersions) {
  const auto v4 = *open_udp_socket({4, {}, 0});
  const auto port = bound_address(v4).port;

  auto v6 = open_udp_socket({6, {}, port});

  ASSERT_TRUE(v6) << v6.error().message;
  EXPECT_EQ(bound_address(*v6).port, port);
  close(*v6);
  close(v4);
}

} // namespace
} // namespace plenary
