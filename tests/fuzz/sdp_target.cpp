// Offers and answers (RFC 8866, RFC 3264): reading, answering, being answered.
#include "actors/leg/sdp_negotiation.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <array>

namespace plenary::fuzz::sdp_target {

namespace {

using namespace std::string_view_literals;

constexpr std::array pieces{
    "v=0\r\n"sv,
    "o=- 17 1 IN IP4 192.0.2.10\r\n"sv,
    "o=My Phone 1 1 IN IP4 192.0.2.10\r\n"sv,
    "s=-\r\n"sv,
    "c=IN IP4 192.0.2.10\r\n"sv,
    "c=IN IP6 2001:db8::10\r\n"sv,
    "c=in ip4 192.0.2.10/127\r\n"sv,
    "c=IN IP4 0.0.0.0\r\n"sv,
    "c=IN IP4 host.example\r\n"sv,
    "t=0 0\r\n"sv,
    "m=audio 30000 RTP/AVP 96 9 0 8 97 13\r\n"sv,
    "m=audio 30000 RTP/SAVP 0 101\r\n"sv,
    "m=audio 7078 RTP/AVPF 96 0\r\n"sv,
    "m=audio 7078 UDP/TLS/RTP/SAVPF 111\r\n"sv,
    "m=audio 0 RTP/AVP 0\r\n"sv,
    "m=video 9078 RTP/AVP 102\r\n"sv,
    "m=video 0 RTP/AVP\r\n"sv,
    "m=image 9 udptl t38\r\n"sv,
    "a=rtpmap:96 opus/48000/2\r\n"sv,
    "a=rtpmap:96 opus/48000\r\n"sv,
    "a=rtpmap:9 G722/8000\r\n"sv,
    "a=rtpmap:0 PCMU/8000 \r\n"sv,
    "a=rtpmap:8 PCMA/8000/1\r\n"sv,
    "a=rtpmap:97 telephone-event/8000\r\n"sv,
    "a=rtpmap:101 telephone-event/48000\r\n"sv,
    "a=rtpmap:13 CN/8000\r\n"sv,
    "a=fmtp:96 stereo=1;sprop-stereo=1;maxaveragebitrate=16000;maxplaybackrate=8000\r\n"sv,
    "a=fmtp:96 usedtx=1;useinbandfec=1;cbr=1\r\n"sv,
    "a=fmtp:97 0-15\r\n"sv,
    "a=ptime:10\r\n"sv,
    "a=ptime:60\r\n"sv,
    "a=maxptime:10\r\n"sv,
    "a=maxptime:40\r\n"sv,
    "a=sendrecv\r\n"sv,
    "a=sendonly\r\n"sv,
    "a=recvonly\r\n"sv,
    "a=inactive\r\n"sv,
    "a=rtcp:30001\r\n"sv,
    "a=rtcp:30001 IN IP4 192.0.2.11\r\n"sv,
    "a=rtcp-mux\r\n"sv,
    "a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on\r\n"sv,
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\r\n"sv,
    "a=crypto:2 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==|2^20\r\n"sv,
    "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd|2^31|1:4 WSH=64\r\n"sv,
    "b=AS:64\r\n"sv,
    "\r\n"sv,
    "\n"sv,
    "\0"sv,
    "a=x\r\n"sv,
    " 0"sv,
    " 96 97 98"sv,
    ";x=y"sv,
    "65535"sv,
    "-1"sv};

/// Foreign text is never repeated at length: an answer holds our lines and the refusals of the offer's
/// m-lines.
constexpr std::size_t most_of_our_own = 2048;

sdp::capabilities capabilities_of(std::uint8_t choice) {
  sdp::capabilities ours;
  ours.local = *audio::make_endpoint((choice & 8) != 0 ? "2001:db8::1" : "192.0.2.1", 20000);
  if ((choice & 4) != 0)
    ours.signalling = *audio::make_endpoint((choice & 8) != 0 ? "2001:db8::9" : "192.0.2.9", 5060);
  ours.srtp = static_cast<srtp_policy>(choice % 3);
  if (ours.srtp != srtp_policy::off)
    for (auto suite : {audio::crypto_suite::aead_aes_128_gcm, audio::crypto_suite::aes_cm_128_hmac_sha1_80})
      ours.keys.push_back({suite, std::vector<std::uint8_t>(audio::key_and_salt_size(suite), 5)});
  ours.way = static_cast<sdp::direction>(choice / 16 % 4);
  return ours;
}

void check_agreement(const sdp::negotiated& agreed, const sdp::capabilities& ours) {
  // A hold by 0.0.0.0 or :: names nobody, whatever the family of the call.
  const auto& named = agreed.remote.address;
  const bool nobody = std::all_of(named.begin(), named.end(), [](auto octet) { return octet == 0; });
  FUZZ_CHECK(agreed.remote.port != 0 && (nobody || agreed.remote.family == ours.local.family));
  FUZZ_CHECK(agreed.send_payload_type < 128 && agreed.level_extension <= 14);
  FUZZ_CHECK(!agreed.receivable.empty() || agreed.telephone_event);
  FUZZ_CHECK(agreed.send_as.bitrate == 0 ||
             (agreed.send_as.bitrate >= 6000 && agreed.send_as.bitrate <= ours.opus_bitrate));
  FUZZ_CHECK(agreed.outbound.has_value() == agreed.inbound.has_value());
  FUZZ_CHECK(ours.srtp != srtp_policy::required || agreed.inbound);
  FUZZ_CHECK(ours.srtp != srtp_policy::off || !agreed.inbound);
  FUZZ_CHECK(sdp::both(agreed.way, ours.way) == agreed.way);
}

void answer(std::string_view offer, const sdp::capabilities& ours) {
  const sdp::session fresh{7, 0, {}}; // no description yet: the call's first offer
  const auto agreed = sdp::negotiate(offer, ours, fresh);
  if (!agreed)
    return check_error(agreed.error());
  check_agreement(*agreed, ours);
  const auto offered = sdp::parse(offer);
  const auto answered = sdp::parse(agreed->next.local, sdp::own_limits);
  // RFC 3264 section 6: one m-line for each, in order, of the same kind.
  FUZZ_CHECK(offered && answered && answered->medias.size() == offered->medias.size());
  for (std::size_t i = 0; i < offered->medias.size(); ++i)
    FUZZ_CHECK(answered->medias[i].kind == offered->medias[i].kind);
  FUZZ_CHECK(agreed->next.local.size() <= offer.size() + most_of_our_own);
  // The same offer again changes nothing (RFC 3264 section 8).
  const auto again = sdp::negotiate(offer, ours, agreed->next);
  FUZZ_CHECK(again && again->next.local == agreed->next.local && again->next.version == agreed->next.version);
}

void be_answered(std::string_view text, const sdp::capabilities& ours) {
  const auto offered = sdp::make_offer(ours, {7, 0, {}});
  if (!offered)
    return check_error(offered.error());
  FUZZ_CHECK(sdp::parse(offered->local, sdp::own_limits).has_value());
  const auto agreed = sdp::accept_answer(text, ours, *offered);
  if (!agreed)
    return check_error(agreed.error());
  check_agreement(*agreed, ours);
}

void check_limits(std::string_view text, const sdp::description& read) {
  constexpr auto limits = sdp::foreign_limits;
  FUZZ_CHECK(text.size() <= limits.bytes && read.medias.size() <= limits.medias);
  FUZZ_CHECK(read.attributes.size() <= limits.attributes);
  std::size_t formats = 0;
  for (const auto& each : read.medias) {
    FUZZ_CHECK(each.attributes.size() <= limits.attributes);
    formats += each.formats.size();
  }
  FUZZ_CHECK(formats <= limits.formats);
}

void run_sdp(bytes input) {
  byte_source from{input};
  const auto ours = capabilities_of(from.byte());
  const auto text = text_of(from.rest());
  const auto read = sdp::parse(text);
  if (read) {
    check_limits(text, *read);
    const auto written = sdp::write(*read);
    const auto again = sdp::parse(written);
    FUZZ_CHECK(!again || sdp::write(*again) == written);
  } else {
    check_error(read.error());
  }
  answer(text, ours);
  be_answered(text, ours);
}

// The text is read about ten times.
FUZZ_TARGET(.name = "sdp", .run = run_sdp, .pieces = pieces, .limit = {.allocated_per_byte = 512});

} // namespace

} // namespace plenary::fuzz::sdp_target
