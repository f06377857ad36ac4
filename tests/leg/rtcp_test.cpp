#include "actors/leg/rtcp.hpp"

#include <gtest/gtest.h>

#include <random>

namespace plenary::rtcp {
namespace {

using namespace std::chrono_literals;

const wall_time noon{std::chrono::sys_days{std::chrono::May / 29 / 2026} + 12h + 250ms};

report sample(bool sender, std::size_t receptions) {
  report what;
  what.ssrc = 0x01020304;
  if (sender)
    what.sender = sender_info{to_ntp(noon), 48000, 50, 4000};
  for (std::size_t i = 0; i < receptions; ++i)
    what.receptions.push_back({static_cast<std::uint32_t>(i), 25, -3, 70000, 120, 0x11112222, 65536});
  return what;
}

TEST(Rtcp, ReadsWhatItBuilds) {
  for (bool sender : {false, true})
    for (std::size_t receptions : {0U, 1U, 31U})
      for (bool leaving : {false, true}) {
        auto what = sample(sender, receptions);

        auto bytes = build(what, "plenary@192.0.2.1", leaving);
        auto read = parse(bytes);

        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(bytes.size() % 4, 0U);
        ASSERT_EQ(read->reports.size(), 1U);
        EXPECT_EQ(read->reports[0], what);
        EXPECT_EQ(read->left, leaving ? std::vector<std::uint32_t>{what.ssrc} : std::vector<std::uint32_t>{});
      }
}

TEST(Rtcp, BuildsTheBytesOfTheStandard) {
  report what;
  what.ssrc = 0xAABBCCDD;
  what.receptions.push_back({1, 64, 5, 0x10002, 7, 8, 9});

  auto bytes = build(what, "ab");

  EXPECT_EQ(bytes, (std::vector<std::uint8_t>{
                       0x81, 201, 0, 7, 0xAA, 0xBB, 0xCC, 0xDD, 0, 0, 0,   1,   64, 0, 0, 5,
                       0,    1,   0, 2, 0,    0,    0,    7,    0, 0, 0,   8,   0,  0, 0, 9, // RR
                       0x81, 202, 0, 3, 0xAA, 0xBB, 0xCC, 0xDD, 1, 2, 'a', 'b', 0,  0, 0, 0}));
}

TEST(Rtcp, EndsTheSdesItemsWithAZeroWhateverTheNameLength) {
  for (std::size_t length = 1; length <= 255; ++length) {
    auto bytes = build(report{}, std::string(length, 'x'));

    EXPECT_TRUE(parse(bytes).has_value()) << length;
    EXPECT_EQ(bytes.back(), 0) << length;
  }
}

TEST(Rtcp, RefusesBrokenCompounds) {
  using bytes = std::vector<std::uint8_t>;
  for (const auto& packet :
       {bytes{}, bytes{0x80, 201}, bytes{0x40, 201, 0, 1, 0, 0, 0, 1}, bytes{0x80, 201, 0, 2, 0, 0, 0, 1},
        bytes{0x81, 201, 0, 1, 0, 0, 0, 1}, bytes{0x80, 200, 0, 1, 0, 0, 0, 1},
        bytes{0x80, 202, 0, 1, 0, 0, 0, 1}, bytes{0x80, 201, 0, 0},
        bytes{0xA0, 201, 0, 1, 0, 0, 0, 1, 0x80, 201, 0, 1, 0, 0, 0, 1},
        bytes{0x80, 201, 0, 1, 0, 0, 0, 1, 0x82, 203, 0, 1, 0, 0, 0, 1}})
    EXPECT_EQ(parse(packet).error().code, errc::malformed);
}

TEST(Rtcp, StepsOverPacketsThatItDoesNotKnow) {
  auto bytes = build(sample(true, 1), "x");
  const std::vector<std::uint8_t> feedback{0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2};
  bytes.insert(bytes.end(), feedback.begin(), feedback.end());

  auto read = parse(bytes);

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->reports.size(), 1U);
}

TEST(Rtcp, SurvivesMutatedPackets) {
  auto original = build(sample(true, 3), "plenary@192.0.2.1", true);
  for (unsigned seed = 0; seed < 50'000; ++seed) {
    std::mt19937 random{seed};
    auto bytes = original;
    for (int i = 0; i < 3; ++i)
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    bytes.resize(random() % (bytes.size() + 1));

    if (auto read = parse(bytes)) {
      EXPECT_LE(read->reports.size(), bytes.size() / 8) << "seed " << seed;
    }
  }
}

TEST(Rtcp, RefersToTheLatestSenderReport) {
  sender_info latest{to_ntp(noon), 0, 0, 0};
  audio::reception_report into;

  refer_to(latest, to_ntp(noon + 30ms), to_ntp(noon + 2030ms), into);

  EXPECT_EQ(into.last_sender_report, middle(to_ntp(noon)));
  EXPECT_NEAR(into.delay_since_sender_report, 2 << 16, 1);
}

TEST(Ntp, CountsFrom1900) {
  EXPECT_EQ(to_ntp(wall_time{}) >> 32, 2208988800U);
  EXPECT_EQ(static_cast<std::uint32_t>(to_ntp(noon)), 0x40000000U);
}

} // namespace
} // namespace plenary::rtcp
