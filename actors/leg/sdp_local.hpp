#pragma once

#include "actors/leg/sdp_negotiation.hpp"

#include <utility>

namespace plenary::sdp {

/// What our own audio m-line says.
struct local_audio {
  std::string profile = "RTP/AVP";
  std::vector<std::pair<std::uint8_t, audio::codec_kind>> codecs; ///< payload types, best first
  std::optional<telephone_event_format> telephone_event;
  std::vector<crypto_line> crypto;
  std::uint8_t level_extension = 0;
  bool rtcp_mux = false;
  direction way = direction::sendrecv;
};

/// The m-line and its attributes.
media write_audio(const local_audio& what, const audio::endpoint& local);

/// An m-line that refuses `offered` (RFC 3264 section 6: port 0, same kind, profile and formats).
media refuse(const media& offered);

/// The session after a description with these m-lines was sent; its version grows when anything changed.
session advance(const session& before, const audio::endpoint& local, std::string timing,
                std::vector<media> medias);

/// The other side's address, hold and rtcp, as far as offerer and answerer see them alike; `way` is ours.
negotiated settle(const audio_media& theirs, direction way);

} // namespace plenary::sdp
