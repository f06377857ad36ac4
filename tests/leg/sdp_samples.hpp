#pragma once

#include <string>
#include <string_view>

/// Offers in the manner of well-known phones and carriers, written for these tests.
namespace plenary::samples {

/// 16 + 14 bytes in base64 (AES_CM_128_HMAC_SHA1_80) and 16 + 12 bytes (AEAD_AES_128_GCM).
inline const std::string cm_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd";
inline const std::string gcm_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==";

inline std::string session(std::string_view medias, std::string_view address = "192.0.2.10") {
  std::string family = address.find(':') == std::string_view::npos ? "IP4" : "IP6";
  std::string at = "IN " + family + " " + std::string{address};
  return "v=0\r\no=- 17 1 " + at + "\r\ns=-\r\nc=" + at + "\r\nt=0 0\r\n" + std::string{medias};
}

inline const std::string baresip = session("m=audio 30000 RTP/AVP 96 9 0 8 97\r\n"
                                           "a=rtpmap:96 opus/48000/2\r\n"
                                           "a=fmtp:96 stereo=1;sprop-stereo=1\r\n"
                                           "a=rtpmap:9 G722/8000\r\n"
                                           "a=rtpmap:0 PCMU/8000\r\n"
                                           "a=rtpmap:8 PCMA/8000\r\n"
                                           "a=rtpmap:97 telephone-event/8000\r\n"
                                           "a=fmtp:97 0-15\r\n"
                                           "a=rtcp:30001\r\n"
                                           "a=sendrecv\r\n"
                                           "a=label:1\r\n"
                                           "a=ptime:20\r\n");

inline const std::string baresip_srtp = session("m=audio 30000 RTP/SAVP 0 101\r\n"
                                                "a=rtpmap:101 telephone-event/8000\r\n"
                                                "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:" +
                                                cm_key +
                                                "\r\n"
                                                "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" +
                                                cm_key + "\r\n");

/// Opus and telephone-event at two clocks, video, feedback profile, session-level direction.
inline const std::string linphone =
    session("a=rtcp-xr:rcvr-rtt=all:10000\r\n"
            "a=record:off\r\n"
            "m=audio 7078 RTP/AVPF 96 97 98 0 8 9 99 100 101\r\n"
            "a=rtpmap:96 opus/48000/2\r\n"
            "a=fmtp:96 useinbandfec=1\r\n"
            "a=rtpmap:97 speex/16000\r\n"
            "a=fmtp:97 vbr=on\r\n"
            "a=rtpmap:98 speex/8000\r\n"
            "a=rtpmap:101 telephone-event/48000\r\n"
            "a=rtpmap:99 telephone-event/16000\r\n"
            "a=rtpmap:100 telephone-event/8000\r\n"
            "a=rtcp-mux\r\n"
            "a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on\r\n"
            "a=rtcp-fb:* trr-int 1000\r\n"
            "m=video 9078 RTP/AVPF 102\r\n"
            "a=rtpmap:102 VP8/90000\r\n");

/// G.722 and G.711 in the order of the PBX, LF only, two encrypted lines with lifetime, one with MKI.
inline const std::string asterisk =
    "v=0\no=- 1745 1745 IN IP4 192.0.2.20\ns=Asterisk\nc=IN IP4 192.0.2.20\nt=0 0\n"
    "m=audio 14004 RTP/SAVP 8 0 9 101\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" +
    cm_key +
    "|2^20|1:4\n"
    "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" +
    cm_key +
    "|2^31\n"
    "a=crypto:3 AEAD_AES_128_GCM inline:" +
    gcm_key +
    "\n"
    "a=rtpmap:8 PCMA/8000\na=rtpmap:0 PCMU/8000\na=rtpmap:9 G722/8000\n"
    "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=ptime:20\na=maxptime:150\na=sendrecv\n";

/// A carrier's border: static types without rtpmap, address at the m-line, bandwidth, fax beside audio.
inline const std::string carrier = "v=0\r\n"
                                   "o=SBC 2890844526 2890842807 IN IP4 198.51.100.1\r\n"
                                   "s=SIP Call\r\n"
                                   "b=AS:84\r\n"
                                   "t=2873397496 2873404696\r\n"
                                   "m=audio 49170/1 RTP/AVP 18 8 0 101\r\n"
                                   "c=IN IP4 198.51.100.7/127\r\n"
                                   "b=TIAS:64000\r\n"
                                   "a=rtpmap:18 G729/8000\r\n"
                                   "a=fmtp:18 annexb=no\r\n"
                                   "a=rtpmap:101 telephone-event/8000\r\n"
                                   "a=silenceSupp:off - - - -\r\n"
                                   "m=image 49172 udptl t38\r\n"
                                   "c=IN IP4 198.51.100.7\r\n";

/// A desk phone that offers encrypted and plain audio as two m-lines.
inline const std::string two_lines = session("m=audio 5004 RTP/AVP 0\r\n"
                                             "m=audio 5006 RTP/SAVP 0\r\n"
                                             "a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:" +
                                             cm_key + "\r\n");

/// A phone that adds crypto lines to a plain m-line in the hope of encryption.
inline const std::string best_effort =
    session("m=audio 5004 RTP/AVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + cm_key + "\r\n");

} // namespace plenary::samples
