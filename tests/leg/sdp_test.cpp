#include "actors/leg/sdp.hpp"
#include "actors/leg/sdp_audio.hpp"
#include "tests/leg/sdp_samples.hpp"

#include <gtest/gtest.h>

namespace plenary::sdp {
namespace {

TEST(SdpParse, ReadsLinesWithCrlfAndWithLf) {
  auto crlf = parse(samples::carrier);
  auto lf = parse(samples::asterisk);

  ASSERT_TRUE(crlf.has_value());
  ASSERT_TRUE(lf.has_value());
  EXPECT_EQ(crlf->medias.size(), 2U);
  EXPECT_EQ(crlf->medias[0].port, 49170);
  EXPECT_EQ(crlf->medias[0].at->address, "198.51.100.7");
  EXPECT_EQ(crlf->timing, "2873397496 2873404696");
  EXPECT_EQ(crlf->medias[1].profile, "udptl");
  EXPECT_EQ(lf->medias[0].formats, (std::vector<std::string>{"8", "0", "9", "101"}));
  EXPECT_EQ(lf->from.session_id, "1745");
}

TEST(SdpParse, RefusesOnlyWhatIsNoSdp) {
  for (const std::string& text :
       {std::string{}, std::string{"hello"}, std::string{"v=1\r\n"},
        std::string{"s=-\r\nc=IN IP4 192.0.2.1\r\n"}, std::string{"\r\n\r\n"},
        std::string{"{\"actions\":[]}"}, std::string(2000, '='), std::string(100, '\0')}) {
    auto parsed = parse(text);

    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, errc::malformed);
    EXPECT_LE(parsed.error().message.size(), 256U);
  }
}

TEST(SdpParse, IgnoresLinesThatItCannotRead) {
  const std::string head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";
  for (const std::string line :
       {"c=IN IP4", "c=",  "xx",      "a",     "",    "a=",      "o=- 1 1 IN IP4 192.0.2.1",
        "o=",       "o=1", "s=a\x01", "A=b",   "v=0", "t=never", "z=\xFF\xFE",
        "k=prompt", "b=:", "a=:",     "a=:::", "  ",  "\t"}) {
    auto parsed = parse(head + line + "\r\nm=audio 5004 RTP/AVP 0\r\n" + line + "\r\n");

    ASSERT_TRUE(parsed.has_value()) << line;
    ASSERT_EQ(parsed->medias.size(), 1U) << line;
    EXPECT_EQ(parsed->medias[0].port, 5004) << line;
    EXPECT_EQ(parsed->from.session_id, "1") << line;
    EXPECT_EQ(parsed->timing, "0 0") << line;
  }
}

TEST(SdpParse, KeepsThePlaceOfMediaLinesThatItCannotRead) {
  for (const std::string line :
       {"m=", "m=video", "m=video 0", "m=video 70000 RTP/AVP 0", "m=video -1 RTP/AVP 0", "m=video x y z",
        "m=video 0 RTP/AVP", "m=\xFF\xFE 0 \x01 0"}) {
    auto parsed = parse("v=0\r\n" + line + "\r\nm=audio 5004 RTP/AVP 0\r\n");

    ASSERT_TRUE(parsed.has_value()) << line;
    ASSERT_EQ(parsed->medias.size(), 2U) << line;
    EXPECT_EQ(parsed->medias[0].port, 0) << line;
    EXPECT_EQ(parsed->medias[1].port, 5004) << line;
  }
}

TEST(SdpParse, ReadsTheOriginFromItsEnd) {
  auto parsed = parse("v=0\r\no=My  Desk Phone 17 4 in ip6 2001:db8::1\r\n");

  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->from.username, "My  Desk Phone");
  EXPECT_EQ(parsed->from.session_id, "17");
  EXPECT_EQ(parsed->from.version, "4");
  EXPECT_EQ(parsed->from.address.family, "IP6");
  EXPECT_EQ(parsed->from.address.address, "2001:db8::1");
}

std::string repeated(std::size_t times, std::string_view text) {
  std::string all;
  for (; times > 0; --times)
    all += text;
  return all;
}

TEST(SdpParse, TakesWhatItsLimitsAllowAndNotOneMore) {
  const std::string head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";
  const auto taken = [&head](const std::string& rest) { return parse(head + rest).has_value(); };
  const auto filled = [&head](std::size_t size) { return "s=" + std::string(size - head.size() - 2, 'x'); };
  const std::string media = "m=audio 1 RTP/AVP\r\n";

  EXPECT_TRUE(taken(filled(16'384)));
  EXPECT_FALSE(taken(filled(16'385)));
  EXPECT_TRUE(taken(repeated(32, media)));
  EXPECT_FALSE(taken(repeated(33, media)));
  EXPECT_TRUE(taken("m=audio 1 RTP/AVP" + repeated(40, " 0") + "\r\nm=video 1 RTP/AVP" + repeated(24, " 0")));
  EXPECT_FALSE(
      taken("m=audio 1 RTP/AVP" + repeated(40, " 0") + "\r\nm=video 1 RTP/AVP" + repeated(25, " 0")));
  EXPECT_TRUE(
      taken(repeated(128, "a=x\r\n") + media + repeated(128, "a=x\r\n") + media + repeated(128, "a=\r\n")));
  EXPECT_FALSE(taken(repeated(129, "a=x\r\n")));
  EXPECT_FALSE(taken(media + repeated(129, "a=x\r\n")));
}

TEST(SdpParse, ReadsWhatItWrites) {
  for (const auto& sample : {samples::baresip, samples::linphone, samples::asterisk, samples::carrier}) {
    auto text = write(*parse(sample));

    auto again = parse(text);

    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(write(*again), text);
  }
}

struct crypto_case {
  std::string line;
  bool usable;
};

class CryptoLine : public testing::TestWithParam<crypto_case> {};

TEST_P(CryptoLine, IsTakenOnlyWhenWeCanKeepIt) {
  EXPECT_EQ(parse_crypto(GetParam().line).has_value(), GetParam().usable) << GetParam().line;
}

const std::string cm = "1 AES_CM_128_HMAC_SHA1_80 inline:";
const std::string gcm = "1 AEAD_AES_128_GCM inline:";

INSTANTIATE_TEST_SUITE_P(
    Rfc4568, CryptoLine,
    testing::Values(crypto_case{cm + samples::cm_key, true}, crypto_case{gcm + samples::gcm_key, true},
                    crypto_case{gcm + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw", true},
                    crypto_case{cm + samples::cm_key + "|2^31", true},
                    crypto_case{cm + samples::cm_key + "|1048576", true},
                    crypto_case{cm + samples::cm_key + " WSH=64", true},
                    crypto_case{cm + samples::cm_key + " -X=1", true},
                    crypto_case{cm + samples::cm_key + "|2^20|1:4", false},
                    crypto_case{cm + samples::cm_key + "|1:4", false},
                    crypto_case{cm + samples::cm_key + ";inline:" + samples::cm_key, false},
                    crypto_case{cm + samples::cm_key + " UNENCRYPTED_SRTP", false},
                    crypto_case{cm + samples::cm_key + " UNAUTHENTICATED_SRTP", false},
                    crypto_case{cm + samples::cm_key + " KDR=1", false},
                    crypto_case{cm + samples::gcm_key, false}, crypto_case{gcm + samples::cm_key, false},
                    crypto_case{cm + "not*base64", false}, crypto_case{cm, false},
                    crypto_case{"1 AES_CM_128_HMAC_SHA1_80", false},
                    crypto_case{"x AES_CM_128_HMAC_SHA1_80 inline:" + samples::cm_key, false},
                    crypto_case{"1 AES_CM_128_HMAC_SHA1_32 inline:" + samples::cm_key, false},
                    crypto_case{"", false}));

TEST(CryptoLine, WritesWhatItReads) {
  auto line = parse_crypto("7 AEAD_AES_128_GCM inline:" + samples::gcm_key);

  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->tag, 7U);
  EXPECT_EQ(line->keys.key_and_salt[27], 27);
  EXPECT_EQ(to_string(*line), "7 AEAD_AES_128_GCM inline:" + samples::gcm_key);
}

TEST(SdpDirection, IsTheBitwiseAndOfBothWishes) {
  EXPECT_EQ(both(direction::sendrecv, direction::sendonly), direction::sendonly);
  EXPECT_EQ(both(direction::recvonly, direction::sendonly), direction::inactive);
  EXPECT_EQ(reversed(direction::sendonly), direction::recvonly);
  EXPECT_EQ(reversed(direction::sendrecv), direction::sendrecv);
  EXPECT_TRUE(sends(direction::sendonly) && !receives(direction::sendonly));
}

TEST(SdpAudio, TakesTheRtcpAddressFromItsAttribute) {
  auto read = [](const std::string& attributes) {
    return read_audio(*parse(samples::session("m=audio 4000 RTP/AVP 0\r\n" + attributes)), 0)->remote_rtcp;
  };

  EXPECT_EQ(read(""), *audio::make_endpoint("192.0.2.10", 4001));
  EXPECT_EQ(read("a=rtcp:5000\r\n"), *audio::make_endpoint("192.0.2.10", 5000));
  EXPECT_EQ(read("a=rtcp:5000 IN IP4 192.0.2.99\r\n"), *audio::make_endpoint("192.0.2.99", 5000));
  EXPECT_EQ(read("a=rtcp: 5000 in ip4 192.0.2.99 \r\n"), *audio::make_endpoint("192.0.2.99", 5000));
  EXPECT_EQ(read("a=rtcp:nonsense\r\n"), *audio::make_endpoint("192.0.2.10", 4001));
  EXPECT_EQ(read("a=rtcp:5000 IN IP4 rtcp.example.org\r\n"), *audio::make_endpoint("192.0.2.10", 5000));
  EXPECT_EQ(read("a=rtcp-mux\r\n"), *audio::make_endpoint("192.0.2.10", 4000));
}

TEST(SdpAudio, KeepsTheReceiversOpusWishes) {
  auto wish = [](const std::string& parameters) {
    auto text = samples::session("m=audio 4000 RTP/AVP 111\r\na=rtpmap:111 OPUS/48000/2\r\na=fmtp:111 " +
                                 parameters + "\r\n");
    auto line = read_audio(*parse(text), 0);
    return send_encoding(line->formats[0], audio::codec_kind::opus, 24000);
  };

  EXPECT_EQ(wish("x=1").bitrate, 24000);
  EXPECT_FALSE(wish("x=1").fec);
  EXPECT_FALSE(wish("x=1").dtx);
  EXPECT_EQ(wish("x=1").bandwidth_hz, 48000);
  EXPECT_EQ(wish("maxaveragebitrate=17000").bitrate, 16000);
  EXPECT_EQ(wish("maxaveragebitrate=510000").bitrate, 24000);
  EXPECT_EQ(wish("maxaveragebitrate=1").bitrate, 6000);
  EXPECT_EQ(wish("maxplaybackrate=16000").bandwidth_hz, 16000);
  EXPECT_EQ(wish("maxplaybackrate=44100").bandwidth_hz, 24000);
  EXPECT_TRUE(wish("stereo=0; useinbandfec=1; usedtx=1").fec);
  EXPECT_TRUE(wish("stereo=0; useinbandfec=1; usedtx=1").dtx);
  EXPECT_EQ(wish("maxaveragebitrate=junk;maxplaybackrate=-3").bitrate, 24000);
  EXPECT_TRUE(wish(" UseInbandFEC = 1 ;usedtx =1;").fec);
  EXPECT_TRUE(wish(" UseInbandFEC = 1 ;usedtx =1;").dtx);
}

} // namespace
} // namespace plenary::sdp
