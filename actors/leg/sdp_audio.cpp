#include "actors/leg/sdp_audio.hpp"

#include "actors/leg/text_cursor.hpp"

#include <algorithm>
#include <array>

namespace plenary::sdp {

namespace {

constexpr std::array<std::string_view, 4> profiles{"RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF"};
constexpr std::array directions{direction::inactive, direction::sendonly, direction::recvonly,
                                direction::sendrecv};

std::optional<direction> find_direction(const std::vector<attribute>& attributes) {
  for (const auto& each : attributes)
    for (auto way : directions)
      if (each.name == to_string(way))
        return way;
  return std::nullopt;
}

direction read_direction(const description& from, const media& line) {
  if (auto own = find_direction(line.attributes))
    return *own;
  return find_direction(from.attributes).value_or(direction::sendrecv);
}

bool is_null(const audio::endpoint& where) {
  return std::all_of(where.address.begin(), where.address.end(), [](auto byte) { return byte == 0; });
}

bool is_multicast(const audio::endpoint& where) {
  return where.family == 4 ? (where.address[0] & 0xF0U) == 0xE0U : where.address[0] == 0xFFU;
}

result<audio::endpoint> read_endpoint(const connection& at, std::uint16_t port) {
  auto where = audio::make_endpoint(at.address, port);
  if (!where || (where->family == 4) != (at.family == "IP4"))
    return fail(errc::not_acceptable, "SDP names its media address other than by an IP literal");
  if (is_multicast(*where))
    return fail(errc::not_acceptable, "SDP names a multicast address");
  return where;
}

/// RFC 3605: `a=rtcp:port [IN IP4 address]`; else the port above (RFC 3550 section 11).
audio::endpoint read_rtcp(const media& line, const audio::endpoint& remote, bool mux) {
  audio::endpoint rtcp = remote;
  if (mux)
    return rtcp;
  rtcp.port = static_cast<std::uint16_t>(remote.port + 1);
  const auto* given = find(line.attributes, "rtcp");
  if (!given)
    return rtcp;
  std::string_view rest = given->value;
  auto port = to_number<std::uint16_t>(take_word(rest));
  if (!port)
    return rtcp;
  rtcp.port = *port;
  take_word(rest); // IN
  connection at;
  at.family = take_word(rest);
  at.address = rest;
  if (auto other = read_endpoint(at, *port); !at.address.empty() && other)
    return *other;
  return rtcp;
}

/// `1[/direction] urn:... [vad=on]` (RFC 8285 section 5); one-byte headers have ids 1 to 14.
std::uint8_t read_level_extension(const description& from, const media& line) {
  for (const auto* attributes : {&line.attributes, &from.attributes})
    for (const auto& each : *attributes) {
      std::string_view rest = each.value;
      auto id_text = take_word(rest);
      auto id = to_number<std::uint8_t>(take_until(id_text, '/'));
      const bool sent = id_text.empty() || id_text == "sendrecv" || id_text == "sendonly";
      if (each.name == "extmap" && take_word(rest) == level_uri && sent && id && *id >= 1 && *id <= 14)
        return *id;
    }
  return 0;
}

std::vector<crypto_line> read_crypto(const media& line) {
  std::vector<crypto_line> usable;
  for (const auto& each : line.attributes)
    if (each.name == "crypto")
      if (auto parsed = parse_crypto(each.value))
        usable.push_back(std::move(*parsed));
  return usable;
}

result<void> check(const description& from, const media& line) {
  if (line.kind != "audio" || line.port == 0)
    return fail(errc::not_acceptable, "SDP m-line is not audio or is refused");
  if (std::find(profiles.begin(), profiles.end(), line.profile) == profiles.end())
    return fail(errc::not_acceptable, "SDP asks for a transport other than RTP/(S)AVP(F)");
  if (!line.at && !from.at)
    return fail(errc::malformed, "SDP without c= line");
  const auto* max_ptime = find(line.attributes, "maxptime");
  if (max_ptime && to_number<unsigned>(max_ptime->value).value_or(20) < 20)
    return fail(errc::not_acceptable, "SDP asks for packets shorter than 20 ms");
  return {};
}

} // namespace

std::string_view to_string(direction way) {
  constexpr std::array<std::string_view, 4> names{"inactive", "sendonly", "recvonly", "sendrecv"};
  return names[static_cast<std::size_t>(way)];
}

direction reversed(direction way) {
  constexpr std::array other{direction::inactive, direction::recvonly, direction::sendonly,
                             direction::sendrecv};
  return other[static_cast<std::size_t>(way)];
}

direction both(direction a, direction b) {
  return static_cast<direction>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}

bool sends(direction way) {
  return both(way, direction::sendonly) != direction::inactive;
}

bool receives(direction way) {
  return both(way, direction::recvonly) != direction::inactive;
}

result<audio_media> read_audio(const description& from, std::size_t index) {
  PLENARY_ASSERT(index < from.medias.size());
  const auto& line = from.medias[index];
  if (auto checked = check(from, line); !checked)
    return tl::unexpected(checked.error());
  auto remote = read_endpoint(line.at ? *line.at : *from.at, line.port);
  if (!remote)
    return tl::unexpected(remote.error());
  audio_media read;
  read.index = index;
  read.profile = line.profile;
  read.remote = *remote;
  read.rtcp_mux = find(line.attributes, "rtcp-mux") != nullptr;
  read.remote_rtcp = read_rtcp(line, *remote, read.rtcp_mux);
  read.null_address = is_null(*remote);
  read.way = read_direction(from, line);
  read.formats = read_formats(line);
  read.crypto = read_crypto(line);
  read.level_extension = read_level_extension(from, line);
  return read;
}

} // namespace plenary::sdp
