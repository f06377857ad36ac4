#include "actors/leg/sdp_negotiation.hpp"
#include "tests/leg/foreign_sdp.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace plenary::sdp {
namespace {

capabilities all_we_can() {
  capabilities can;
  can.local = *audio::make_endpoint("203.0.113.5", 20000);
  can.keys = {{audio::crypto_suite::aes_cm_128_hmac_sha1_80, std::vector<std::uint8_t>(30, 0xB2)}};
  return can;
}

std::string media_lines(const std::string& text) {
  std::string lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find("\r\n", at);
    if (text.compare(at, 2, "m=") == 0)
      lines += text.substr(at, end + 2 - at);
    at = end + 2;
  }
  return lines;
}

class ForeignSdp : public testing::TestWithParam<samples::foreign_offer> {};

TEST_P(ForeignSdp, IsAnsweredAsItsAuthorMeantIt) {
  const auto& [name, text, answer] = GetParam();

  auto agreed = negotiate(text, all_we_can(), {1, 0, ""});

  ASSERT_EQ(agreed.has_value(), !answer.empty()) << name << (agreed ? "" : ": " + agreed.error().message);
  if (!agreed) {
    EXPECT_LE(agreed.error().message.size(), 256U) << name;
    return;
  }
  EXPECT_EQ(media_lines(agreed->next.local), answer) << name;
  EXPECT_EQ(agreed->remote.family, 4) << name;
  EXPECT_EQ(audio::address_text(agreed->remote), "192.0.2.10") << name;
}

INSTANTIATE_TEST_SUITE_P(Forms, ForeignSdp, testing::ValuesIn(samples::odd_forms()));
INSTANTIATE_TEST_SUITE_P(Formats, ForeignSdp, testing::ValuesIn(samples::odd_formats()));
INSTANTIATE_TEST_SUITE_P(Devices, ForeignSdp, testing::ValuesIn(samples::odd_devices()));

TEST(ForeignSdpAddress, IsTheSignallingsWhereTheOfferNamesAHostOrNothing) {
  auto can = all_we_can();
  can.signalling = *audio::make_endpoint("198.51.100.77", 5060);
  for (const std::string line :
       {"c=IN IP4 phone.example.org\r\n", "c=IN IP4 010.0.0.1\r\n", "c=IN IP4\r\n", ""}) {
    auto agreed = negotiate("v=0\r\n" + line + "m=audio 4000 RTP/AVP 0\r\n", can, {1, 0, ""});

    ASSERT_TRUE(agreed.has_value()) << line << agreed.error().message;
    EXPECT_EQ(agreed->remote, *audio::make_endpoint("198.51.100.77", 4000)) << line;
    EXPECT_EQ(agreed->remote_rtcp, *audio::make_endpoint("198.51.100.77", 4001)) << line;
    EXPECT_FALSE(agreed->held) << line;
  }
}

TEST(EventsAlone, AreTakenWithoutSound) {
  auto agreed = negotiate(samples::audio_line("101\r\na=rtpmap:101 telephone-event/8000\r\n"), all_we_can(),
                          {1, 0, ""});

  ASSERT_TRUE(agreed.has_value()) << agreed.error().message;
  EXPECT_TRUE(agreed->receivable.empty());
  EXPECT_EQ(agreed->telephone_event, (telephone_event_format{101, 8000}));
}

TEST(PortZero, TakesTheStreamAwayWithinASessionOnly) {
  const auto none = samples::session("m=audio 0 RTP/AVP 0\r\n");
  auto before = negotiate(samples::audio_line("0\r\n"), all_we_can(), {1, 0, ""});
  ASSERT_TRUE(before.has_value());

  auto removed = negotiate(none, all_we_can(), before->next);
  auto first = negotiate(none, all_we_can(), {1, 0, ""});

  ASSERT_TRUE(removed.has_value()) << removed.error().message;
  EXPECT_TRUE(removed->removed);
  EXPECT_TRUE(removed->held);
  EXPECT_EQ(removed->way, direction::inactive);
  EXPECT_EQ(media_lines(removed->next.local), "m=audio 0 RTP/AVP 0\r\n");
  EXPECT_EQ(removed->next.version, before->next.version + 1);
  ASSERT_FALSE(first.has_value());
  EXPECT_EQ(first.error().code, errc::not_acceptable);

  auto again = negotiate(samples::audio_line("0\r\n"), all_we_can(), removed->next);
  ASSERT_TRUE(again.has_value());
  EXPECT_FALSE(again->removed || again->held);

  auto ours = make_offer(all_we_can(), removed->next);
  ASSERT_TRUE(ours.has_value()) << ours.error().message;
  EXPECT_EQ(media_lines(ours->local), "m=audio 20000 RTP/AVP 96 9 0 8 101\r\n");
}

/// The best of several runs, so that a busy machine does not count.
std::chrono::microseconds fastest(const std::string& offer) {
  auto best = std::chrono::microseconds::max();
  for (int run = 0; run < 10; ++run) {
    const auto start = std::chrono::steady_clock::now();
    (void)negotiate(offer, all_we_can(), {1, 0, ""});
    const auto taken = std::chrono::steady_clock::now() - start;
    best = std::min(best, std::chrono::duration_cast<std::chrono::microseconds>(taken));
  }
  return best;
}

/// As much of everything as the limits of lines allow, filled up with one long value.
std::string heavy(std::size_t size) {
  std::string text = samples::session("");
  for (int i = 0; i < 32; ++i)
    text += "m=audio 4000 RTP/SAVP " + std::to_string(96 + i) + " 0\r\n";
  for (int i = 0; i < 128; ++i)
    text += "a=rtpmap:" + std::to_string(i) + " x/1\r\n";
  text += "a=fmtp:127 ";
  while (text.size() + 8 < size)
    text += ";a=b;c=d";
  return text;
}

TEST(HeavySdp, CostsNoMoreThanItsSize) {
  const std::string parts[] = {"a=fmtp:0 ;=;=;=",
                               "m=audio 4 R 0\r\n",
                               "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:",
                               " ",
                               "\r\n",
                               "a=x\r\n",
                               "o=",
                               "c=IN IP4 ",
                               "=",
                               "m=audio 4 RTP/AVP 0 8 9 0 8 9\r\n"};
  for (const auto& part : parts) {
    std::string text = "v=0\r\nc=IN IP4 192.0.2.10\r\nm=audio 4000 RTP/AVP 0\r\n";
    while (text.size() + part.size() <= foreign_limits.bytes)
      text += part;

    EXPECT_LT(fastest(text), std::chrono::milliseconds{20}) << part;
  }
  EXPECT_LT(fastest(heavy(foreign_limits.bytes)), std::chrono::milliseconds{20});
  EXPECT_LT(fastest(heavy(62'000)), std::chrono::milliseconds{1});
}

} // namespace
} // namespace plenary::sdp
