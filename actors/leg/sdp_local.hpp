#pragma once

#include "actors/leg/sdp_negotiation.hpp"

namespace plenary::sdp {

/// Puts the signalling's address where the description names none. Fails with `not_acceptable`: none is
/// known, or the address is of another IP version than ours.
result<void> locate(audio_media& line, const capabilities& ours);

/// The m-line and its attributes.
media write_audio(const local_audio& what, const audio::endpoint& local);

/// An m-line that refuses `offered` (RFC 3264 section 6: port 0, same kind, profile and formats).
media refuse(const media& offered);

/// The session after a description with these m-lines was sent; its version grows when anything changed.
session advance(const session& before, const audio::endpoint& local, std::string timing,
                std::vector<media> medias);

/// The payload type under which comfort noise may come although nobody spoke of it; see negotiated.
std::optional<std::uint8_t> unasked_noise(const negotiated& agreed);

/// The other side's address, hold and rtcp, as far as offerer and answerer see them alike; `way` is ours.
negotiated settle(const audio_media& theirs, direction way);

} // namespace plenary::sdp
