#include "actors/audio/endpoint.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

TEST(Endpoint, ReadsAndWritesBothFamilies) {
  const auto four = make_endpoint("192.0.2.1", 4000).value();
  const auto six = make_endpoint("2001:db8::1", 4000).value();

  EXPECT_EQ(to_string(four), "192.0.2.1:4000");
  EXPECT_EQ(to_string(six), "[2001:db8::1]:4000");
  EXPECT_EQ(address_text(six), "2001:db8::1");
  EXPECT_EQ(address_text(endpoint{}), "");
}

TEST(Endpoint, RefusesWhatIsNoLiteral) {
  for (const auto* text : {"", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::g", "[::1]", "1.2.3.4 "})
    EXPECT_EQ(make_endpoint(text, 1).error().code, errc::malformed) << text;
  EXPECT_FALSE(make_endpoint(std::string_view("1.2.3.4\0x", 9), 1));
}

TEST(Endpoint, EqualAddressesAndPortsAreEqual) {
  EXPECT_EQ(make_endpoint("::1", 5).value(), make_endpoint("0:0:0:0:0:0:0:1", 5).value());
  EXPECT_NE(make_endpoint("::1", 5).value(), make_endpoint("::1", 6).value());
}

} // namespace
} // namespace plenary::audio
