#pragma once

#include "tests/leg/sdp_samples.hpp"

#include <string>
#include <vector>

/// What phones, carriers and gateways send beside or against the letter of RFC 8866, and the right answer to
/// each; written for these tests in the manner of the named devices.
namespace plenary::samples {

struct foreign_offer {
  std::string name;
  std::string text;
  std::string answer; ///< our m-lines, each ended by CRLF; empty: refused with `not_acceptable`
};

inline std::string audio_line(const std::string& rest) {
  return session("m=audio 4000 RTP/AVP " + rest);
}

inline std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

inline const std::string plain_answer = "m=audio 20000 RTP/AVP 0\r\n";

/// Form: line ends, order, blanks, what is missing or too much.
inline std::vector<foreign_offer> odd_forms() {
  const std::string good = audio_line("0\r\n");
  const std::string event = "a=rtpmap:101 telephone-event/8000\r\n";
  return {
      {"CR alone ends lines", replaced(good, "\r\n", "\r"), plain_answer},
      {"LF alone ends lines", replaced(good, "\r\n", "\n"), plain_answer},
      {"LF CR ends lines", replaced(good, "\r\n", "\n\r"), plain_answer},
      {"no end of the last line", good.substr(0, good.size() - 2), plain_answer},
      {"NUL after the last line", good + std::string(1, '\0'), plain_answer},
      {"NULs to a multiple of four", good + std::string(3, '\0'), plain_answer},
      {"a byte order mark", "\xEF\xBB\xBF" + good, plain_answer},
      {"empty lines before, within and after", "\r\n" + replaced(good, "s=-", "\r\n \r\ns=-") + "\r\n\r\n",
       plain_answer},
      {"blanks behind every line", replaced(good, "\r\n", " \t\r\n"), plain_answer},
      {"blanks before every value", replaced(good, "=", "= "), plain_answer},
      {"o= with blanks in the user", replaced(good, "o=- 17", "o=My Phone 17"), plain_answer},
      {"o= that says nothing", replaced(good, "o=- 17 1 IN IP4 192.0.2.10", "o=PHONE"), plain_answer},
      {"no o=", replaced(good, "o=- 17 1 IN IP4 192.0.2.10\r\n", ""), plain_answer},
      {"no s= and no t=", replaced(replaced(good, "s=-\r\n", ""), "t=0 0\r\n", ""), plain_answer},
      {"no v=", replaced(good, "v=0\r\n", ""), plain_answer},
      {"v= after o=", "o=- 17 1 IN IP4 192.0.2.10\r\n" + replaced(good, "o=- 17 1 IN IP4 192.0.2.10\r\n", ""),
       plain_answer},
      {"another version", replaced(good, "v=0", "v=1"), ""},
      {"c= in lower case", replaced(good, "c=IN IP4", "c=in ip4"), plain_answer},
      {"c= without its first words", replaced(good, "c=IN IP4", "c="), plain_answer},
      {"c= with ttl", replaced(good, "c=IN IP4 192.0.2.10", "c=IN IP4 192.0.2.10/127/3"), plain_answer},
      {"c= of the session unusable, of the line good",
       replaced(good, "c=IN IP4 192.0.2.10", "c=IN IP4") + "c=IN IP4 192.0.2.10\r\n", plain_answer},
      {"c= of another line unusable", good + "m=video 5000 RTP/AVP 99\r\nc=IN IP4 nowhere.example\r\n",
       plain_answer + "m=video 0 RTP/AVP 99\r\n"},
      {"an IPv4 address in IPv6 spelling", replaced(good, "c=IN IP4 ", "c=IN IP6 ::ffff:"), plain_answer},
      {"an IPv4 address beside IP6", replaced(good, "c=IN IP4", "c=IN IP6"), plain_answer},
      {"bandwidth, phone, e-mail, time zone, key and unknown lines",
       replaced(good, "t=0 0\r\n",
                "b=CT:1000\r\nb=AS:84\r\np=+1 555\r\ne=a@b\r\nz=0 0\r\nk=clear:x\r\ny=0\r\n"
                "t=0 0\r\nr=7d 1h 0\r\n"),
       plain_answer},
      {"an unreadable t=", replaced(good, "t=0 0", "t=now"), plain_answer},
      {"more than one o=, s= and t=",
       replaced(good, "t=0 0\r\n", "t=0 0\r\no=- 2 2 IN IP4 1.2.3.4\r\ns=x\r\nt=0 0\r\n"), plain_answer},
      {"m= kind and profile in another case", replaced(good, "m=audio 4000 RTP/AVP", "m=Audio 4000 rtp/avp"),
       plain_answer},
      {"m= with a count of ports", replaced(good, "4000", "4000/2"), plain_answer},
      {"m= with two blanks", replaced(good, "m=audio 4000 ", "m=audio  4000   "), plain_answer},
      {"attributes in another case", audio_line("0 101\r\na=RTPMAP:101 Telephone-Event/8000\r\n"),
       "m=audio 20000 RTP/AVP 0 101\r\n"},
      {"an attribute without name", audio_line("0\r\na=\r\na=:x\r\n"), plain_answer},
      {"control characters in a name", replaced(good, "s=-", "s=\x01\x7F"), plain_answer},
      {"Latin-1 in a name", replaced(good, "s=-", "s=T\xE9l\xE9phone"), plain_answer},
      {"a video line without formats", good + "m=video 0 RTP/AVP\r\n",
       plain_answer + "m=video 0 RTP/AVP 0\r\n"},
      {"a line that names nothing", good + "m=\r\n", plain_answer + "m=- 0 - 0\r\n"},
      {"a format that no answer may hold", good + "m=video 1 RTP/AVP \xFF\x01\r\n",
       plain_answer + "m=video 0 RTP/AVP -\r\n"},
      {"a word longer than any", good + "m=video 1 " + std::string(65, 'x') + " 0\r\n",
       plain_answer + "m=video 0 - 0\r\n"},
      {"maxptime below ours", audio_line("0\r\na=maxptime:10\r\n"), plain_answer},
      {"ptime that is no number", audio_line("0\r\na=ptime:fast\r\na=maxptime:\r\n"), plain_answer},
      {"text in place of SDP", "hello\r\n", ""},
  };
}

/// Formats: rtpmap, fmtp, static and dynamic types.
inline std::vector<foreign_offer> odd_formats() {
  return {
      {"rtpmap with a blank behind", audio_line("0\r\na=rtpmap:0 PCMU/8000 \r\n"), plain_answer},
      {"rtpmap in lower case", audio_line("0 8\r\na=rtpmap:0 pcmu/8000\r\na=rtpmap:8 pcma/8000\r\n"),
       "m=audio 20000 RTP/AVP 0 8\r\n"},
      {"rtpmap with odd spacing", audio_line("0\r\na=rtpmap: 0   PCMU / 8000 / 1\r\n"), plain_answer},
      {"rtpmap without clock", audio_line("0\r\na=rtpmap:0 PCMU\r\n"), plain_answer},
      {"an unreadable rtpmap of a static type", audio_line("0\r\na=rtpmap:0\r\n"), plain_answer},
      {"a static type under a dynamic number", audio_line("96\r\na=rtpmap:96 PCMU/8000\r\n"),
       "m=audio 20000 RTP/AVP 96\r\n"},
      {"no rtpmap of static types", audio_line("18 3 4 9 8 0\r\n"), "m=audio 20000 RTP/AVP 9 0 8\r\n"},
      {"rtpmaps of types that are not offered",
       audio_line("0\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:999 X/1\r\n"), plain_answer},
      {"G.722 with its sampling rate as clock", audio_line("9\r\na=rtpmap:9 G722/16000\r\n"),
       "m=audio 20000 RTP/AVP 9\r\n"},
      {"Opus without channels", audio_line("111\r\na=rtpmap:111 opus/48000\r\n"),
       "m=audio 20000 RTP/AVP 111\r\n"},
      {"Opus with one channel", audio_line("111\r\na=rtpmap:111 OPUS/48000/1\r\n"),
       "m=audio 20000 RTP/AVP 111\r\n"},
      {"events with a channel", audio_line("0 101\r\na=rtpmap:101 telephone-event/8000/1\r\n"),
       "m=audio 20000 RTP/AVP 0 101\r\n"},
      {"events alone", audio_line("101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"),
       "m=audio 20000 RTP/AVP 101\r\n"},
      {"events beside unknown codecs", audio_line("18 101\r\na=rtpmap:101 telephone-event/8000\r\n"),
       "m=audio 20000 RTP/AVP 101\r\n"},
      {"events alone in the first line, sound in the second",
       session("m=audio 4000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\nm=audio 4002 RTP/AVP 0\r\n"),
       "m=audio 0 RTP/AVP 101\r\nm=audio 20000 RTP/AVP 0\r\n"},
      {"the same number twice", audio_line("0 0 8 0\r\n"), "m=audio 20000 RTP/AVP 0 8\r\n"},
      {"two rtpmaps of one number", audio_line("96\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:96 PCMU/8000\r\n"),
       "m=audio 20000 RTP/AVP 96\r\n"},
      {"numbers that are none", audio_line("x 300 -1 128 0\r\n"), plain_answer},
      {"numbers used anew in each line",
       session("m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\nm=video 4002 RTP/AVP 96\r\n"
               "a=rtpmap:96 VP8/90000\r\n"),
       "m=audio 20000 RTP/AVP 96\r\nm=video 0 RTP/AVP 96\r\n"},
      {"nothing that we speak", audio_line("18 4\r\n"), ""},
  };
}

/// Whole offers in the manner of well-known devices.
inline std::vector<foreign_offer> odd_devices() {
  const std::string crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + cm_key + "\r\n";
  const std::string dtls = "a=fingerprint:sha-256 12:34:56\r\na=setup:actpass\r\n";
  return {
      {"Polycom",
       "v=0\r\no=- 1700000000 1700000000 IN IP4 192.0.2.10\r\ns=Polycom IP Phone\r\nc=IN IP4 "
       "192.0.2.10\r\nt=0 0\r\n"
       "a=sendrecv\r\nm=audio 2224 RTP/AVP 9 102 0 8 18 127\r\na=rtpmap:9 G722/8000\r\n"
       "a=rtpmap:102 G7221/16000\r\na=fmtp:102 bitrate=32000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 "
       "PCMA/8000\r\n"
       "a=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=rtpmap:127 telephone-event/8000\r\n",
       "m=audio 20000 RTP/AVP 9 0 8 127\r\n"},
      {"Cisco",
       "v=0\r\no=Cisco-SIPUA 26964 0 IN IP4 192.0.2.10\r\ns=SIP Call\r\nb=AS:4064\r\nt=0 0\r\n"
       "m=audio 16446 RTP/AVP 114 9 124 0 8 116 18 101\r\nc=IN IP4 192.0.2.10\r\nb=TIAS:64000\r\n"
       "a=rtpmap:114 opus/48000/2\r\na=fmtp:114 maxplaybackrate=16000;sprop-maxcapturerate=16000;"
       "maxaveragebitrate=64000;stereo=0;sprop-stereo=0;usedtx=0\r\na=rtpmap:9 G722/8000\r\n"
       "a=rtpmap:124 ISAC/16000\r\na=rtpmap:116 iLBC/8000\r\na=fmtp:116 mode=20\r\n"
       "a=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=yes\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 "
       "0-15\r\n"
       "a=trafficclass:conversational.audio.immersive.aq:admitted\r\na=sendrecv\r\n"
       "m=application 0 UDP/BFCP *\r\nc=IN IP4 192.0.2.10\r\n",
       "m=audio 20000 RTP/AVP 114 9 0 8 101\r\nm=application 0 UDP/BFCP *\r\n"},
      {"Yealink",
       "v=0\r\no=- 20006 20006 IN IP4 192.0.2.10\r\ns=SDP data\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
       "m=audio 11780 RTP/AVP 9 0 8 18 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\n"
       "a=rtpmap:8 PCMA/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=fmtp:101 0-15\r\n"
       "a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n",
       "m=audio 20000 RTP/AVP 9 0 8 101\r\n"},
      {"Grandstream",
       "v=0\r\no=1001 8000 8000 IN IP4 192.0.2.10\r\ns=SIP Call\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
       "m=audio 5004 RTP/AVP 0 8 4 18 2 97 9 101\r\na=sendrecv\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n"
       "a=rtpmap:8 PCMA/8000\r\na=rtpmap:4 G723/8000\r\na=rtpmap:2 G726-32/8000\r\na=rtpmap:97 iLBC/8000\r\n"
       "a=fmtp:97 mode=20\r\na=rtpmap:9 G722/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-11\r\n"
       "a=rtcp-xr:voip-metrics\r\nm=video 5006 RTP/AVP 99\r\nb=AS:2048\r\na=sendrecv\r\na=rtpmap:99 "
       "H264/90000\r\n"
       "a=fmtp:99 profile-level-id=428016; packetization-mode=0\r\n",
       "m=audio 20000 RTP/AVP 9 0 8 101\r\nm=video 0 RTP/AVP 99\r\n"},
      {"FreeSWITCH",
       "v=0\r\no=FreeSWITCH 1700000000 1700000001 IN IP4 192.0.2.10\r\ns=FreeSWITCH\r\nc=IN IP4 "
       "192.0.2.10\r\n"
       "t=0 0\r\nm=audio 25258 RTP/AVP 102 0 8 103 101 13\r\na=rtpmap:102 opus/48000/2\r\n"
       "a=fmtp:102 useinbandfec=1; maxaveragebitrate=30000; maxplaybackrate=48000; ptime=20; minptime=10; "
       "maxptime=40\r\n"
       "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:103 telephone-event/48000\r\na=fmtp:103 "
       "0-15\r\n"
       "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=rtpmap:13 CN/8000\r\na=rtcp:25259 IN IP4 "
       "192.0.2.10\r\n"
       "a=ptime:20\r\n",
       "m=audio 20000 RTP/AVP 102 0 8 13 103\r\n"},
      {"Asterisk",
       "v=0\no=root 1821 1821 IN IP4 192.0.2.10\ns=Asterisk PBX\nc=IN IP4 192.0.2.10\nt=0 0\n"
       "m=audio 18000 RTP/AVP 0 8 101\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\n"
       "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=ptime:20\na=maxptime:150\na=sendrecv\n",
       "m=audio 20000 RTP/AVP 0 8 101\r\n"},
      {"a carrier of programmable telephony",
       "v=0\r\no=root 1234 1234 IN IP4 192.0.2.10\r\ns=Media Gateway\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
       "m=audio 10028 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
       "a=fmtp:101 0-16\r\na=silenceSupp:off - - - -\r\na=ptime:20\r\na=sendrecv\r\na=mid:audio\r\n",
       "m=audio 20000 RTP/AVP 0 101\r\n"},
      {"a border controller of a meeting service",
       "v=0\r\no=- 0 0 IN IP4 192.0.2.10\r\ns=session\r\nc=IN IP4 192.0.2.10\r\nb=CT:1000\r\nt=0 0\r\n"
       "m=audio 50000 RTP/SAVP 104 9 103 111 18 0 8 97 101 13 118\r\na=rtcp:50001\r\na=ice-ufrag:abcd\r\n"
       "a=ice-pwd:abcdefghijklmnopqrstuv\r\na=candidate:1 1 UDP 2130706431 192.0.2.10 50000 typ host\r\n" +
           crypto +
           "a=rtpmap:104 SILK/16000\r\na=rtpmap:9 G722/8000\r\na=rtpmap:103 SILK/8000\r\na=rtpmap:111 "
           "SIREN/16000\r\n"
           "a=fmtp:111 bitrate=16000\r\na=rtpmap:18 G729/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 "
           "PCMA/8000\r\n"
           "a=rtpmap:97 RED/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=rtpmap:13 "
           "CN/8000\r\n"
           "a=rtpmap:118 CN/16000\r\na=ptime:20\r\n",
       "m=audio 20000 RTP/SAVP 9 0 8 13 101\r\n"},
      {"a browser behind a gateway that keeps BUNDLE and ICE",
       "v=0\r\no=- 46 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=msid-semantic: WMS x\r\n"
       "m=audio 49170 RTP/AVPF 111 63 9 0 8 13 110 126\r\nc=IN IP4 192.0.2.10\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
       "a=candidate:1 1 udp 2122260223 192.0.2.10 49170 typ host generation "
       "0\r\na=ice-ufrag:a\r\na=ice-pwd:b\r\n"
       "a=ice-options:trickle\r\na=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
       "a=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
       "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"
       "a=rtpmap:110 telephone-event/48000\r\na=rtpmap:126 telephone-event/8000\r\na=ssrc:1 cname:x\r\n"
       "m=video 0 RTP/AVPF 96 97\r\na=bundle-only\r\na=mid:1\r\na=rtpmap:96 VP8/90000\r\n",
       "m=audio 20000 RTP/AVPF 111 9 0 8 13 110\r\nm=video 0 RTP/AVPF 96 97\r\n"},
      {"a browser itself: DTLS",
       session("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n" + dtls), ""},
      {"DTLS beside plain audio",
       session("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" + dtls + "m=audio 4000 RTP/AVP 0\r\n"),
       "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\nm=audio 20000 RTP/AVP 0\r\n"},
      {"SAVPF with SDES", session("m=audio 4000 RTP/SAVPF 0\r\n" + crypto), "m=audio 20000 RTP/SAVPF 0\r\n"},
      {"SDES in another case", session("m=audio 4000 rtp/savp 0\r\n" + replaced(crypto, "AES_CM", "aes_cm")),
       "m=audio 20000 RTP/SAVP 0\r\n"},
      {"plain audio with fingerprint in the hope of DTLS", audio_line("0\r\n" + dtls), plain_answer},
      {"fax", session("m=audio 4000 RTP/AVP 0\r\nm=image 4002 udptl t38\r\na=T38FaxVersion:0\r\n"),
       "m=audio 20000 RTP/AVP 0\r\nm=image 0 udptl t38\r\n"},
      {"messages and a data channel",
       session("m=audio 4000 RTP/AVP 0\r\nm=message 7000 TCP/MSRP *\r\na=accept-types:text/plain\r\n"
               "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"),
       "m=audio 20000 RTP/AVP 0\r\nm=message 0 TCP/MSRP *\r\n"
       "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"},
      {"audio behind video", session("m=video 5000 RTP/AVP 99\r\nm=audio 4000 RTP/AVP 0\r\n"),
       "m=video 0 RTP/AVP 99\r\nm=audio 20000 RTP/AVP 0\r\n"},
      {"an audio line with port 0 beside a live one",
       session("m=audio 0 RTP/AVP 8\r\nm=audio 4000 RTP/AVP 0\r\n"),
       "m=audio 0 RTP/AVP 8\r\nm=audio 20000 RTP/AVP 0\r\n"},
      {"the other IP version beside ours",
       session("m=audio 4000 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\nm=audio 4002 RTP/AVP 0\r\n"),
       "m=audio 0 RTP/AVP 0\r\nm=audio 20000 RTP/AVP 0\r\n"},
  };
}

} // namespace plenary::samples
