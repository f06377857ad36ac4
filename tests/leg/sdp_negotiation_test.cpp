#include "actors/leg/sdp_negotiation.hpp"
#include "tests/leg/sdp_samples.hpp"

#include <gmock/gmock.h>

#include <random>

namespace plenary::sdp {
namespace {

using audio::codec_kind;
using audio::crypto_suite;
using testing::HasSubstr;
using testing::Not;

capabilities ours(srtp_policy policy = srtp_policy::optional) {
  capabilities can;
  can.local = *audio::make_endpoint("203.0.113.5", 20000);
  can.srtp = policy;
  can.keys = {{crypto_suite::aead_aes_128_gcm, std::vector<std::uint8_t>(28, 0xA1)},
              {crypto_suite::aes_cm_128_hmac_sha1_80, std::vector<std::uint8_t>(30, 0xB2)}};
  return can;
}

session fresh() {
  return {4711, 0, ""};
}

std::vector<codec_kind> codecs(const negotiated& agreed) {
  std::vector<codec_kind> list;
  for (const auto& each : agreed.receivable)
    list.push_back(each.codec);
  return list;
}

TEST(Negotiate, AnswersBaresipWithOpusFirst) {
  auto agreed = negotiate(samples::baresip, ours(), fresh());

  ASSERT_TRUE(agreed.has_value()) << agreed.error().message;
  EXPECT_EQ(agreed->send_as.codec, codec_kind::opus);
  EXPECT_EQ(agreed->send_payload_type, 96);
  EXPECT_EQ(codecs(*agreed),
            (std::vector{codec_kind::opus, codec_kind::g722, codec_kind::pcmu, codec_kind::pcma}));
  EXPECT_EQ(agreed->telephone_event, (telephone_event_format{97, 8000}));
  EXPECT_EQ(agreed->remote, *audio::make_endpoint("192.0.2.10", 30000));
  EXPECT_EQ(agreed->remote_rtcp.port, 30001);
  EXPECT_FALSE(agreed->held);
  EXPECT_FALSE(agreed->outbound || agreed->inbound);
  EXPECT_EQ(agreed->next.local, "v=0\r\n"
                                "o=- 4711 1 IN IP4 203.0.113.5\r\n"
                                "s=-\r\n"
                                "c=IN IP4 203.0.113.5\r\n"
                                "t=0 0\r\n"
                                "m=audio 20000 RTP/AVP 96 9 0 8 97\r\n"
                                "a=rtpmap:96 opus/48000/2\r\n"
                                "a=fmtp:96 useinbandfec=1;usedtx=1\r\n"
                                "a=rtpmap:9 G722/8000\r\n"
                                "a=rtpmap:0 PCMU/8000\r\n"
                                "a=rtpmap:8 PCMA/8000\r\n"
                                "a=rtpmap:97 telephone-event/8000\r\n"
                                "a=fmtp:97 0-15\r\n"
                                "a=ptime:20\r\n"
                                "a=rtcp:20000\r\n"
                                "a=sendrecv\r\n");
}

TEST(Negotiate, TakesTheEventClockOfTheCodecAndRefusesVideo) {
  auto agreed = negotiate(samples::linphone, ours(), fresh());

  ASSERT_TRUE(agreed.has_value());
  EXPECT_EQ(agreed->telephone_event, (telephone_event_format{101, 48000}));
  EXPECT_EQ(agreed->level_extension, 3);
  EXPECT_TRUE(agreed->rtcp_mux);
  EXPECT_TRUE(agreed->send_as.fec);
  EXPECT_EQ(agreed->remote_rtcp, agreed->remote);
  EXPECT_THAT(agreed->next.local, HasSubstr("m=audio 20000 RTP/AVPF 96 9 0 8 101\r\n"));
  EXPECT_THAT(agreed->next.local,
              HasSubstr("a=extmap:3/recvonly urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"));
  EXPECT_THAT(agreed->next.local, HasSubstr("a=rtcp-mux\r\n"));
  EXPECT_THAT(agreed->next.local, HasSubstr("m=video 0 RTP/AVPF 102\r\n"));
}

TEST(Negotiate, PrefersGcmAndItsTag) {
  auto agreed = negotiate(samples::asterisk, ours(srtp_policy::required), fresh());

  ASSERT_TRUE(agreed.has_value());
  EXPECT_EQ(agreed->send_as.codec, codec_kind::g722);
  EXPECT_EQ(agreed->outbound, ours().keys[0]);
  EXPECT_EQ(agreed->inbound->suite, crypto_suite::aead_aes_128_gcm);
  EXPECT_EQ(agreed->inbound->key_and_salt[5], 5);
  EXPECT_THAT(agreed->next.local, HasSubstr("m=audio 20000 RTP/SAVP 9 0 8 101\r\n"));
  EXPECT_THAT(agreed->next.local, HasSubstr("a=crypto:3 AEAD_AES_128_GCM inline:oaGh"));
  EXPECT_THAT(agreed->next.local, Not(HasSubstr("a=crypto:2")));
}

TEST(Negotiate, SkipsTheCryptoLineWithMki) {
  auto only_cm = ours();
  only_cm.keys.erase(only_cm.keys.begin());

  auto agreed = negotiate(samples::asterisk, only_cm, fresh());

  ASSERT_TRUE(agreed.has_value());
  EXPECT_THAT(agreed->next.local, HasSubstr("a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:"));
}

TEST(Negotiate, KnowsStaticTypesAndTheAddressOfTheLine) {
  auto agreed = negotiate(samples::carrier, ours(), fresh());

  ASSERT_TRUE(agreed.has_value());
  EXPECT_EQ(agreed->send_as.codec, codec_kind::pcmu);
  EXPECT_EQ(agreed->remote, *audio::make_endpoint("198.51.100.7", 49170));
  EXPECT_THAT(agreed->next.local, HasSubstr("t=2873397496 2873404696\r\n"));
  EXPECT_THAT(agreed->next.local, HasSubstr("m=audio 20000 RTP/AVP 0 8 101\r\n"));
  EXPECT_THAT(agreed->next.local, HasSubstr("m=image 0 udptl t38\r\n"));
}

struct policy_case {
  const std::string* offer;
  srtp_policy policy;
  std::string expected; ///< the answered line, or nothing: refused
};

class Policy : public testing::TestWithParam<policy_case> {};

TEST_P(Policy, DecidesBetweenPlainAndEncrypted) {
  const auto& [offer, policy, expected] = GetParam();

  auto agreed = negotiate(*offer, ours(policy), fresh());

  ASSERT_EQ(agreed.has_value(), !expected.empty());
  if (!agreed) {
    EXPECT_EQ(agreed.error().code, errc::not_acceptable);
    return;
  }
  EXPECT_THAT(agreed->next.local, HasSubstr(expected));
  EXPECT_EQ(agreed->outbound.has_value(), expected.find("SAVP") != std::string::npos);
  EXPECT_EQ(agreed->inbound.has_value(), agreed->outbound.has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Srtp, Policy,
    testing::Values(policy_case{&samples::baresip, srtp_policy::off, "m=audio 20000 RTP/AVP"},
                    policy_case{&samples::baresip, srtp_policy::optional, "m=audio 20000 RTP/AVP"},
                    policy_case{&samples::baresip, srtp_policy::required, ""},
                    policy_case{&samples::baresip_srtp, srtp_policy::off, ""},
                    policy_case{&samples::baresip_srtp, srtp_policy::optional, "m=audio 20000 RTP/SAVP"},
                    policy_case{&samples::baresip_srtp, srtp_policy::required, "m=audio 20000 RTP/SAVP"},
                    policy_case{&samples::best_effort, srtp_policy::off, "m=audio 20000 RTP/AVP"},
                    policy_case{&samples::best_effort, srtp_policy::optional, "m=audio 20000 RTP/AVP"},
                    policy_case{&samples::best_effort, srtp_policy::required, ""},
                    policy_case{&samples::two_lines, srtp_policy::off, "m=audio 20000 RTP/AVP 0\r\n"},
                    policy_case{&samples::two_lines, srtp_policy::optional,
                                "m=audio 0 RTP/AVP 0\r\nm=audio 20000 RTP/SAVP 0\r\n"},
                    policy_case{&samples::two_lines, srtp_policy::required,
                                "m=audio 0 RTP/AVP 0\r\nm=audio 20000 RTP/SAVP 0\r\n"}));

TEST(Negotiate, RefusesWhatCannotBeSpoken) {
  for (const std::string& medias :
       {std::string{}, std::string{"m=audio 4000 RTP/AVP 18\r\n"}, std::string{"m=audio 0 RTP/AVP 0\r\n"},
        std::string{"m=audio 70000 RTP/AVP 0\r\n"}, std::string{"m=audio 4000 RTP/AVP\r\n"},
        std::string{"m=video 4000 RTP/AVP 0\r\n"}, std::string{"m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n"},
        std::string{"m=audio 4000 RTP/SAVP 0\r\n"}, std::string{"m=audio 4000 RTP/AVP 101\r\n"},
        std::string{"m=audio 4000 RTP/AVP 0\r\nc=IN IP4 phone.example.org\r\n"},
        std::string{"m=audio 4000 RTP/AVP 0\r\nc=IN IP4 239.1.2.3/127\r\n"},
        std::string{"m=audio 4000 RTP/AVP 0\r\nc=IN IP6 FF02::1\r\n"},
        std::string{"m=audio 4000 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\n"},
        std::string{"m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/16000/2\r\n"},
        std::string{"m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 PCMU/8000/2\r\n"}}) {
    auto agreed = negotiate(samples::session(medias), ours(), fresh());

    ASSERT_FALSE(agreed.has_value()) << medias;
    EXPECT_EQ(agreed.error().code, errc::not_acceptable) << medias;
  }
}

TEST(Negotiate, SpeaksIpv6) {
  auto can = ours();
  can.local = *audio::make_endpoint("2001:db8::5", 20000);

  auto agreed = negotiate(samples::session("m=audio 4000 RTP/AVP 8\r\n", "2001:db8::10"), can, fresh());

  ASSERT_TRUE(agreed.has_value());
  EXPECT_THAT(agreed->next.local, HasSubstr("c=IN IP6 2001:db8::5\r\n"));
}

TEST(Negotiate, KeepsTheIpVersionOfTheCallButTakesAHoldOfEither) {
  auto can = ours();
  can.local = *audio::make_endpoint("2001:db8::5", 20000);

  auto other = negotiate(samples::session("m=audio 4000 RTP/AVP 8\r\n", "192.0.2.1"), can, fresh());
  auto held = negotiate(samples::session("m=audio 4000 RTP/AVP 8\r\n", "0.0.0.0"), can, fresh());

  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, errc::not_acceptable);
  EXPECT_EQ(other.error().message, "SDP names an IPv4 address, and the call's media is IPv6");
  ASSERT_TRUE(held) << held.error().message;
  EXPECT_TRUE(held->held);
  EXPECT_THAT(held->next.local, HasSubstr("IN IP6 2001:db8::5\r\ns="));
  EXPECT_THAT(held->next.local, HasSubstr("c=IN IP6 2001:db8::5\r\n"));
}

struct hold_case {
  std::string offered;
  direction expected;
  bool held;
};

class Hold : public testing::TestWithParam<hold_case> {};

TEST_P(Hold, IsAnsweredByTheOtherSideOfTheOffer) {
  auto agreed =
      negotiate(samples::session("m=audio 4000 RTP/AVP 0\r\n" + GetParam().offered), ours(), fresh());

  ASSERT_TRUE(agreed.has_value());
  EXPECT_EQ(agreed->way, GetParam().expected);
  EXPECT_EQ(agreed->held, GetParam().held);
  EXPECT_THAT(agreed->next.local, HasSubstr("a=" + std::string{to_string(GetParam().expected)} + "\r\n"));
}

INSTANTIATE_TEST_SUITE_P(Rfc3264, Hold,
                         testing::Values(hold_case{"a=sendonly\r\n", direction::recvonly, true},
                                         hold_case{"a=inactive\r\n", direction::inactive, true},
                                         hold_case{"a=recvonly\r\n", direction::sendonly, false},
                                         hold_case{"a=sendrecv\r\n", direction::sendrecv, false},
                                         hold_case{"", direction::sendrecv, false},
                                         hold_case{"c=IN IP4 0.0.0.0\r\n", direction::recvonly, true},
                                         hold_case{"c=IN IP4 0.0.0.0\r\na=inactive\r\n", direction::inactive,
                                                   true}));

TEST(Session, CountsOnlyChangedDescriptions) {
  auto first = negotiate(samples::baresip, ours(), fresh());
  auto again = negotiate(samples::baresip, ours(), first->next);
  auto hold = negotiate(samples::session("m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n"), ours(), again->next);

  EXPECT_EQ(first->next.version, 1U);
  EXPECT_EQ(again->next.version, 1U);
  EXPECT_EQ(again->next.local, first->next.local);
  EXPECT_EQ(hold->next.version, 2U);
  EXPECT_THAT(hold->next.local, HasSubstr("o=- 4711 2 IN IP4 203.0.113.5\r\n"));
}

TEST(Offer, IsAnsweredByOurOwnOtherSide) {
  auto far = ours(srtp_policy::required);
  far.local = *audio::make_endpoint("203.0.113.6", 30000);
  far.keys = {{crypto_suite::aes_cm_128_hmac_sha1_80, std::vector<std::uint8_t>(30, 0xC3)}};

  auto offered = make_offer(ours(srtp_policy::required), fresh());
  auto answered = negotiate(offered->local, far, {1, 0, ""});
  auto agreed = accept_answer(answered->next.local, ours(srtp_policy::required), *offered);

  ASSERT_TRUE(agreed.has_value()) << agreed.error().message;
  EXPECT_EQ(agreed->send_as.codec, codec_kind::opus);
  EXPECT_TRUE(agreed->send_as.dtx);
  EXPECT_EQ(agreed->outbound, ours().keys[1]);
  EXPECT_EQ(agreed->outbound, answered->inbound);
  EXPECT_EQ(agreed->inbound, answered->outbound);
  EXPECT_EQ(agreed->remote, far.local);
  EXPECT_EQ(agreed->remote_rtcp, far.local);
  EXPECT_EQ(agreed->receivable.size(), 4U);
  EXPECT_EQ(agreed->telephone_event, (telephone_event_format{101, 8000}));
}

TEST(Offer, IsPlainUnlessEncryptionIsRequired) {
  EXPECT_THAT(make_offer(ours(), fresh())->local, HasSubstr("m=audio 20000 RTP/AVP 96 9 0 8 101\r\n"));
  EXPECT_THAT(make_offer(ours(srtp_policy::off), fresh())->local, HasSubstr("RTP/AVP "));
  EXPECT_THAT(make_offer(ours(srtp_policy::required), fresh())->local, HasSubstr("RTP/SAVP "));

  auto keyless = ours(srtp_policy::required);
  keyless.keys.clear();
  EXPECT_EQ(make_offer(keyless, fresh()).error().code, errc::not_acceptable);
}

TEST(Offer, KeepsTheLinesAndNumbersOfTheSession) {
  auto agreed = negotiate(samples::linphone, ours(), fresh());
  auto moved = ours();
  moved.local = *audio::make_endpoint("203.0.113.77", 22222);
  moved.way = direction::sendonly;

  auto offered = make_offer(moved, agreed->next);

  ASSERT_TRUE(offered.has_value());
  EXPECT_EQ(offered->version, 2U);
  EXPECT_THAT(offered->local, HasSubstr("m=audio 22222 RTP/AVPF 96 9 0 8 101\r\n"));
  EXPECT_THAT(offered->local, HasSubstr("a=rtpmap:101 telephone-event/48000\r\n"));
  EXPECT_THAT(offered->local, HasSubstr("a=extmap:3/recvonly "));
  EXPECT_THAT(offered->local, HasSubstr("m=video 0 RTP/AVPF 102\r\n"));
  EXPECT_THAT(offered->local, HasSubstr("a=sendonly\r\n"));
}

TEST(Offer, NeverFallsBackToPlainWhenEncryptionBecameRequired) {
  auto plain = negotiate(samples::baresip, ours(), fresh());

  auto offered = make_offer(ours(srtp_policy::required), plain->next);

  EXPECT_THAT(offered->local, HasSubstr("RTP/SAVP "));
}

TEST(Answer, IsRefusedWhenItDoesNotFitTheOffer) {
  auto offered = *make_offer(ours(srtp_policy::required), fresh());
  const std::string crypto = "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" + samples::cm_key + "\r\n";
  auto code = [&](const std::string& medias) {
    auto agreed = accept_answer(samples::session(medias), ours(srtp_policy::required), offered);
    return agreed ? std::string{"accepted"} : std::string{to_string(agreed.error().code)};
  };

  EXPECT_EQ(code("m=audio 4000 RTP/SAVP 0\r\n" + crypto), "accepted");
  EXPECT_EQ(code("m=audio 4000 RTP/AVP 0\r\n"), "not_acceptable");
  EXPECT_EQ(code("m=audio 4000 RTP/SAVP 0\r\n"), "not_acceptable");
  EXPECT_EQ(code("m=audio 0 RTP/SAVP 0\r\n" + crypto), "not_acceptable");
  EXPECT_EQ(code("m=audio 4000 RTP/SAVP 18\r\n" + crypto), "not_acceptable");
  EXPECT_EQ(code("m=audio 4000 RTP/SAVP 0\r\na=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:" + samples::cm_key +
                 "\r\n"),
            "not_acceptable");
  EXPECT_EQ(code("m=audio 4000 RTP/SAVP 0\r\n" + crypto + "m=video 1 RTP/AVP 99\r\n"), "accepted");
  EXPECT_EQ(code("m=audio 4000 RTP/SAVPF 0\r\n" + crypto), "accepted");
  EXPECT_EQ(code(""), "malformed");
  EXPECT_EQ(accept_answer(samples::baresip, ours(), fresh()).error().code, errc::malformed);
}

TEST(Answer, SendsInTheNumbersOfTheAnswerAndReceivesInOurs) {
  auto offered = *make_offer(ours(), fresh());

  auto agreed = accept_answer(samples::session("m=audio 4000 RTP/AVP 8 120\r\na=rtpmap:120 opus/48000/2\r\n"),
                              ours(), offered);

  ASSERT_TRUE(agreed.has_value());
  EXPECT_EQ(agreed->send_as.codec, codec_kind::pcma);
  EXPECT_EQ(agreed->send_payload_type, 8);
  EXPECT_EQ(codecs(*agreed), (std::vector{codec_kind::pcma, codec_kind::opus}));
  EXPECT_EQ(agreed->receivable[1].payload_type, 96);
  EXPECT_EQ(agreed->telephone_event, std::nullopt);
}

std::string mutate(std::string text, std::mt19937& random) {
  const std::string pieces[] = {"\r\n", "a=", "m=audio 1 RTP/SAVP 0", "::", "IN IP6 ::1", "|",
                                ";",    "-1", "99999999999"};
  for (unsigned edits = random() % 4 + 1; edits > 0 && !text.empty(); --edits) {
    const std::size_t at = random() % text.size();
    switch (random() % 4) {
    case 0:
      text[at] = static_cast<char>(random());
      break;
    case 1:
      text.erase(at, random() % 20);
      break;
    case 2:
      text.insert(at, pieces[random() % std::size(pieces)]);
      break;
    default:
      text += text.substr(at, random() % 200);
    }
  }
  return text;
}

TEST(Negotiate, SurvivesMutatedOffersAndKeepsItsPromises) {
  const std::string* offers[] = {&samples::baresip,    &samples::baresip_srtp, &samples::linphone,
                                 &samples::asterisk,   &samples::carrier,      &samples::two_lines,
                                 &samples::best_effort};
  int accepted = 0;
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    std::mt19937 random{seed};
    const auto text = mutate(*offers[random() % std::size(offers)], random);
    const auto policy = static_cast<srtp_policy>(random() % 3);

    auto agreed = negotiate(text, ours(policy), fresh());

    if (!agreed)
      continue;
    ++accepted;
    ASSERT_EQ(agreed->outbound.has_value(), agreed->inbound.has_value()) << "seed " << seed;
    ASSERT_FALSE(policy == srtp_policy::required && !agreed->inbound) << "seed " << seed;
    ASSERT_FALSE(policy == srtp_policy::off && agreed->inbound) << "seed " << seed;
    ASSERT_FALSE(agreed->receivable.empty() && !agreed->telephone_event) << "seed " << seed;
    auto answer = parse(agreed->next.local, own_limits);
    ASSERT_TRUE(answer.has_value()) << "seed " << seed;
    ASSERT_EQ(answer->medias.size(), parse(text)->medias.size()) << "seed " << seed;
  }
  EXPECT_GT(accepted, 5'000);
}

} // namespace
} // namespace plenary::sdp
