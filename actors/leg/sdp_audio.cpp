#include "actors/leg/sdp_audio.hpp"

#include "actors/audio/media_address.hpp"
#include "actors/leg/text_cursor.hpp"

#include <algorithm>
#include <array>

namespace plenary::sdp {

namespace {

constexpr std::array<std::string_view, 4> profiles{"RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF"};
constexpr std::array directions{direction::inactive, direction::sendonly, direction::recvonly,
                                direction::sendrecv};

/// What the attributes of a session or of an m-line say of audio, read in one walk; the first of each counts.
struct audio_attributes {
  std::optional<direction> way;
  std::optional<std::string_view> rtcp;
  bool rtcp_mux = false;
  std::optional<int> ptime;
  std::optional<int> max_ptime;
  std::uint8_t level_extension = 0;
  std::vector<crypto_line> crypto;
};

bool is_null(const audio::endpoint& where) {
  return where.family != 0 &&
         std::all_of(where.address.begin(), where.address.end(), [](auto byte) { return byte == 0; });
}

bool is_multicast(const audio::endpoint& where) {
  return where.family == 4 ? (where.address[0] & 0xF0U) == 0xE0U
                           : where.family == 6 && where.address[0] == 0xFFU;
}

/// Without an IP literal only the port is known. The literal counts, not the family that stands beside it.
audio::endpoint read_endpoint(std::string_view address, std::uint16_t port) {
  auto where = audio::make_endpoint(address, port);
  return where ? unmapped(*where) : audio::endpoint{.family = 0, .address = {}, .port = port};
}

/// RFC 3605: `a=rtcp:port [IN IP4 address]`; else the port above (RFC 3550 section 11).
audio::endpoint read_rtcp(const audio_attributes& said, const audio::endpoint& remote) {
  audio::endpoint rtcp = remote;
  if (said.rtcp_mux)
    return rtcp;
  rtcp.port = static_cast<std::uint16_t>(remote.port + 1);
  std::string_view rest = said.rtcp.value_or("");
  const auto port = to_number<std::uint16_t>(take_word(rest));
  if (!port)
    return rtcp;
  rtcp.port = *port;
  take_word(rest); // IN
  take_word(rest); // IP4
  const auto other = read_endpoint(take_word(rest), *port);
  return other.family == 0 || is_multicast(other) ? rtcp : other;
}

/// `1[/direction] urn:... [vad=on]` (RFC 8285 section 5); one-byte headers have ids 1 to 14. 0: another one.
std::uint8_t read_level_extension(std::string_view value) {
  auto id_text = take_word(value);
  const auto id = to_number<std::uint8_t>(take_until(id_text, '/'));
  const bool sent = id_text.empty() || same_token(id_text, "sendrecv") || same_token(id_text, "sendonly");
  return take_word(value) == level_uri && sent && id && *id >= 1 && *id <= 14 ? *id : 0;
}

/// Of `a=ptime` or `a=maxptime`; nothing for what no packet can hold.
std::optional<int> read_time(std::string_view value) {
  const auto time = to_leading_number<int>(value);
  return time && *time > 0 ? time : std::nullopt;
}

void read_attribute(const attribute& each, audio_attributes& into) {
  for (auto way : directions)
    if (!into.way && each.name == to_string(way))
      into.way = way;
  if (each.name == "rtcp" && !into.rtcp)
    into.rtcp = each.value;
  else if (each.name == "rtcp-mux")
    into.rtcp_mux = true;
  else if (each.name == "ptime" && !into.ptime)
    into.ptime = read_time(each.value);
  else if (each.name == "maxptime" && !into.max_ptime)
    into.max_ptime = read_time(each.value);
  else if (each.name == "extmap" && into.level_extension == 0)
    into.level_extension = read_level_extension(each.value);
  else if (each.name == "crypto")
    if (auto usable = parse_crypto(each.value))
      into.crypto.push_back(std::move(*usable));
}

audio_attributes read_attributes(const std::vector<attribute>& attributes) {
  audio_attributes said;
  for (const auto& each : attributes)
    read_attribute(each, said);
  return said;
}

/// One of the four in the usual spelling; empty for any other.
std::string_view usual_profile(std::string_view text) {
  for (auto profile : profiles)
    if (same_token(profile, text))
      return profile;
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

std::chrono::milliseconds packet_time(const audio_media& line, const payload_format& format) {
  constexpr std::array steps{10, 20, 40, 60};
  auto wish = line.ptime.value_or(20);
  if (const auto least = format.parameters.find("minptime"); least != format.parameters.end()) // RFC 7587
    wish = std::max(wish, to_leading_number<int>(least->second).value_or(wish));
  wish = std::min(wish, line.max_ptime.value_or(wish));
  const auto above = std::upper_bound(steps.begin(), steps.end(), wish);
  return std::chrono::milliseconds{above == steps.begin() ? steps.front() : *std::prev(above)};
}

result<audio_media> read_audio(const description& from, std::size_t index) {
  PLENARY_ASSERT(index < from.medias.size());
  const auto& line = from.medias[index];
  if (line.kind != "audio" || line.port == 0)
    return fail(errc::not_acceptable, "SDP m-line is not audio or is refused");
  audio_media read;
  read.index = index;
  read.profile = usual_profile(line.profile);
  if (read.profile.empty())
    return fail(errc::not_acceptable, "SDP asks for a transport other than RTP/(S)AVP(F)");
  const auto& at = line.at ? line.at : from.at;
  read.remote = read_endpoint(at ? at->address : "", line.port);
  if (is_multicast(read.remote))
    return fail(errc::not_acceptable, "SDP names a multicast address");
  auto own = read_attributes(line.attributes);
  const auto common = read_attributes(from.attributes);
  read.rtcp_mux = own.rtcp_mux;
  read.remote_rtcp = read_rtcp(own, read.remote);
  read.null_address = is_null(read.remote);
  read.way = own.way.value_or(common.way.value_or(direction::sendrecv));
  read.formats = read_formats(line);
  read.crypto = std::move(own.crypto);
  read.ptime = own.ptime ? own.ptime : common.ptime;
  read.max_ptime = own.max_ptime ? own.max_ptime : common.max_ptime;
  read.level_extension = own.level_extension != 0 ? own.level_extension : common.level_extension;
  return read;
}

} // namespace plenary::sdp
