#include "node/net/address_guard.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

namespace plenary {
namespace {

bool allowed(const address_guard& guard, const std::string& text, bool inside_too) {
  sockaddr_storage storage{};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1)
    storage.ss_family = AF_INET;
  else if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1)
    storage.ss_family = AF_INET6;
  return guard.may_connect(reinterpret_cast<const sockaddr&>(storage), inside_too);
}

TEST(AddressGuard, LetsOpenAddressesThrough) {
  for (bool inside_too : {true, false})
    for (const char* address : {"8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"})
      EXPECT_TRUE(allowed(address_guard{}, address, inside_too)) << address;
}

TEST(AddressGuard, LetsInsideAddressesThroughOnlyForUrlsThatMayLeadInside) {
  for (const char* address : {"127.0.0.1", "10.1.2.3", "100.64.0.1", "::1", "fd00::2", "::ffff:127.0.0.1",
                              "64:ff9b::7f00:1", "2002:0a00:0001::1"}) {
    EXPECT_TRUE(allowed(address_guard{}, address, true)) << address;
    EXPECT_FALSE(allowed(address_guard{}, address, false)) << address;
  }
}

TEST(AddressGuard, LetsNobodyToMetadataLinkLocalAndMulticast) {
  for (bool inside_too : {true, false})
    for (const char* address : {"169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
                                "168.63.129.16", "100.100.100.200", "192.0.0.192", "64:ff9b:1::7f00:1"})
      EXPECT_FALSE(allowed(address_guard{}, address, inside_too)) << address;
}

TEST(AddressGuard, LetsEverybodyIntoNetworksThatAreNamed) {
  const address_guard guard{
      {*parse_ip_network("10.0.0.0/24"), *parse_ip_network("169.254.7.7"), *parse_ip_network("fd00::/64")}};

  for (const char* address :
       {"10.0.0.0", "10.0.0.255", "169.254.7.7", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"})
    EXPECT_TRUE(allowed(guard, address, false)) << address;
  for (const char* address : {"10.0.1.0", "9.255.255.255.", "169.254.7.8", "fd00:0:0:1::1", "127.0.0.1"})
    EXPECT_FALSE(allowed(guard, address, false)) << address;
}

TEST(AddressGuard, KnowsNoOtherFamilies) {
  sockaddr address{};
  address.sa_family = AF_UNIX;

  EXPECT_FALSE(address_guard{}.may_connect(address, true));
}

} // namespace
} // namespace plenary
