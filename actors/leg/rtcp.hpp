#pragma once

#include "actors/audio/receiver_statistics.hpp"
#include "schema/ids.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace plenary::rtcp {

/// 64-bit NTP time: seconds since 1900 in the upper half, their fraction below (RFC 3550 section 4).
using ntp_time = std::uint64_t;

ntp_time to_ntp(wall_time time);

/// The middle 32 bits, as LSR carries them.
std::uint32_t middle(ntp_time time);

/// What a sender tells of itself (RFC 3550 section 6.4.1).
struct sender_info {
  ntp_time sent_at = 0;
  std::uint32_t rtp_timestamp = 0;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;

  friend bool operator==(const sender_info&, const sender_info&) = default;
};

/// An SR (with sender info) or RR (without) of one source.
struct report {
  std::uint32_t ssrc = 0;
  std::optional<sender_info> sender;
  std::vector<audio::reception_report> receptions; ///< at most 31

  friend bool operator==(const report&, const report&) = default;
};

/// A compound packet, read.
struct compound {
  std::vector<report> reports;
  std::vector<std::uint32_t> left; ///< SSRCs that said BYE

  friend bool operator==(const compound&, const compound&) = default;
};

/// SR or RR, then SDES with this CNAME (1 to 255 bytes), then BYE of our SSRC when `leaving` (section 6.1).
std::vector<std::uint8_t> build(const report& what, std::string_view cname, bool leaving = false);

/// Reads a whole compound packet; unknown types and SDES are stepped over. Fails with `malformed`: version,
/// lengths that leave the packet, first packet neither SR nor RR, padding other than in the last packet.
result<compound> parse(std::span<const std::uint8_t> bytes);

/// LSR and DLSR for a report that leaves at `now` about a source whose latest SR came at `arrived`.
void refer_to(const sender_info& latest, ntp_time arrived, ntp_time now, audio::reception_report& into);

} // namespace plenary::rtcp
