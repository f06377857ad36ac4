#include "node/net/address_guard.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace plenary {
namespace {

bool allowed(const std::string& text, bool allow_private) {
  sockaddr_storage storage{};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1)
    storage.ss_family = AF_INET;
  else if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1)
    storage.ss_family = AF_INET6;
  return may_connect(reinterpret_cast<const sockaddr&>(storage), allow_private);
}

TEST(AddressGuard, NeverLetsLinkLocalAndMetadataAddressesThrough) {
  for (const char* address :
       {"169.254.169.254", "169.254.0.1", "fe80::1", "febf::1", "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "fd00:ec2::254"}) {
    EXPECT_FALSE(allowed(address, true)) << address;
    EXPECT_FALSE(allowed(address, false)) << address;
  }
}

TEST(AddressGuard, LetsPrivateAddressesThroughOnlyWhenTold) {
  for (const char* address :
       {"127.0.0.1", "10.1.2.3", "100.64.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fd00::2", "ff02::1",
        "2001:db8::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:0a00:0001::1"}) {
    EXPECT_TRUE(allowed(address, true)) << address;
    EXPECT_FALSE(allowed(address, false)) << address;
  }
}

TEST(AddressGuard, AlwaysLetsPublicAddressesThrough) {
  for (const char* address : {"8.8.8.8", "172.15.0.1", "172.32.0.1", "169.253.1.1", "100.128.0.1",
                              "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
    EXPECT_TRUE(allowed(address, true)) << address;
    EXPECT_TRUE(allowed(address, false)) << address;
  }
}

TEST(AddressGuard, KnowsNoOtherFamilies) {
  sockaddr address{};
  address.sa_family = AF_UNIX;

  EXPECT_FALSE(may_connect(address, true));
}

} // namespace
} // namespace plenary
