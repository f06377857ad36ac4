#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plenary::load {

/// The parts of a SIP message (RFC 3261 section 7) that a caller needs.
struct sip_message {
  int status = 0;     ///< 0: a request
  std::string method; ///< of a request
  std::string call_id;
  std::string cseq_method;
  std::uint32_t cseq = 0;
  std::string to; ///< the whole header value, with the tag
  std::string from;
  std::string contact_uri;
  std::string vias; ///< all Via lines, as received, for an answer
  std::string body;
};

/// Reads a message; empty when it is none.
std::optional<sip_message> parse_sip(std::string_view text);

/// `sip:user@host:port` text of an address.
std::string host_port(const sockaddr_in& address);

/// An IPv4 address, host byte order, and port.
sockaddr_in make_address(std::uint32_t host, std::uint16_t port);

/// The audio line of an SDP body (RFC 8866): where to send, with which key; empty when the audio was refused.
struct sdp_audio {
  sockaddr_in address{};
  int payload_type = 0;
  std::string inline_key; ///< of the first a=crypto line (RFC 4568), base64; empty: plain RTP
};
std::optional<sdp_audio> parse_sdp(std::string_view body);

/// An offer or answer of Opus 48000/2, 20 ms (RFC 7587 section 7); `inline_key` non-empty: SDES with
/// AES_CM_128_HMAC_SHA1_80.
std::string write_sdp(const sockaddr_in& media, const std::string& inline_key);

} // namespace plenary::load
