#include "actors/leg/sdp_negotiation.hpp"

#include "actors/leg/sdp_local.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace plenary::sdp {

namespace {

const audio::srtp_keys* keys_of(const capabilities& ours, audio::crypto_suite suite) {
  auto found = std::find_if(ours.keys.begin(), ours.keys.end(),
                            [suite](const auto& each) { return each.suite == suite; });
  return found == ours.keys.end() ? nullptr : &*found;
}

/// The offered line of the suite that we like best and have a key for, or null.
const crypto_line* choose_crypto(const audio_media& offered, const capabilities& ours) {
  for (const auto& key : ours.keys)
    for (const auto& line : offered.crypto)
      if (line.keys.suite == key.suite)
        return &line;
  return nullptr;
}

result<void> agree_on_crypto(fitting_offer& pair, const capabilities& ours) {
  if (!pair.taken.is_secure()) {
    if (ours.srtp == srtp_policy::required)
      return fail(errc::not_acceptable, "SDP offers unencrypted media, encryption is required");
    return {};
  }
  if (ours.srtp == srtp_policy::off)
    return fail(errc::not_acceptable, "SDP offers encrypted media, encryption is off");
  const auto* line = choose_crypto(pair.taken, ours);
  if (!line)
    return fail(errc::not_acceptable, "SDP offers no usable crypto line");
  pair.crypto = *line;
  pair.answer.crypto = {{line->tag, *keys_of(ours, line->keys.suite)}};
  return {};
}

bool has_clock_of_noise(const std::pair<std::uint8_t, audio::codec_kind>& codec) {
  return audio::rtp_clock_rate(codec.second) == 8000;
}

/// Events alone will do too: a caller who only presses keys.
result<void> agree_on_codecs(fitting_offer& pair, const capabilities& ours) {
  auto& answer = pair.answer;
  for (auto codec : ours.codecs)
    if (const auto* format = find_codec(pair.taken.formats, codec))
      answer.codecs.emplace_back(format->payload_type, codec);
  const auto clock = answer.codecs.empty() ? 8000 : audio::rtp_clock_rate(answer.codecs.front().second);
  if (const auto* event = find_telephone_event(pair.taken.formats, clock))
    answer.telephone_event = {event->payload_type, event->clock_rate};
  if (answer.codecs.empty() && !answer.telephone_event)
    return fail(errc::not_acceptable, "SDP offers no codec of ours");
  const auto* noise = find_comfort_noise(pair.taken.formats);
  if (noise != nullptr && std::any_of(answer.codecs.begin(), answer.codecs.end(), has_clock_of_noise))
    answer.comfort_noise = noise->payload_type;
  if (!answer.codecs.empty())
    answer.ptime = packet_time(pair.taken, *find_codec(pair.taken.formats, answer.codecs.front().second));
  answer.max_ptime = pair.taken.max_ptime;
  return {};
}

result<fitting_offer> consider(const description& offer, std::size_t index, const capabilities& ours) {
  auto read = read_audio(offer, index);
  if (!read)
    return tl::unexpected(read.error());
  fitting_offer pair;
  pair.taken = std::move(*read);
  if (auto located = locate(pair.taken, ours); !located)
    return tl::unexpected(located.error());
  if (auto agreed = agree_on_crypto(pair, ours); !agreed)
    return tl::unexpected(agreed.error());
  if (auto agreed = agree_on_codecs(pair, ours); !agreed)
    return tl::unexpected(agreed.error());
  pair.answer.profile = pair.taken.profile;
  pair.answer.level_extension = pair.taken.level_extension;
  pair.answer.rtcp_mux = pair.taken.rtcp_mux;
  auto theirs = reversed(pair.taken.way);
  pair.answer.way = both(ours.way, pair.taken.null_address ? both(theirs, direction::recvonly) : theirs);
  return pair;
}

/// The higher the better: sound before events alone, encrypted before plain.
int rank_of(const result<fitting_offer>& pair) {
  if (!pair)
    return 0;
  return 1 + (pair->crypto ? 1 : 0) + (pair->answer.codecs.empty() ? 0 : 2);
}

/// The best m-line, the first of equals; else why none fits.
result<fitting_offer> choose(const description& offer, const capabilities& ours) {
  result<fitting_offer> best = fail(errc::not_acceptable, "SDP offers no audio");
  bool tried = false;
  for (std::size_t index = 0; index < offer.medias.size(); ++index) {
    if (offer.medias[index].kind != "audio" || offer.medias[index].port == 0)
      continue;
    auto next = consider(offer, index, ours);
    if (!std::exchange(tried, true) || rank_of(next) > rank_of(best))
      best = std::move(next);
  }
  return best;
}

/// All audio lines say port 0, and there is one.
bool takes_audio_away(const description& offer) {
  const auto is_audio = [](const media& line) { return line.kind == "audio" && line.readable; };
  return std::any_of(offer.medias.begin(), offer.medias.end(), is_audio) &&
         std::none_of(offer.medias.begin(), offer.medias.end(),
                      [](const media& line) { return line.kind == "audio" && line.port != 0; });
}

} // namespace

result<void> locate(audio_media& line, const capabilities& ours) {
  if (line.remote.family == 0 && ours.signalling.family == 0)
    return fail(errc::not_acceptable, "SDP names its media address other than by an IP literal");
  for (auto* place : {&line.remote, &line.remote_rtcp})
    if (place->family == 0) {
      place->family = ours.signalling.family;
      place->address = ours.signalling.address;
    }
  if (ours.local.family != 0 && !line.null_address && line.remote.family != ours.local.family)
    return fail(errc::not_acceptable, fmt::format("SDP names an IPv{} address, and the call's media is IPv{}",
                                                  line.remote.family, ours.local.family));
  return {};
}

result<fitting_offer> read_offer(std::string_view offer, const capabilities& ours, const session& before) {
  auto parsed = parse(offer);
  if (!parsed)
    return tl::unexpected(parsed.error());
  if (!before.local.empty() && takes_audio_away(*parsed)) {
    fitting_offer nothing;
    nothing.offered = std::move(*parsed);
    nothing.removed = true;
    return nothing;
  }
  auto pair = choose(*parsed, ours);
  if (pair)
    pair->offered = std::move(*parsed);
  return pair;
}

negotiated answer_offer(const fitting_offer& what, const capabilities& ours, const session& before) {
  negotiated agreed;
  if (what.removed) {
    agreed.removed = true;
    agreed.way = direction::inactive;
    agreed.held = true;
  } else {
    agreed = settle(what.taken, what.answer.way);
    agreed.telephone_event = what.answer.telephone_event;
    agreed.level_extension = what.answer.level_extension;
    for (auto [type, kind] : what.answer.codecs)
      agreed.receivable.push_back({type, kind});
  }
  if (!agreed.receivable.empty()) {
    const auto [payload_type, codec] = what.answer.codecs.front();
    agreed.send_as = send_encoding(*find_codec(what.taken.formats, codec), codec, ours.opus_bitrate);
    agreed.send_as.ptime = what.answer.ptime;
    agreed.send_payload_type = payload_type;
  }
  agreed.comfort_noise = what.answer.comfort_noise ? what.answer.comfort_noise : unasked_noise(agreed);
  if (what.crypto) {
    agreed.outbound = what.answer.crypto.front().keys;
    agreed.inbound = what.crypto->keys;
  }
  std::vector<media> medias;
  for (std::size_t index = 0; index < what.offered.medias.size(); ++index)
    medias.push_back(!what.removed && index == what.taken.index ? write_audio(what.answer, ours.local)
                                                                : refuse(what.offered.medias[index]));
  agreed.next = advance(before, ours.local, what.offered.timing, std::move(medias));
  return agreed;
}

result<negotiated> negotiate(std::string_view offer, const capabilities& ours, const session& before) {
  return read_offer(offer, ours, before).map([&](const fitting_offer& what) {
    return answer_offer(what, ours, before);
  });
}

} // namespace plenary::sdp
