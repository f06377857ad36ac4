#pragma once

#include "schema/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace plenary::audio {

/// A parsed RTP packet (RFC 3550 section 5.1); `payload` points into the parsed bytes, padding removed.
struct rtp_packet {
  std::uint8_t payload_type = 0; ///< 0 to 127
  bool marker = false;
  std::uint16_t sequence_number = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::optional<std::uint8_t> level; ///< RFC 6464, -dBov, when the extension was asked for and is there
  std::span<const std::uint8_t> payload;
};

/// Parses a packet. `level_extension` is the negotiated RFC 6464 id (RFC 8285 one-byte form), 0: none.
/// Fails with `malformed`: too short, version not 2, lengths that leave the packet.
result<rtp_packet> parse_rtp(std::span<const std::uint8_t> bytes, std::uint8_t level_extension = 0);

/// True when a packet on an RTP/RTCP shared port is RTCP (RFC 5761 section 4: types 192 to 223).
bool is_rtcp(std::span<const std::uint8_t> bytes);

/// A 12-byte header without CSRCs or extensions.
std::array<std::uint8_t, 12> write_rtp_header(const rtp_packet& packet);

} // namespace plenary::audio
