#include "node/config/address_class.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

TEST(AddressClass, NeverTrustsWhatIsNobodysServer) {
  for (const char* address : {"0.0.0.0",
                              "0.1.2.3",
                              "169.254.169.254",
                              "169.254.0.1",
                              "168.63.129.16",
                              "100.100.100.200",
                              "192.0.0.192",
                              "192.0.0.1",
                              "192.88.99.1",
                              "224.0.0.1",
                              "239.255.255.255",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "fe80::1",
                              "febf::1",
                              "fec0::1",
                              "ff02::1",
                              "ff0e::1",
                              "fd00:ec2::254",
                              "fd20:ce::254",
                              "64:ff9b:1::7f00:1",
                              "64:ff9b:1:ffff::1",
                              "2001::1",
                              "2001:0:a00:1::1",
                              "100::1",
                              "::7f00:1",
                              "::ffff:0:7f00:1",
                              "5f00::1",
                              "::ffff:169.254.169.254",
                              "::ffff:0.0.0.0",
                              "64:ff9b::a9fe:a9fe",
                              "2002:a9fe:a9fe::1",
                              "2002:e000:1::1",
                              "",
                              "localhost",
                              "127.1"})
    EXPECT_EQ(class_of(address), address_class::never) << address;
}

TEST(AddressClass, KnowsWhatLiesInside) {
  for (const char* address : {"127.0.0.1",
                              "127.255.255.254",
                              "10.1.2.3",
                              "100.64.0.1",
                              "100.127.255.255",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.0.1",
                              "192.0.2.1",
                              "198.18.0.1",
                              "198.51.100.1",
                              "203.0.113.1",
                              "::1",
                              "fd00::2",
                              "fcff::1",
                              "2001:db8::1",
                              "3fff::1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "64:ff9b::7f00:1",
                              "2002:0a00:0001::1"})
    EXPECT_EQ(class_of(address), address_class::inside) << address;
}

TEST(AddressClass, OpensTheRest) {
  for (const char* address :
       {"8.8.8.8",        "1.0.0.1",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
        "100.128.0.1",    "126.255.255.255", "128.0.0.1",       "169.253.255.255", "169.255.0.1",
        "172.15.255.255", "172.32.0.1",      "192.167.255.255", "192.169.0.1",     "223.255.255.255",
        "168.63.129.17",  "2606:4700::1111", "2001:200::1",     "::ffff:8.8.8.8",  "64:ff9b::808:808",
        "2002:808:808::1"})
    EXPECT_EQ(class_of(address), address_class::open) << address;
}

TEST(InsideHost, IsKnownByItsName) {
  for (const char* host :
       {"localhost", "localhost.", "app", "app.internal", "node.svc.cluster.local", "printer.lan",
        "x.home.arpa", "127.0.0.1", "10.0.0.30", "::1", "fd00::1", "169.254.169.254", "127.1", "2130706433",
        "0x7f000001", "0x7f.1", "0177.0.0.1", "a.localhost"})
    EXPECT_TRUE(is_inside_host(host)) << host;
  for (const char* host : {"customer.com", "localhost.customer.com", "internal.customer.com", "8.8.8.8",
                           "2606:4700::1111", "xinternal.org", "mylocal.net"})
    EXPECT_FALSE(is_inside_host(host)) << host;
}

TEST(HostOfUrl, LeavesOutUserPortAndBrackets) {
  EXPECT_EQ(host_of_url("http://Host.Example/x?y"), "host.example");
  EXPECT_EQ(host_of_url("https://u:p@host:8443"), "host");
  EXPECT_EQ(host_of_url("http://[::1]:80/"), "::1");
  EXPECT_EQ(host_of_url("http://h?q=@z"), "h");
  EXPECT_EQ(host_of_url("no url"), "");
}

} // namespace
} // namespace plenary
