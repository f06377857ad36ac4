#pragma once

#include "actors/audio/endpoint.hpp"
#include "actors/leg/sdp.hpp"
#include "actors/leg/sdp_crypto.hpp"
#include "actors/leg/sdp_formats.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::sdp {

/// Name of the RFC 6464 header extension.
inline constexpr std::string_view level_uri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

/// Who sends, seen from the author of the description (RFC 8866 section 6.7).
enum class direction : std::uint8_t { inactive = 0, sendonly = 1, recvonly = 2, sendrecv = 3 };

/// The attribute's name.
std::string_view to_string(direction way);

/// The same stream seen from the other side.
direction reversed(direction way);

/// What both allow: sends only when both send, receives only when both receive.
direction both(direction a, direction b);

bool sends(direction way);
bool receives(direction way);

/// What an audio m-line says, read and checked.
struct audio_media {
  std::size_t index = 0;       ///< among the description's m-lines
  std::string profile;         ///< `RTP/AVP`, `RTP/AVPF`, `RTP/SAVP` or `RTP/SAVPF`
  audio::endpoint remote;      ///< family 0: the description names no IP address, only the port is known
  audio::endpoint remote_rtcp; ///< equal to `remote` with rtcp-mux; port 0: none
  bool null_address = false;   ///< 0.0.0.0 or ::, the hold of RFC 2543
  bool rtcp_mux = false;
  direction way = direction::sendrecv;
  std::vector<payload_format> formats; ///< in the order of the m-line; unreadable ones left out
  std::vector<crypto_line> crypto;     ///< usable lines only, in order
  std::optional<int> ptime;            ///< ms of sound in a packet that the author wants
  std::optional<int> max_ptime;        ///< ms at most
  std::uint8_t level_extension = 0;    ///< RFC 6464 id that the author sends with, 1 to 14; 0: none

  bool is_secure() const { return profile.starts_with("RTP/SAVP"); }
};

/// The sound that we put into one packet to the author of the line: 10, 20, 40 or 60 ms, the most that is not
/// above its wish and its limit, 20 ms where it has none.
std::chrono::milliseconds packet_time(const audio_media& line, const payload_format& format);

/// Reads m-line `index`. Fails with `not_acceptable`: no audio, refused (port 0), a profile other than the
/// four, or a multicast address.
result<audio_media> read_audio(const description& from, std::size_t index);

} // namespace plenary::sdp
