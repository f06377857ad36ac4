#include "actors/leg/sdp_local.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary::sdp {

namespace {

connection connection_of(const audio::endpoint& local) {
  return {local.family == 6 ? "IP6" : "IP4", audio::address_text(local)};
}

void add_codec(media& line, std::uint8_t payload_type, audio::codec_kind codec) {
  const bool opus = codec == audio::codec_kind::opus;
  line.formats.push_back(std::to_string(payload_type));
  line.attributes.push_back({"rtpmap", fmt::format("{} {}/{}{}", payload_type, audio::sdp_name(codec),
                                                   audio::rtp_clock_rate(codec), opus ? "/2" : "")});
  if (opus) // what we wish to receive: RFC 7587 section 6.1
    line.attributes.push_back({"fmtp", fmt::format("{} useinbandfec=1;usedtx=1", payload_type)});
}

void add_comfort_noise(media& line, std::uint8_t payload_type) {
  line.formats.push_back(std::to_string(payload_type));
  line.attributes.push_back({"rtpmap", fmt::format("{} CN/8000", payload_type)});
}

void add_telephone_event(media& line, const telephone_event_format& event) {
  line.formats.push_back(std::to_string(event.payload_type));
  line.attributes.push_back(
      {"rtpmap", fmt::format("{} telephone-event/{}", event.payload_type, event.clock_rate)});
  line.attributes.push_back({"fmtp", fmt::format("{} 0-15", event.payload_type)});
}

} // namespace

media write_audio(const local_audio& what, const audio::endpoint& local) {
  media line;
  line.kind = "audio";
  line.port = local.port;
  line.profile = what.profile;
  for (auto [payload_type, codec] : what.codecs)
    add_codec(line, payload_type, codec);
  if (what.comfort_noise)
    add_comfort_noise(line, *what.comfort_noise);
  if (what.telephone_event)
    add_telephone_event(line, *what.telephone_event);
  line.attributes.push_back({"ptime", std::to_string(what.ptime.count())});
  if (what.max_ptime)
    line.attributes.push_back({"maxptime", std::to_string(std::clamp(*what.max_ptime, 10, 120))});
  for (const auto& each : what.crypto)
    line.attributes.push_back({"crypto", to_string(each)});
  if (what.level_extension != 0)
    line.attributes.push_back({"extmap", fmt::format("{}/recvonly {}", what.level_extension, level_uri)});
  if (what.rtcp_mux)
    line.attributes.push_back({"rtcp-mux", ""});
  line.attributes.push_back({"rtcp", std::to_string(local.port)}); // RFC 3605: one port also without rtcp-mux
  line.attributes.push_back({std::string{to_string(what.way)}, ""});
  return line;
}

media refuse(const media& offered) {
  media line;
  line.kind = offered.kind;
  line.profile = offered.profile;
  line.formats = offered.formats;
  if (line.formats.empty()) // RFC 8866 section 9 wants one
    line.formats.emplace_back("0");
  return line;
}

session advance(const session& before, const audio::endpoint& local, std::string timing,
                std::vector<media> medias) {
  description ours;
  ours.from = {"-", std::to_string(before.id), std::to_string(before.version), connection_of(local)};
  ours.at = connection_of(local);
  ours.timing = std::move(timing);
  ours.medias = std::move(medias);
  session after = before;
  if (write(ours) != before.local) {
    ++after.version;
    ours.from.version = std::to_string(after.version);
    after.local = write(ours);
  }
  return after;
}

std::optional<std::uint8_t> unasked_noise(const negotiated& agreed) {
  constexpr std::uint8_t usual = 13; // RFC 3551 section 6
  const auto& all = agreed.receivable;
  const bool taken = agreed.telephone_event && agreed.telephone_event->payload_type == usual;
  const bool free = !taken && std::none_of(all.begin(), all.end(),
                                           [](const auto& each) { return each.payload_type == usual; });
  const bool fits = std::any_of(all.begin(), all.end(),
                                [](const auto& each) { return audio::rtp_clock_rate(each.codec) == 8000; });
  return free && fits ? std::optional{usual} : std::nullopt;
}

negotiated settle(const audio_media& theirs, direction way) {
  negotiated agreed;
  agreed.remote = theirs.remote;
  agreed.remote_rtcp = theirs.remote_rtcp;
  agreed.rtcp_mux = theirs.rtcp_mux;
  agreed.way = way;
  agreed.held = theirs.null_address || !receives(theirs.way);
  return agreed;
}

} // namespace plenary::sdp
