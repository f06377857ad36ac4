#pragma once

#include "tests/support/loopback_socket.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plenary::test {

/// A SIP request or response, as far as a test caller needs it.
struct sip_message {
  std::string start_line;
  std::vector<std::pair<std::string, std::string>> headers; ///< long names in lower case, in order
  std::string body;

  bool is_response() const { return start_line.starts_with("SIP/2.0"); }
  /// The method of a request, or of the request that a response answers (from CSeq).
  std::string method() const;
  /// The status of a response; 0 for a request.
  int status() const;
  /// The number in CSeq.
  int sequence() const;
  /// The first header of this lower-case name, or an empty text.
  std::string header(std::string_view name) const;
};

/// Parses one datagram; nothing when it is no SIP message.
std::optional<sip_message> parse_sip(std::string_view datagram);

/// A response to this request that repeats Via, From, To, Call-ID and CSeq.
std::string make_response(const sip_message& request, int status, const std::string& contact,
                          const std::string& sdp = {});

/// `tag=` of a From or To header.
std::string tag_of(const std::string& header);

/// The URI inside `<...>` of a Contact header.
std::string uri_of(const std::string& header);

/// What a test caller reads from SDP.
struct audio_description {
  ip_endpoint media;
  int payload_type = -1;    ///< the first format of the audio line
  int telephone_event = -1; ///< -1: not offered
  std::string direction = "sendrecv";
};

/// The SDP's audio line; nothing when it has none or its port is 0.
std::optional<audio_description> parse_audio(const std::string& sdp);

/// SDP with PCMU (0) and telephone-event (101).
std::string make_pcmu_sdp(const ip_endpoint& media, int version, const std::string& direction);

} // namespace plenary::test
