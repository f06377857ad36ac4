#include "actors/leg/source_latch.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const mono_time start{1h};
const auto sdp_source = *audio::make_endpoint("192.0.2.1", 4000);
const auto nat_source = *audio::make_endpoint("198.51.100.9", 61000);
const auto third_source = *audio::make_endpoint("203.0.113.3", 7000);

/// Shows `count` consecutive packets 20 ms apart; gives how many were accepted.
int show(source_latch& latch, const audio::endpoint& from, int count, mono_time now, std::uint32_t ssrc = 1,
         std::uint16_t first = 100) {
  int accepted = 0;
  for (int i = 0; i < count; ++i)
    accepted += latch.accept({from, ssrc, static_cast<std::uint16_t>(first + i)}, now + i * 20ms) ? 1 : 0;
  return accepted;
}

TEST(SourceLatch, AcceptsTheSdpSourceAtOnce) {
  source_latch latch{sdp_source, start};

  EXPECT_FALSE(latch.is_fixed());
  EXPECT_EQ(show(latch, sdp_source, 3, start), 3);
  EXPECT_TRUE(latch.is_fixed());
  EXPECT_EQ(latch.remote(), sdp_source);
}

TEST(SourceLatch, TakesAnotherSourceAtItsFifthConsecutivePacketWhileTheSdpSourceIsSilent) {
  source_latch latch{sdp_source, start};

  EXPECT_EQ(show(latch, nat_source, 4, start + 200ms), 0);
  EXPECT_EQ(latch.remote(), sdp_source);
  EXPECT_EQ(show(latch, nat_source, 2, start + 280ms, 1, 104), 2);
  EXPECT_EQ(latch.remote(), nat_source);
}

TEST(SourceLatch, CountsNothingInTheFirstTwoHundredMilliseconds) {
  source_latch latch{sdp_source, start};

  EXPECT_EQ(show(latch, nat_source, 10, start), 0); // 0 to 180 ms
  EXPECT_EQ(show(latch, nat_source, 5, start + 200ms, 1, 110), 1);
}

TEST(SourceLatch, WantsConsecutiveNumbersOfOneSsrcFromOneAddress) {
  source_latch latch{sdp_source, start};
  const auto late = start + 1s;

  for (std::uint16_t i = 0; i < 50; ++i) {
    EXPECT_FALSE(latch.accept({nat_source, 1, static_cast<std::uint16_t>(i * 2)}, late));
    EXPECT_FALSE(latch.accept({nat_source, i, i}, late));
    EXPECT_FALSE(latch.accept({i % 2 ? nat_source : third_source, 5, i}, late));
  }
  EXPECT_EQ(show(latch, nat_source, 5, late, 9, 65533), 1); // over the wrap
}

TEST(SourceLatch, NeverLeavesASdpSourceThatSends) {
  source_latch latch{sdp_source, start};
  show(latch, sdp_source, 1, start);

  for (int i = 0; i < 100; ++i) {
    const auto now = start + i * 100ms;
    EXPECT_TRUE(latch.accept({sdp_source, 1, static_cast<std::uint16_t>(i)}, now));
    EXPECT_EQ(show(latch, third_source, 3, now, 1, static_cast<std::uint16_t>(i * 3)), 0);
  }
}

TEST(SourceLatch, FollowsTheSameSsrcToANewAddressAfterTwoSecondsOfSilence) {
  source_latch latch{sdp_source, start};
  show(latch, sdp_source, 1, start);

  EXPECT_EQ(show(latch, nat_source, 50, start + 500ms), 0);
  EXPECT_EQ(show(latch, nat_source, 5, start + 2s, 1, 300), 1);
  EXPECT_EQ(latch.remote(), nat_source);
}

TEST(SourceLatch, DoesNotFollowAnotherSsrcHoweverLongTheSilence) {
  source_latch latch{sdp_source, start};
  show(latch, sdp_source, 1, start);

  EXPECT_EQ(show(latch, third_source, 100, start + 1min, 2), 0);
  EXPECT_EQ(latch.remote(), sdp_source);
}

TEST(SourceLatch, KeepsALatchedSourceWhenTheSdpSourceWakesUpLate) {
  source_latch latch{sdp_source, start};
  show(latch, nat_source, 5, start + 1s);

  EXPECT_EQ(show(latch, sdp_source, 20, start + 1200ms, 77), 0);
  EXPECT_EQ(latch.remote(), nat_source);
}

} // namespace
} // namespace plenary
