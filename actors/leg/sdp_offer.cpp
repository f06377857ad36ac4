#include "actors/leg/sdp_local.hpp"
#include "actors/leg/sdp_negotiation.hpp"
#include "actors/leg/text_cursor.hpp"

#include <algorithm>
#include <set>

namespace plenary::sdp {

namespace {

constexpr std::uint8_t first_dynamic = 96; // RFC 3551 section 3
constexpr std::uint8_t last_dynamic = 127;
constexpr std::uint8_t default_level_extension = 1;

/// Our latest description, read back; nothing before the first.
struct previous {
  description text;
  std::optional<audio_media> line; ///< nothing: the other side took the stream away
  std::size_t index = 0;           ///< of the m-line for audio; behind the last when there is none
};

/// The audio line that lives, else the first one, whose place a new stream may take (RFC 3264 section 8.1).
std::size_t audio_index(const description& from) {
  auto found = from.medias.size();
  for (auto index = from.medias.size(); index-- > 0;)
    if (const auto& line = from.medias[index]; line.kind == "audio" && line.port != 0)
      return index;
    else if (line.kind == "audio")
      found = index;
  return found;
}

result<previous> read_back(const session& before) {
  previous read;
  if (before.local.empty())
    return read;
  auto parsed = parse(before.local, own_limits);
  if (!parsed)
    return tl::unexpected(parsed.error());
  read.text = std::move(*parsed);
  read.index = audio_index(read.text);
  if (read.index == read.text.medias.size() || read.text.medias[read.index].port == 0)
    return read;
  auto line = read_audio(read.text, read.index);
  if (!line)
    return tl::unexpected(line.error());
  read.line = std::move(*line);
  return read;
}

/// The id under which our latest description asked for levels: ids never change within a session (RFC 8285
/// section 7).
std::uint8_t level_extension_of(const previous& last) {
  if (last.line)
    for (const auto& each : last.text.medias[last.line->index].attributes)
      if (std::string_view value = each.value; each.name == "extmap" && value.ends_with(level_uri))
        return to_number<std::uint8_t>(take_until(value, '/')).value_or(default_level_extension);
  return default_level_extension;
}

/// The profile stays as it is, unless the policy forbids it.
std::string profile_of(const capabilities& ours, const previous& last) {
  const bool secure = ours.srtp == srtp_policy::required || (last.line && last.line->is_secure());
  if (last.line && last.line->is_secure() == secure)
    return last.line->profile;
  return secure ? "RTP/SAVP" : "RTP/AVP";
}

/// Static types keep their number; dynamic ones the number that the session used before, else a free one.
class payload_numbers {
public:
  explicit payload_numbers(const std::vector<payload_format>& known) {
    for (const auto& each : known)
      taken_.insert(each.payload_type);
  }

  std::uint8_t number(const payload_format* known, std::uint8_t otherwise) {
    if (known)
      return known->payload_type;
    while (taken_.count(otherwise) != 0)
      otherwise = otherwise == last_dynamic ? first_dynamic : static_cast<std::uint8_t>(otherwise + 1);
    taken_.insert(otherwise);
    return otherwise;
  }

private:
  std::set<std::uint8_t> taken_;
};

std::uint8_t usual_number(audio::codec_kind codec) {
  switch (codec) {
  case audio::codec_kind::pcmu:
    return 0;
  case audio::codec_kind::pcma:
    return 8;
  case audio::codec_kind::g722:
    return 9;
  case audio::codec_kind::opus:
    break;
  }
  return first_dynamic;
}

local_audio describe(const capabilities& ours, const previous& last) {
  const std::vector<payload_format> none;
  const auto& known = last.line ? last.line->formats : none;
  local_audio offer;
  payload_numbers numbers{known};
  for (auto codec : ours.codecs)
    offer.codecs.emplace_back(numbers.number(find_codec(known, codec), usual_number(codec)), codec);
  const auto* event = find_telephone_event(known, 8000);
  offer.telephone_event = {numbers.number(event, 101), event ? event->clock_rate : 8000};
  if (const auto* noise = find_comfort_noise(known))
    offer.comfort_noise = noise->payload_type;
  if (last.line)
    offer.ptime = std::chrono::milliseconds{last.line->ptime.value_or(20)};
  offer.profile = profile_of(ours, last);
  if (offer.profile.starts_with("RTP/SAVP"))
    for (const auto& key : ours.keys)
      offer.crypto.push_back({static_cast<std::uint32_t>(offer.crypto.size() + 1), key});
  offer.level_extension = level_extension_of(last);
  offer.rtcp_mux = true;
  offer.way = ours.way;
  return offer;
}

/// The answer's side of the crypto lines: RFC 4568 section 5.1.3, exactly one, with a tag and suite of ours.
result<void> take_crypto(const audio_media& offered, const audio_media& answered, negotiated& into) {
  if (!offered.is_secure())
    return {};
  for (const auto& theirs : answered.crypto)
    for (const auto& line : offered.crypto)
      if (line.tag == theirs.tag && line.keys.suite == theirs.keys.suite) {
        into.outbound = line.keys;
        into.inbound = theirs.keys;
        return {};
      }
  return fail(errc::not_acceptable, "SDP answer takes none of the offered crypto lines");
}

/// Sends in the first format of the answer that we offered; receives under the numbers of our offer.
result<void> take_codecs(const audio_media& offered, const audio_media& answered, const capabilities& ours,
                         negotiated& into) {
  const payload_format* first = nullptr;
  for (const auto& theirs : answered.formats)
    for (auto codec : ours.codecs) {
      const auto* own = find_codec(offered.formats, codec);
      if (!own || find_codec(answered.formats, codec) != &theirs)
        continue;
      into.receivable.push_back({own->payload_type, codec});
      if (!first) {
        first = &theirs;
        into.send_payload_type = theirs.payload_type;
        into.send_as = send_encoding(theirs, codec, ours.opus_bitrate);
        into.send_as.ptime = packet_time(answered, theirs);
      }
    }
  if (!first)
    return fail(errc::not_acceptable, "SDP answer takes none of the offered codecs");
  const auto* event = find_telephone_event(offered.formats, 8000);
  if (event && find_telephone_event(answered.formats, event->clock_rate))
    into.telephone_event = {event->payload_type, event->clock_rate};
  return {};
}

} // namespace

result<session> make_offer(const capabilities& ours, const session& before) {
  auto last = read_back(before);
  if (!last)
    return tl::unexpected(last.error());
  const auto offer = describe(ours, *last);
  if (offer.profile.starts_with("RTP/SAVP") && offer.crypto.empty())
    return fail(errc::not_acceptable, "encryption is required, but there is no key to offer");
  std::vector<media> medias;
  for (std::size_t index = 0; index < last->text.medias.size(); ++index)
    medias.push_back(index == last->index ? write_audio(offer, ours.local)
                                          : refuse(last->text.medias[index]));
  if (last->index == medias.size())
    medias.push_back(write_audio(offer, ours.local));
  return advance(before, ours.local, last->text.timing, std::move(medias));
}

result<negotiated> accept_answer(std::string_view answer, const capabilities& ours, const session& offered) {
  auto own = read_back(offered);
  if (!own)
    return tl::unexpected(own.error());
  if (!own->line)
    return fail(errc::malformed, "SDP answer without an offer of ours");
  auto parsed = parse(answer);
  if (!parsed)
    return tl::unexpected(parsed.error());
  if (parsed->medias.size() <= own->index)
    return fail(errc::malformed, "SDP answer has fewer m-lines than the offer");
  auto theirs = read_audio(*parsed, own->index);
  if (!theirs)
    return tl::unexpected(theirs.error());
  if (auto located = locate(*theirs, ours); !located)
    return tl::unexpected(located.error());
  if (theirs->is_secure() != own->line->is_secure())
    return fail(errc::not_acceptable, "SDP answer changes whether media is encrypted");
  auto way = both(own->line->way, reversed(theirs->way));
  negotiated agreed = settle(*theirs, theirs->null_address ? both(way, direction::recvonly) : way);
  if (auto taken = take_crypto(*own->line, *theirs, agreed); !taken)
    return tl::unexpected(taken.error());
  if (auto taken = take_codecs(*own->line, *theirs, ours, agreed); !taken)
    return tl::unexpected(taken.error());
  const auto* noise = find_comfort_noise(own->line->formats);
  agreed.comfort_noise = noise ? std::optional{noise->payload_type} : unasked_noise(agreed);
  agreed.level_extension = theirs->level_extension;
  agreed.next = offered;
  return agreed;
}

} // namespace plenary::sdp
