#include "actors/leg/rtcp.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary::rtcp {

namespace {

// RFC 3550 section 12.1
constexpr std::uint8_t type_sr = 200;
constexpr std::uint8_t type_rr = 201;
constexpr std::uint8_t type_sdes = 202;
constexpr std::uint8_t type_bye = 203;
constexpr std::uint8_t sdes_cname = 1;

constexpr std::uint8_t version_bits = 0x80;
constexpr std::uint8_t padding_bit = 0x20;
constexpr std::size_t header_size = 4;
constexpr std::size_t sender_info_size = 20;
constexpr std::size_t reception_size = 24;
constexpr std::size_t max_receptions = 31;
constexpr std::uint64_t ntp_epoch_offset = 2208988800; // seconds from 1900 to 1970

void put32(std::vector<std::uint8_t>& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint32_t get32(std::span<const std::uint8_t> bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

/// Starts a packet and returns where it starts; finish() writes its length.
std::size_t start(std::vector<std::uint8_t>& bytes, std::uint8_t type, std::size_t count) {
  const auto at = bytes.size();
  bytes.insert(bytes.end(), {static_cast<std::uint8_t>(version_bits | count), type, 0, 0});
  return at;
}

void finish(std::vector<std::uint8_t>& bytes, std::size_t at) {
  const auto words = (bytes.size() - at) / 4 - 1;
  bytes[at + 2] = static_cast<std::uint8_t>(words >> 8);
  bytes[at + 3] = static_cast<std::uint8_t>(words);
}

void put_reception(std::vector<std::uint8_t>& bytes, const audio::reception_report& what) {
  put32(bytes, what.ssrc);
  put32(bytes, std::uint32_t{what.fraction_lost} << 24 |
                   (static_cast<std::uint32_t>(what.cumulative_lost) & 0xFFFFFFU));
  put32(bytes, what.extended_highest_sequence);
  put32(bytes, what.jitter);
  put32(bytes, what.last_sender_report);
  put32(bytes, what.delay_since_sender_report);
}

audio::reception_report get_reception(std::span<const std::uint8_t> bytes, std::size_t at) {
  const auto lost = get32(bytes, at + 4) << 8; // the sign in the top bit
  return {.ssrc = get32(bytes, at),
          .fraction_lost = bytes[at + 4],
          .cumulative_lost = static_cast<std::int32_t>(lost) / 256,
          .extended_highest_sequence = get32(bytes, at + 8),
          .jitter = get32(bytes, at + 12),
          .last_sender_report = get32(bytes, at + 16),
          .delay_since_sender_report = get32(bytes, at + 20)};
}

void put_report(std::vector<std::uint8_t>& bytes, const report& what) {
  const auto count = std::min(what.receptions.size(), max_receptions);
  const auto at = start(bytes, what.sender ? type_sr : type_rr, count);
  put32(bytes, what.ssrc);
  if (what.sender) {
    put32(bytes, static_cast<std::uint32_t>(what.sender->sent_at >> 32));
    put32(bytes, static_cast<std::uint32_t>(what.sender->sent_at));
    put32(bytes, what.sender->rtp_timestamp);
    put32(bytes, what.sender->packets);
    put32(bytes, what.sender->octets);
  }
  for (std::size_t i = 0; i < count; ++i)
    put_reception(bytes, what.receptions[i]);
  finish(bytes, at);
}

void put_cname(std::vector<std::uint8_t>& bytes, std::uint32_t ssrc, std::string_view cname) {
  const auto name = cname.substr(0, 255);
  const auto at = start(bytes, type_sdes, 1);
  put32(bytes, ssrc);
  bytes.push_back(sdes_cname);
  bytes.push_back(static_cast<std::uint8_t>(name.size()));
  bytes.insert(bytes.end(), name.begin(), name.end());
  do // at least one zero byte ends the items (section 6.5)
    bytes.push_back(0);
  while (bytes.size() % 4 != 0);
  finish(bytes, at);
}

tl::unexpected<error> malformed(std::string_view what) {
  return fail(errc::malformed, fmt::format("RTCP {}", what));
}

/// Reads one SR or RR, `packet` being the whole packet.
result<report> get_report(std::span<const std::uint8_t> packet) {
  const bool sender = packet[1] == type_sr;
  const std::size_t count = packet[0] & 0x1FU;
  std::size_t at = header_size + 4 + (sender ? sender_info_size : 0);
  if (packet.size() < at + count * reception_size)
    return malformed("report is shorter than its count says");
  report read;
  read.ssrc = get32(packet, 4);
  if (sender)
    read.sender = sender_info{std::uint64_t{get32(packet, 8)} << 32 | get32(packet, 12), get32(packet, 16),
                              get32(packet, 20), get32(packet, 24)};
  for (std::size_t i = 0; i < count; ++i, at += reception_size)
    read.receptions.push_back(get_reception(packet, at));
  return read;
}

result<void> get_packet(std::span<const std::uint8_t> packet, compound& into) {
  if (packet[1] == type_sr || packet[1] == type_rr) {
    auto read = get_report(packet);
    if (!read)
      return tl::unexpected(read.error());
    into.reports.push_back(std::move(*read));
  } else if (packet[1] == type_bye) {
    const std::size_t count = packet[0] & 0x1FU;
    if (packet.size() < header_size + count * 4)
      return malformed("BYE is shorter than its count says");
    for (std::size_t i = 0; i < count; ++i)
      into.left.push_back(get32(packet, header_size + i * 4));
  }
  return {};
}

} // namespace

ntp_time to_ntp(wall_time time) {
  const auto since = static_cast<std::uint64_t>(time.time_since_epoch().count());
  const std::uint64_t seconds = since / 1'000'000'000 + ntp_epoch_offset;
  return seconds << 32 | ((since % 1'000'000'000) << 32) / 1'000'000'000;
}

std::uint32_t middle(ntp_time time) {
  return static_cast<std::uint32_t>(time >> 16);
}

std::vector<std::uint8_t> build(const report& what, std::string_view cname, bool leaving) {
  std::vector<std::uint8_t> bytes;
  put_report(bytes, what);
  put_cname(bytes, what.ssrc, cname);
  if (leaving) {
    const auto at = start(bytes, type_bye, 1);
    put32(bytes, what.ssrc);
    finish(bytes, at);
  }
  return bytes;
}

result<compound> parse(std::span<const std::uint8_t> bytes) {
  compound read;
  bool first = true;
  do {
    if (bytes.size() < header_size || (bytes[0] & 0xC0U) != version_bits)
      return malformed("packet is too short or not of version 2");
    const std::size_t size = (std::size_t{bytes[2]} << 8 | bytes[3]) * 4 + 4;
    if (size > bytes.size())
      return malformed("packet's length leaves the datagram");
    if (first && bytes[1] != type_sr && bytes[1] != type_rr)
      return malformed("compound starts with neither SR nor RR");
    if ((bytes[0] & padding_bit) != 0 && size != bytes.size())
      return malformed("packet before the last is padded");
    if (auto taken = get_packet(bytes.first(size), read); !taken)
      return tl::unexpected(taken.error());
    bytes = bytes.subspan(size);
    first = false;
  } while (!bytes.empty());
  return read;
}

void refer_to(const sender_info& latest, ntp_time arrived, ntp_time now, audio::reception_report& into) {
  into.last_sender_report = middle(latest.sent_at);
  into.delay_since_sender_report = middle(now - arrived);
}

} // namespace plenary::rtcp
