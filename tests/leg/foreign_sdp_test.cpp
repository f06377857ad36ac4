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

struct time_case {
  std::string attributes;
  int ptime; ///< ms
  std::string told;
};

class PacketTimeWish : public testing::TestWithParam<time_case> {};

TEST_P(PacketTimeWish, IsKeptAndTold) {
  const auto& [attributes, ptime, told] = GetParam();
  for (const std::string format : {"0\r\n", "9\r\n", "111\r\na=rtpmap:111 opus/48000/2\r\n"}) {
    auto agreed = negotiate(samples::audio_line(format + attributes), all_we_can(), {1, 0, ""});

    ASSERT_TRUE(agreed.has_value()) << attributes;
    EXPECT_EQ(agreed->send_as.ptime, std::chrono::milliseconds{ptime}) << attributes << format;
    EXPECT_THAT(agreed->next.local, testing::HasSubstr(told)) << attributes << format;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rfc8866, PacketTimeWish,
    testing::Values(
        time_case{"", 20, "a=ptime:20\r\na=rtcp"}, time_case{"a=ptime:10\r\n", 10, "a=ptime:10\r\n"},
        time_case{"a=ptime:20\r\n", 20, "a=ptime:20\r\n"}, time_case{"a=ptime:30\r\n", 20, "a=ptime:20\r\n"},
        time_case{"a=ptime:40\r\n", 40, "a=ptime:40\r\n"},
        time_case{"a=ptime: 60 \r\n", 60, "a=ptime:60\r\n"},
        time_case{"a=ptime:200\r\n", 60, "a=ptime:60\r\n"}, time_case{"a=ptime:5\r\n", 10, "a=ptime:10\r\n"},
        time_case{"a=ptime:0\r\n", 20, "a=ptime:20\r\n"}, time_case{"a=ptime:20.0\r\n", 20, "a=ptime:20\r\n"},
        time_case{"a=maxptime:10\r\n", 10, "a=ptime:10\r\na=maxptime:10\r\n"},
        time_case{"a=ptime:60\r\na=maxptime:40\r\n", 40, "a=ptime:40\r\na=maxptime:40\r\n"},
        time_case{"a=ptime:20\r\na=maxptime:150\r\n", 20, "a=ptime:20\r\na=maxptime:120\r\n"},
        time_case{"a=maxptime:60\r\n", 20, "a=ptime:20\r\na=maxptime:60\r\n"}));

TEST(PacketTimeOfAnAnswer, IsKept) {
  auto offered = make_offer(all_we_can(), {1, 0, ""});
  ASSERT_TRUE(offered.has_value());

  auto agreed = accept_answer(samples::audio_line("0\r\na=ptime:40\r\n"), all_we_can(), *offered);

  ASSERT_TRUE(agreed.has_value());
  EXPECT_EQ(agreed->send_as.ptime, std::chrono::milliseconds{40});
}

TEST(OfferedComfortNoise, IsAnsweredWhereItWasOfferedAndTakenWhereItWasNot) {
  auto offered = negotiate(samples::audio_line("0 13\r\n"), all_we_can(), {1, 0, ""});
  auto dynamic = negotiate(samples::audio_line("0 98\r\na=rtpmap:98 CN/8000\r\n"), all_we_can(), {1, 0, ""});
  auto unasked = negotiate(samples::audio_line("0\r\n"), all_we_can(), {1, 0, ""});
  auto opus =
      negotiate(samples::audio_line("111 13\r\na=rtpmap:111 opus/48000/2\r\n"), all_we_can(), {1, 0, ""});
  auto used = negotiate(samples::audio_line("0 13\r\na=rtpmap:13 PCMA/8000\r\n"), all_we_can(), {1, 0, ""});

  EXPECT_EQ(media_lines(offered->next.local), "m=audio 20000 RTP/AVP 0 13\r\n");
  EXPECT_THAT(offered->next.local, testing::HasSubstr("a=rtpmap:13 CN/8000\r\n"));
  EXPECT_EQ(offered->comfort_noise, 13);
  EXPECT_EQ(dynamic->comfort_noise, 98);
  EXPECT_EQ(media_lines(unasked->next.local), "m=audio 20000 RTP/AVP 0\r\n");
  EXPECT_EQ(unasked->comfort_noise, 13);
  EXPECT_EQ(media_lines(opus->next.local), "m=audio 20000 RTP/AVP 111\r\n");
  EXPECT_EQ(opus->comfort_noise, std::nullopt);
  EXPECT_EQ(used->comfort_noise, std::nullopt);
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
