#include "actors/leg/sdp_negotiation.hpp"

#include "actors/leg/sdp_local.hpp"

#include <algorithm>

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

/// One of the offer's audio m-lines, with what we would answer it.
struct candidate {
  audio_media offered;
  local_audio answer;
  std::optional<crypto_line> crypto; ///< the offered line that is taken
};

result<void> agree_on_crypto(candidate& pair, const capabilities& ours) {
  if (!pair.offered.is_secure()) {
    if (ours.srtp == srtp_policy::required)
      return fail(errc::not_acceptable, "SDP offers unencrypted media, encryption is required");
    return {};
  }
  if (ours.srtp == srtp_policy::off)
    return fail(errc::not_acceptable, "SDP offers encrypted media, encryption is off");
  const auto* line = choose_crypto(pair.offered, ours);
  if (!line)
    return fail(errc::not_acceptable, "SDP offers no usable crypto line");
  pair.crypto = *line;
  pair.answer.crypto = {{line->tag, *keys_of(ours, line->keys.suite)}};
  return {};
}

result<void> agree_on_codecs(candidate& pair, const capabilities& ours) {
  for (auto codec : ours.codecs)
    if (const auto* format = find_codec(pair.offered.formats, codec))
      pair.answer.codecs.emplace_back(format->payload_type, codec);
  if (pair.answer.codecs.empty())
    return fail(errc::not_acceptable, "SDP offers no codec of ours");
  const auto clock = audio::rtp_clock_rate(pair.answer.codecs.front().second);
  if (const auto* event = find_telephone_event(pair.offered.formats, clock))
    pair.answer.telephone_event = {event->payload_type, event->clock_rate};
  return {};
}

result<candidate> consider(const description& offer, std::size_t index, const capabilities& ours) {
  auto offered = read_audio(offer, index);
  if (!offered)
    return tl::unexpected(offered.error());
  if (offered->remote.family != ours.local.family)
    return fail(errc::not_acceptable, "SDP names an address of the other IP version");
  candidate pair;
  pair.offered = std::move(*offered);
  if (auto agreed = agree_on_crypto(pair, ours); !agreed)
    return tl::unexpected(agreed.error());
  if (auto agreed = agree_on_codecs(pair, ours); !agreed)
    return tl::unexpected(agreed.error());
  pair.answer.profile = pair.offered.profile;
  pair.answer.level_extension = pair.offered.level_extension;
  pair.answer.rtcp_mux = pair.offered.rtcp_mux;
  auto theirs = reversed(pair.offered.way);
  pair.answer.way = both(ours.way, pair.offered.null_address ? both(theirs, direction::recvonly) : theirs);
  return pair;
}

/// The first encrypted candidate, else the first plain one, else why none fits.
result<candidate> choose(const description& offer, const capabilities& ours) {
  result<candidate> best = fail(errc::not_acceptable, "SDP offers no audio");
  for (std::size_t index = 0; index < offer.medias.size(); ++index) {
    if (offer.medias[index].kind != "audio" || offer.medias[index].port == 0)
      continue;
    auto next = consider(offer, index, ours);
    if (next ? (!best || (next->crypto && !best->crypto)) : !best)
      best = std::move(next);
  }
  return best;
}

} // namespace

result<negotiated> negotiate(std::string_view offer, const capabilities& ours, const session& before) {
  auto parsed = parse(offer);
  if (!parsed)
    return tl::unexpected(parsed.error());
  auto pair = choose(*parsed, ours);
  if (!pair)
    return tl::unexpected(pair.error());
  negotiated agreed = settle(pair->offered, pair->answer.way);
  const auto [payload_type, codec] = pair->answer.codecs.front();
  agreed.send_as = send_encoding(*find_codec(pair->offered.formats, codec), codec, ours.opus_bitrate);
  agreed.send_payload_type = payload_type;
  for (auto [type, kind] : pair->answer.codecs)
    agreed.receivable.push_back({type, kind});
  agreed.telephone_event = pair->answer.telephone_event;
  agreed.level_extension = pair->answer.level_extension;
  if (pair->crypto) {
    agreed.outbound = pair->answer.crypto.front().keys;
    agreed.inbound = pair->crypto->keys;
  }
  std::vector<media> medias;
  for (std::size_t index = 0; index < parsed->medias.size(); ++index)
    medias.push_back(index == pair->offered.index ? write_audio(pair->answer, ours.local)
                                                  : refuse(parsed->medias[index]));
  agreed.next = advance(before, ours.local, parsed->timing, std::move(medias));
  return agreed;
}

} // namespace plenary::sdp
