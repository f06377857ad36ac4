#include "actors/audio/rtp.hpp"

#include "actors/audio/byte_order.hpp"

#include <fmt/format.h>

namespace plenary::audio {

namespace {

constexpr std::size_t fixed_header = 12; // RFC 3550 section 5.1
constexpr std::size_t extension_header = 4;
constexpr std::uint16_t one_byte_profile = 0xbede; // RFC 8285 section 4.2
constexpr std::uint8_t version_2 = 0x80;
constexpr std::uint8_t version_mask = 0xc0;
constexpr std::uint8_t padding_bit = 0x20;
constexpr std::uint8_t extension_bit = 0x10;
constexpr std::uint8_t csrc_mask = 0x0f;
constexpr std::uint8_t marker_bit = 0x80;
constexpr std::uint8_t payload_type_mask = 0x7f;
constexpr std::uint8_t level_mask = 0x7f; // RFC 6464 section 3: the top bit tells voice activity
constexpr std::uint8_t stop_id = 15;      // RFC 8285 section 4.2

/// Finds element `id` in a one-byte-form extension; a broken element ends the search.
std::optional<std::uint8_t> find_level(std::span<const std::uint8_t> elements, std::uint8_t id) {
  std::size_t at = 0;
  while (at < elements.size()) {
    const auto element_id = static_cast<std::uint8_t>(elements[at] >> 4);
    const auto length = static_cast<std::size_t>(elements[at] & 0x0f) + 1;
    if (elements[at] == 0) { // padding
      ++at;
      continue;
    }
    if (element_id == stop_id || at + 1 + length > elements.size())
      return std::nullopt;
    if (element_id == id)
      return static_cast<std::uint8_t>(elements[at + 1] & level_mask);
    at += 1 + length;
  }
  return std::nullopt;
}

/// Bytes of the extension that starts at `start`, its header included; fails when they leave the packet.
result<std::size_t> extension_size(std::span<const std::uint8_t> bytes, std::size_t start) {
  if (bytes.size() < start + extension_header)
    return fail(errc::malformed, fmt::format("RTP packet of {} bytes ends in its extension", bytes.size()));
  const auto size = extension_header + std::size_t{4} * read_u16(bytes, start + 2);
  if (bytes.size() < start + size)
    return fail(errc::malformed,
                fmt::format("RTP extension of {} bytes in a packet of {}", size, bytes.size()));
  return size;
}

/// Bytes of padding at the end (RFC 3550 section 5.1: the last byte counts them, itself included).
result<std::size_t> padding_size(std::span<const std::uint8_t> bytes, std::size_t payload_start) {
  if ((bytes[0] & padding_bit) == 0)
    return std::size_t{0};
  const std::size_t padding = bytes.back();
  if (padding == 0 || payload_start + padding > bytes.size())
    return fail(errc::malformed,
                fmt::format("{} bytes of padding in an RTP packet of {}", padding, bytes.size()));
  return padding;
}

} // namespace

result<rtp_packet> parse_rtp(std::span<const std::uint8_t> bytes, std::uint8_t level_extension) {
  if (bytes.size() < fixed_header)
    return fail(errc::malformed, fmt::format("RTP packet of {} bytes, needs {}", bytes.size(), fixed_header));
  if ((bytes[0] & version_mask) != version_2)
    return fail(errc::malformed, fmt::format("RTP version {}", bytes[0] >> 6));
  auto start = fixed_header + std::size_t{4} * (bytes[0] & csrc_mask);
  if (bytes.size() < start)
    return fail(errc::malformed, fmt::format("RTP packet of {} bytes, header of {}", bytes.size(), start));
  rtp_packet packet;
  if ((bytes[0] & extension_bit) != 0) {
    const auto size = extension_size(bytes, start);
    if (!size)
      return tl::unexpected(size.error());
    if (level_extension != 0 && read_u16(bytes, start) == one_byte_profile)
      packet.level =
          find_level(bytes.subspan(start + extension_header, *size - extension_header), level_extension);
    start += *size;
  }
  const auto padding = padding_size(bytes, start);
  if (!padding)
    return tl::unexpected(padding.error());
  packet.marker = (bytes[1] & marker_bit) != 0;
  packet.payload_type = bytes[1] & payload_type_mask;
  packet.sequence_number = read_u16(bytes, 2);
  packet.timestamp = read_u32(bytes, 4);
  packet.ssrc = read_u32(bytes, 8);
  packet.payload = bytes.subspan(start, bytes.size() - start - *padding);
  return packet;
}

bool is_rtcp(std::span<const std::uint8_t> bytes) {
  constexpr std::uint8_t first_type = 192;
  constexpr std::uint8_t last_type = 223;
  return bytes.size() >= 2 && (bytes[0] & version_mask) == version_2 && bytes[1] >= first_type &&
         bytes[1] <= last_type;
}

std::array<std::uint8_t, 12> write_rtp_header(const rtp_packet& packet) {
  std::array<std::uint8_t, fixed_header> bytes{};
  bytes[0] = version_2;
  bytes[1] =
      static_cast<std::uint8_t>((packet.marker ? marker_bit : 0) | (packet.payload_type & payload_type_mask));
  write_u16(bytes, 2, packet.sequence_number);
  write_u32(bytes, 4, packet.timestamp);
  write_u32(bytes, 8, packet.ssrc);
  return bytes;
}

} // namespace plenary::audio
